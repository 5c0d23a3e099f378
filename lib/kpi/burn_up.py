"""What falls due and what is delivered, day by day, over the whole contract."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from lib.kpi import coverage
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
    done: defaultdict[date, Fraction] = defaultdict(Fraction)
    for day, kind, amount in daily:
        if kind in quotas:
            done[day] += amount
    required = sum(quota.required for quota in quotas.values())
    return _burn_up(days, due, done, required, "人天")


def of_coverage(connection: Connection, scope: Scope, obligation: Coverage) -> BurnUp:
    """Households reached, each from the day on which it first was."""
    days = workdays(connection, scope)
    due = days.falling_due(obligation.required)
    done = coverage.delivered_by_day(connection, scope, obligation)
    return _burn_up(days, due, done, obligation.required, obligation.unit)


def _burn_up(
    days: Workdays,
    due: Mapping[date, Fraction],
    done: Mapping[date, Fraction | int],
    required: int,
    unit: str,
) -> BurnUp:
    none = Fraction(0)
    gone = [day for day in days.days if day <= days.as_of]
    return BurnUp(
        days=tuple(days.days),
        due=tuple(accumulate(due.get(day, none) for day in days.days)),
        delivered=tuple(accumulate(Fraction(done.get(day, none)) for day in gone)),
        required=Fraction(required),
        unit=unit,
    )
