"""The months that wait to be signed: they have ended, and no signature of them holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.kpi.settlement import last_day
from lib.periods import months_of
from lib.store import signatures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.periods import Month


def unsigned(connection: Connection, scope: Scope, today: date) -> Sequence[Month]:
    """These months, the oldest first."""
    closed = signatures.closed_months(connection, scope.contract_id)
    return [
        month
        for month in months_of(scope.contract.period)
        if last_day(scope, month) < today and str(month) not in closed
    ]
