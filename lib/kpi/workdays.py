"""Working days of a contract: elapsed, left, and what of a quota is due by them (spec §4)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from lib.store.schema import calendar_day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.periods import Month


@dataclass(frozen=True)
class Workdays:
    """Working days of the contract by month: (elapsed through the as-of day, in all)."""

    by_month: Mapping[str, tuple[int, int]]

    @property
    def elapsed(self) -> int:
        """Working days gone by, the as-of day included."""
        return sum(elapsed for elapsed, _ in self.by_month.values())

    @property
    def total(self) -> int:
        """Working days of the whole contract."""
        return sum(total for _, total in self.by_month.values())

    @property
    def left(self) -> int:
        """Working days still to come."""
        return self.total - self.elapsed

    def left_in(self, month: Month) -> int:
        """Working days still to come in a month of the contract."""
        elapsed, total = self.by_month.get(str(month), (0, 0))
        return total - elapsed

    def due(self, required: int, plan: Mapping[str, int] | None = None) -> Fraction:
        """What of a quota is due: by its monthly plan, else by working days elapsed."""
        if plan is None:
            return required * _ratio(self.elapsed, self.total)
        return sum(
            (plan.get(month, 0) * _ratio(*days) for month, days in self.by_month.items()),
            start=Fraction(0),
        )


def _ratio(elapsed: int, total: int) -> Fraction:
    return Fraction(elapsed, total) if total else Fraction(0)


def workdays(connection: Connection, scope: Scope) -> Workdays:
    """The contract's working days as of the scope's day."""
    gone = func.sum(case((calendar_day.c.day <= scope.as_of, 1), else_=0))
    query = (
        select(calendar_day.c.month, gone, func.count())
        .where(calendar_day.c.is_working)
        .where(calendar_day.c.day.between(scope.contract.start, scope.contract.end))
        .group_by(calendar_day.c.month)
        .order_by(calendar_day.c.month)
    )
    return Workdays({m: (int(elapsed), total) for m, elapsed, total in connection.execute(query)})


def last_working_days(connection: Connection, scope: Scope, number: int) -> Sequence[date]:
    """The last working days of the contract through the as-of day, newest first."""
    query = (
        select(calendar_day.c.day)
        .where(calendar_day.c.is_working)
        .where(calendar_day.c.day.between(scope.contract.start, scope.as_of))
        .order_by(calendar_day.c.day.desc())
        .limit(number)
    )
    return connection.execute(query).scalars().all()


def working_day_after(connection: Connection, day: date, number: int) -> date | None:
    """The number-th working day after a day; None beyond the calendar kept in the store."""
    query = (
        select(calendar_day.c.day)
        .where(calendar_day.c.is_working, calendar_day.c.day > day)
        .order_by(calendar_day.c.day)
        .offset(number - 1)
        .limit(1)
    )
    return connection.execute(query).scalar()
