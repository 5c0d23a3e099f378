"""Working days of a contract: elapsed, left, and what of a quota is due by them (spec §4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.periods import Month
from lib.store.schema import calendar_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.periods import Period


@dataclass(frozen=True)
class Workdays:
    """The contract's days in order, those of them that are worked, and the as-of day."""

    days: Sequence[date]
    working: Sequence[date]
    as_of: date

    @property
    def elapsed(self) -> int:
        """Working days gone by, the as-of day included."""
        return self._until(self.as_of)

    @property
    def total(self) -> int:
        """Working days of the whole contract."""
        return len(self.working)

    @property
    def left(self) -> int:
        """Working days still to come."""
        return self.total - self.elapsed

    def last(self, number: int) -> Sequence[date]:
        """The last so many of those gone by, newest first."""
        return self.working[max(self.elapsed - number, 0) : self.elapsed][::-1]

    def left_in(self, month: Month) -> int:
        """Working days still to come in a month of the contract."""
        elapsed, total = self.in_month(month)
        return total - elapsed

    def in_month(self, month: Month) -> tuple[int, int]:
        """Working days of a month of the contract: gone by, and in all."""
        before = bisect_left(self.working, month.first)
        gone_by = self._until(min(self.as_of, month.last))
        return max(gone_by - before, 0), self._until(month.last) - before

    def _until(self, day: date) -> int:
        """Working days up to one, that one included."""
        return bisect_right(self.working, day)

    def due(self, required: int, plan: Mapping[str, int] | None = None) -> Fraction:
        """What of a quota is due by the as-of day."""
        parts = [
            (amount * bisect_right(days, self.as_of), len(days))
            for amount, days in self._parts(required, plan)
        ]
        whole = lcm(*(number for _, number in parts))
        return Fraction(sum(part * (whole // number) for part, number in parts), whole)

    def falling_due(
        self, required: int, plan: Mapping[str, int] | None = None
    ) -> Mapping[date, Fraction]:
        """What of a quota falls due on which day."""
        parts = [(Fraction(n, len(days)), days) for n, days in self._parts(required, plan)]
        return {day: part for part, days in parts for day in days}

    def _parts(
        self, required: int, plan: Mapping[str, int] | None
    ) -> Iterator[tuple[int, Sequence[date]]]:
        """What falls due evenly over which days: over all working days (spec §4).

        With a plan, each month's part over that month's working days. What has no working day
        falls due on its last day.
        """
        if not self.days:  # the calendar does not hold the contract yet
            return
        if plan is None:
            yield required, self.working or self.days[-1:]
        else:
            yield from ((plan.get(month, 0), days) for month, days in self._months.items())

    @cached_property
    def _months(self) -> Mapping[str, Sequence[date]]:
        """The working days of each month; its last day where it has none."""
        months: defaultdict[str, list[date]] = defaultdict(list)
        for day in self.days:
            months[str(Month.of(day))].append(day)
        worked = set(self.working)
        return {m: [d for d in days if d in worked] or days[-1:] for m, days in months.items()}


def workdays(connection: Connection, scope: Scope) -> Workdays:
    """The contract's days as of the scope's day."""
    return within(connection, scope.contract.period, scope.as_of)


def within(connection: Connection, period: Period, as_of: date) -> Workdays:
    """The days of a contract that runs so, as of a day."""
    query = (
        select(calendar_day.c.day, calendar_day.c.is_working)
        .where(calendar_day.c.day.between(period.first, period.last))
        .order_by(calendar_day.c.day)
    )
    days = connection.execute(query).all()
    worked = [day for day, is_working in days if is_working]
    return Workdays([day for day, _ in days], worked, as_of)


def working_days_after(connection: Connection, day: date, most: int) -> Sequence[date]:
    """The next so many working days, as far as the store keeps a calendar."""
    query = (
        select(calendar_day.c.day)
        .where(calendar_day.c.is_working, calendar_day.c.day > day)
        .order_by(calendar_day.c.day)
        .limit(most)
    )
    return connection.execute(query).scalars().all()
