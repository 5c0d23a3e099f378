"""One person in two localities for work of which a day's is done in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.findings.rule import Rule
from lib.findings.subject import named
from lib.findings.whereabouts import ONE_PLACE, PERSON_DAY, several
from lib.kpi.scope import counted
from lib.store.ledger import LATEST_STAFF
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """A person's entries of a day, where they are in two localities: a finding a person and day."""
    day = (
        select(
            named(*PERSON_DAY).label("subject"),
            entry.c.entry_id,
            several(entry_version.c.locality).label("apart"),
        )
        .select_from(LATEST_STAFF)
        .where(counted(scope), entry.c.kind.in_(ONE_PLACE))
        .subquery()
    )
    return select(day.c.subject, day.c.entry_id).where(day.c.apart)


TWO_LOCALITIES = Rule(
    code="two_localities",
    name="同日排查两处",
    meaning="同一人同一天在两个村（社区）排查，合同约定每人每天一处。可能日期或人员写错，也可能半天换了一处。",
    threshold=lambda _: "每人每天排查一个村（社区）",
    rows=rows,
)
