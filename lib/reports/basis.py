"""What a report rests on: how many entries counted when it was made, and their person-days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.kpi.selection import PERSON_DAYS, Selection, total

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.periods import Month


def basis(connection: Connection, scope: Scope, month: Month | None = None) -> str:
    """In words: the entries of the month, or of the whole contract, through the scope's day."""
    within = str(month) if month else ""
    as_of = min(scope.as_of, month.last) if month else scope.as_of
    entries = total(connection, scope, Selection(month=within))
    days = total(connection, scope, Selection(month=within, amount=PERSON_DAYS))
    of = str(month) if month else "合同期内"
    return (
        f"依据{of}截至 {as_of} 计入的记录 {int(entries.value)} 条，"
        f"合计 {float(days.value):.4f} 人天"
    )
