"""Selected entries as the offices' own ledgers: a sheet for each kind, and what was asked for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lib.kpi.cells import headings
from lib.kpi.rows import ledger_rows
from lib.kpi.selection import condition, described, total
from lib.logs import kinds_of
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lib.fields import Plain
    from lib.kpi.cells import Eyes
    from lib.kpi.rows import LedgerRow
    from lib.kpi.scope import Scope
    from lib.kpi.selection import Selection


def ledger(
    connection: Connection, scope: Scope, wanted: Selection, eyes: Eyes, made_at: str
) -> bytes:
    """The .xlsx of the selected entries, names as `eyes` see them."""
    rows: defaultdict[str, list[LedgerRow]] = defaultdict(list)
    for row in ledger_rows(connection, condition(scope, wanted)):
        rows[row.kind].append(row)
    sheets = [
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
    found = total(connection, scope, wanted)
    asked = "、".join(described(wanted, scope.contract, eyes.roster)) or "全部记录"
    question: list[list[Plain]] = [
        ["内容", asked],
        ["截至", scope.as_of],
        ["记录数", sum(map(len, rows.values()))],
        [f"合计（{found.unit}）", float(found.value)],
        ["导出", f"{made_at} {eyes.viewer.name}"],
    ]
    return office_ledger([*sheets, LedgerSheet("说明", ["项目", "取值"], question)])
