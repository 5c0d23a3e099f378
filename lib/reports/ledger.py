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
) -> bytes:
    """The .xlsx of the selected entries, names as `eyes` see them."""
    sheets = _sheets(connection, scope, wanted, eyes)
    made = _made(connection, scope, wanted, eyes, sheets)
    question: list[list[Plain]] = [*made, ["导出", f"{made_at} {eyes.viewer.name}"]]
    return office_ledger([*sheets, LedgerSheet("说明", ["项目", "取值"], question)])


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


def _sheets(
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


def _made(
    connection: Connection,
    scope: Scope,
    wanted: Selection,
    eyes: Eyes,
    sheets: Sequence[LedgerSheet],
) -> Iterator[list[Plain]]:
    """What was asked for, what came of it, and a hash by which it is known again."""
    found = total(connection, scope, wanted)
    asked = "、".join(described(wanted, scope.contract, eyes.roster)) or "全部记录"
    yield ["合同", f"{scope.contract.name}（{scope.contract.code}）"]
    yield ["内容", asked]
    yield ["截至", scope.as_of]
    for sheet in sheets:
        yield [f"{sheet.name}行数", len(sheet.rows)]
    yield ["记录数", sum(len(sheet.rows) for sheet in sheets)]
    yield [f"合计（{found.unit}）", float(found.value)]
    yield ["姓名", _names(eyes)]
    yield ["校验值（SHA-256）", rows_hash(sheets)]
    yield ["校验范围", _HASHED]


def _names(eyes: Eyes) -> str:
    """How names stand in the rows."""
    if sees_full_names(eyes.viewer) and not eyes.masked:
        return "全名"
    return "本组人员的记录为全名，其余只留姓" if eyes.viewer.team else "只留姓，其余以 * 代替"
