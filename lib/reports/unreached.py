"""The households that a campaign has not reached, as a workbook to work from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import masked_name
from lib.kpi.unreached import listed
from lib.store import rosters
from lib.workbooks.explained import Answer, Question, explanation
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lib.contract import Coverage
    from lib.fields import Plain
    from lib.kpi.scope import Scope
    from lib.kpi.unreached import Among
    from lib.rosters import Household

_HEADINGS = ("村(社区)", "户编号", "户主姓名", "救助类别", "家庭人口")


def workbook(
    connection: Connection,
    scope: Scope,
    obligation: Coverage,
    among: Among,
    *,
    full_names: bool,
    by: str,
    made_at: str,
) -> Answer:
    """The .xlsx of the households not reached, their heads masked unless `full_names`."""
    places = rosters.load(connection, scope.contract_id).localities

    def cells(home: Household) -> list[Plain]:
        head = home.head_name if full_names else masked_name(home.head_name)
        place = places[home.locality].name
        return [place, home.code, head, home.aid_category, home.members]

    rows = [cells(home) for home in listed(connection, scope, obligation, among)]
    sheet = LedgerSheet(
        name="未走访家庭",
        headings=_HEADINGS,
        rows=rows,
        title=f"{obligation.name}：未走访家庭",
        byline=(scope.contract.name, by),
    )
    question = Question(
        scope.contract,
        f"{obligation.name}：未走访家庭",
        scope.as_of,
        rows=len(rows),
        total=(obligation.unit, len(rows)),
        names="全名" if full_names else "只留姓，其余以 * 代替",
        made=f"{made_at} {by}",
    )
    narrowed: list[list[Plain]] = [
        ["村（社区）", places[among.locality].name if among.locality else "全部"],
        ["救助类别", among.category or "全部"],
    ]
    return Answer(office_ledger([sheet, explanation(question, narrowed)]), len(rows))
