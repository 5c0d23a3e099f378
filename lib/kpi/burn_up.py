"""What falls due and what is delivered, day by day, over the whole contract."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from lib.kpi import coverage
from lib.kpi.person_days import UNITS
from lib.kpi.workdays import workdays

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import Coverage
    from lib.kpi.figures import Daily
    from lib.kpi.scope import Scope
    from lib.kpi.workdays import Workdays


@dataclass(frozen=True)
class BurnUp:
    """By the end of each day: due to date, and delivered so far, in a unit."""

    days: tuple[date, ...]
    due: tuple[Fraction, ...]
    delivered: tuple[Fraction, ...]  # as long as days have gone by
    required: Fraction
    unit: str


def of_quotas(scope: Scope, days: Workdays, daily: Daily) -> BurnUp:
    """Person-days of all items together, of those by day."""
    quotas = {quota.code: quota for quota in scope.contract.quotas}
    # What is spread evenly is spread as one: the sum of nine quotas day by day takes long.
    evenly = sum(quota.required for quota in quotas.values() if quota.plan is None)
    due: defaultdict[date, Fraction] = defaultdict(Fraction, days.falling_due(evenly))
    for quota in quotas.values():
        if quota.plan is not None:
            for day, part in days.falling_due(quota.required, quota.plan).items():
                due[day] += part
    done: defaultdict[date, int] = defaultdict(int)
    for day, kind, units in daily:
        if kind in quotas:
            done[day] += units
    required = sum(quota.required for quota in quotas.values())
    return _burn_up(days, due, done, required, "人天", UNITS)


def of_coverage(connection: Connection, scope: Scope, obligation: Coverage) -> BurnUp:
    """Households reached, each from the day on which it first was."""
    days = workdays(connection, scope)
    due = days.falling_due(obligation.required)
    done = coverage.delivered_by_day(connection, scope, obligation)
    return _burn_up(days, due, done, obligation.required, obligation.unit, 1)


def _burn_up(
    days: Workdays,
    due: Mapping[date, Fraction],
    done: Mapping[date, int],
    required: int,
    unit: str,
    parts: int,
) -> BurnUp:
    """What is `done` is counted in `parts` of the unit."""
    none = Fraction(0)
    gone = [day for day in days.days if day <= days.as_of]
    sums = accumulate(done.get(day, 0) for day in gone)
    return BurnUp(
        days=tuple(days.days),
        due=tuple(accumulate(due.get(day, none) for day in days.days)),
        delivered=tuple(Fraction(amount, parts) for amount in sums),
        required=Fraction(required),
        unit=unit,
    )
