"""Selected entries as the offices' own ledgers: a sheet for each kind, and how they were made."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lib.access import sees_full_names
from lib.kpi.cells import headings
from lib.kpi.rows import ledger_rows
from lib.kpi.selection import condition, described, total
from lib.logs import kinds_of
from lib.store.chain import digest
from lib.workbooks.explained import Answer, Question, explanation
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from lib.fields import Plain
    from lib.kpi.cells import Eyes
    from lib.kpi.rows import LedgerRow
    from lib.kpi.scope import Scope
    from lib.kpi.selection import Selection

_HASHED = (
    "各工作表的名称、表头和逐行单元格，按次序，不含标题行、填报单位行、序号和合计；"
    "写成 UTF-8 的 JSON 后计算，键按字母排序，没有空格，日期写作 2023-03-01，空单元格写作 null"
)


def ledger(
    connection: Connection, scope: Scope, wanted: Selection, eyes: Eyes, made_at: str
) -> Answer:
    """The .xlsx of the selected entries, names as `eyes` see them."""
    sheets = ledger_sheets(connection, scope, wanted, eyes)
    found = total(connection, scope, wanted)
    question = Question(
        scope.contract,
        "、".join(described(wanted, scope.contract, eyes.roster)) or "全部记录",
        scope.as_of,
        rows=sum(len(sheet.rows) for sheet in sheets),
        total=(found.unit, float(found.value)),
        names=_names(eyes),
        made=f"{made_at} {eyes.viewer.name}",
    )
    data = office_ledger([*sheets, explanation(question, list(_counted(sheets)))])
    return Answer(data, question.rows)


def rows_hash(sheets: Iterable[LedgerSheet]) -> str:
    """The SHA-256 over what is written: of each sheet its name, headings and cells (`digest`)."""
    return digest(
        [
            {
                "sheet": sheet.name,
                "headings": list(sheet.headings),
                "rows": [list(row) for row in sheet.rows],
            }
            for sheet in sheets
        ]
    )


def ledger_sheets(
    connection: Connection, scope: Scope, wanted: Selection, eyes: Eyes
) -> Sequence[LedgerSheet]:
    """A sheet for each kind that has any of the entries."""
    rows: defaultdict[str, list[LedgerRow]] = defaultdict(list)
    for row in ledger_rows(connection, condition(scope, wanted)):
        rows[row.kind].append(row)
    return [
        LedgerSheet(
            name=kind.sheet,
            headings=headings(kind),
            rows=[list(eyes.cells(row).values()) for row in rows[kind.slug]],
            title=f"{kind.sheet}台账",
            byline=(scope.contract.name, eyes.viewer.name),
        )
        for kind in kinds_of(scope.contract)
        if rows[kind.slug]
    ]


def _counted(sheets: Sequence[LedgerSheet]) -> Iterator[list[Plain]]:
    """How many rows each sheet has, and a hash by which all of them are known again."""
    for sheet in sheets:
        yield [f"{sheet.name}行数", len(sheet.rows)]
    yield ["校验值（SHA-256）", rows_hash(sheets)]
    yield ["校验范围", _HASHED]


def _names(eyes: Eyes) -> str:
    """How names stand in the rows."""
    if sees_full_names(eyes.viewer) and not eyes.masked:
        return "全名"
    return "本组人员的记录为全名，其余只留姓" if eyes.viewer.team else "只留姓，其余以 * 代替"
