"""Monthly visits to the elders on the roster: owed, done, compliance (spec §4).

For an elder and a month of D days, a of them on the roster while the contract runs, and n visits
asked for a month: owed r = ceil(n·a/D); done = min(r, distinct days visited in the month).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import CTE, ColumnElement, and_, case, distinct, func, literal, select

from lib.kpi.scope import of_kind
from lib.periods import Month
from lib.store.dialect import overlap_days
from lib.store.ledger import LATEST
from lib.store.schema import calendar_day, elder, entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import Visits
    from lib.kpi.scope import Scope
    from lib.kpi.workdays import Workdays


@dataclass(frozen=True)
class VisitMonth:
    """A month's elders with visits owed, those with all done; visits owed and done."""

    elders: int
    compliant: int
    required: int
    delivered: int


@dataclass(frozen=True)
class SeenThisMonth:
    """Elders of the current month by visits had, and the working days left in it."""

    enough: int
    some: int
    none: int
    working_days_left: int

    @property
    def elders(self) -> int:
        """All elders with visits owed this month."""
        return self.enough + self.some + self.none


def rows(scope: Scope, visits: Visits) -> ColumnElement[bool]:
    """The entries behind the visits."""
    return of_kind(scope, visits.kind)


def by_elder_and_month(scope: Scope, visits: Visits, last: date, first: Month | None = None) -> CTE:
    """A row for each elder and month with visits owed: (elder, locality, month, owed, seen, done).

    Months run from the contract's first (or `first`) to the one of `last`; visits through the as-of
    day count.
    """
    chosen = rows(scope, visits)
    if first:
        chosen = and_(chosen, entry.c.day >= first.first)
    return _visited(_owed(scope, visits, last, first), chosen)


def done_in(
    connection: Connection, scope: Scope, visits: Visits, chosen: ColumnElement[bool]
) -> int:
    """Visits done, of those owed, by chosen entries alone."""
    visited = _visited(_owed(scope, visits, scope.as_of), chosen)
    done = func.coalesce(func.sum(visited.c.done), 0)
    return int(connection.execute(select(done)).scalar_one())


def _owed(scope: Scope, visits: Visits, last: date, first: Month | None = None) -> CTE:
    """A row for each elder and month with visits owed: (elder, locality, month, owed)."""
    begin = str(first) if first else _month(scope.contract.start)
    months = (
        select(
            calendar_day.c.month,
            func.min(calendar_day.c.day).label("first"),
            func.max(calendar_day.c.day).label("last"),
            func.count().label("days"),
        )
        .where(calendar_day.c.month.between(begin, _month(last)))
        .group_by(calendar_day.c.month)
        .cte("months")
    )
    on_roster = overlap_days(
        func.greatest(elder.c.enrolled_on, literal(scope.contract.start)),
        func.least(func.coalesce(elder.c.left_on, scope.contract.end), scope.contract.end),
        months.c.first,
        months.c.last,
    )
    asked = visits.times_per_month * on_roster
    return (
        select(
            elder.c.code.label("elder"),
            elder.c.locality,
            months.c.month,
            ((asked + months.c.days - 1) // months.c.days).label("owed"),
        )
        .select_from(elder.join(months, on_roster > 0))
        .where(elder.c.contract_id == scope.contract_id)
        .cte("owed")
    )


def _visited(owed: CTE, chosen: ColumnElement[bool]) -> CTE:
    """What is owed, beside the days on which chosen entries saw the elder, and those that count."""
    seen = (
        select(
            entry_version.c.elder,
            calendar_day.c.month,
            func.count(distinct(entry.c.day)).label("seen"),
        )
        .select_from(LATEST.join(calendar_day, calendar_day.c.day == entry.c.day))
        .where(chosen)
        .group_by(entry_version.c.elder, calendar_day.c.month)
        .cte("seen")
    )
    days_seen = func.coalesce(seen.c.seen, 0)
    return (
        select(
            owed.c.elder,
            owed.c.locality,
            owed.c.month,
            owed.c.owed,
            days_seen.label("seen"),
            func.least(owed.c.owed, days_seen).label("done"),
        )
        .select_from(
            owed.outerjoin(seen, and_(seen.c.elder == owed.c.elder, seen.c.month == owed.c.month))
        )
        .cte("visited")
    )


def done_by_month(
    connection: Connection, scope: Scope, visits: Visits, chosen: ColumnElement[bool]
) -> Mapping[str, int]:
    """What `done_in` comes to in each month with visits owed."""
    visited = _visited(_owed(scope, visits, scope.as_of), chosen)
    query = select(visited.c.month, func.sum(visited.c.done)).group_by(visited.c.month)
    return {month: int(done) for month, done in connection.execute(query)}


def by_month(
    connection: Connection, scope: Scope, visits: Visits, last: date | None = None
) -> Mapping[str, VisitMonth]:
    """Compliance by month, each month begun by the as-of day (or by `last`)."""
    visited = by_elder_and_month(scope, visits, last or scope.as_of)
    query = (
        select(visited.c.month, *month_figures(visited))
        .group_by(visited.c.month)
        .order_by(visited.c.month)
    )
    return {
        month: VisitMonth(*(int(number) for number in numbers))
        for month, *numbers in connection.execute(query)
    }


def month_figures(visited: CTE) -> tuple[ColumnElement[int], ...]:
    """The columns of a `VisitMonth`, over rows of elders and months."""
    return (
        func.count(),
        func.sum(case((visited.c.done == visited.c.owed, 1), else_=0)),
        func.sum(visited.c.owed),
        func.sum(visited.c.done),
    )


def this_month(
    connection: Connection, scope: Scope, visits: Visits, days: Workdays
) -> SeenThisMonth:
    """Who of the current month's elders has all visits owed, some, none."""
    month = Month.of(scope.as_of)
    visited = by_elder_and_month(scope, visits, scope.as_of, month)
    state = case(
        (visited.c.done == visited.c.owed, "enough"), (visited.c.done > 0, "some"), else_="none"
    )
    query = select(state, func.count()).select_from(visited).group_by(state)
    states: dict[str, int] = {name: number for name, number in connection.execute(query)}  # noqa: C416
    return SeenThisMonth(
        enough=states.get("enough", 0),
        some=states.get("some", 0),
        none=states.get("none", 0),
        working_days_left=days.left_in(month),
    )


def due(months: Mapping[str, VisitMonth], days: Workdays, as_of: date) -> Fraction:
    """Visits due: all of the months that ended, of the current one by working days elapsed."""
    total = Fraction(0)
    for month, figure in months.items():
        elapsed, working = days.in_month(Month.parse(month))
        ended = Month.parse(month).last <= as_of
        total += figure.required * (1 if ended or not working else Fraction(elapsed, working))
    return total


def _month(day: date) -> str:
    return str(Month.of(day))
