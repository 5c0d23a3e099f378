"""Coverage of a campaign: households reached, by locality too, and the problems found there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Subquery, and_, case, distinct, false, func, select

from lib.fields import Choice
from lib.kpi.scope import of_kind
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version, household, locality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.contract import Coverage
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Reached:
    """Households: on the roster, and of those reached."""

    required: int
    delivered: int


@dataclass(frozen=True)
class Problems:
    """Problems found; of those followed up, closed, and open for too long."""

    found: int
    followed: int
    closed: int
    overdue: int

    @property
    def open(self) -> int:
        """Problems not closed yet."""
        return self.found - self.closed


@dataclass(frozen=True)
class Closing:
    """How many days problems took from their finding to their closing."""

    median: Fraction
    longest: int


def rows(scope: Scope, coverage: Coverage) -> ColumnElement[bool]:
    """The entries behind the coverage."""
    return of_kind(scope, coverage.kind)


def delivered(connection: Connection, scope: Scope, coverage: Coverage) -> int:
    """Distinct households with an entry."""
    query = select(func.count(distinct(entry_version.c.household))).select_from(LATEST)
    return connection.execute(query.where(rows(scope, coverage))).scalar_one()


def by_locality(connection: Connection, scope: Scope, coverage: Coverage) -> Mapping[str, Reached]:
    """Households reached by locality code, in the roster's order; where they live now counts."""
    # Not joined with: SQLite would go through all that were reached for each household.
    is_reached = household.c.code.in_(select(reached_once(scope, coverage).c.household))
    query = (
        select(
            locality.c.code,
            func.count(household.c.code),
            func.count(case((is_reached, household.c.code))),
        )
        .select_from(
            locality.outerjoin(
                household,
                and_(
                    household.c.contract_id == locality.c.contract_id,
                    household.c.locality == locality.c.code,
                ),
            )
        )
        .where(locality.c.contract_id == scope.contract_id)
        .group_by(locality.c.code, locality.c.position)
        .order_by(locality.c.position)
    )
    return {code: Reached(required, got) for code, required, got in connection.execute(query)}


def reached_once(scope: Scope, coverage: Coverage) -> Subquery:
    """The households with an entry, each once."""
    return (
        select(entry_version.c.household)
        .select_from(LATEST)
        .where(rows(scope, coverage), entry_version.c.household.is_not(None))
        .distinct()
        .subquery("reached")
    )


def delivered_by_day(
    connection: Connection, scope: Scope, coverage: Coverage
) -> Mapping[date, int]:
    """Households reached for the first time, by day."""
    first = (
        select(entry_version.c.household, func.min(entry.c.day).label("day"))
        .select_from(LATEST)
        .where(rows(scope, coverage))
        .group_by(entry_version.c.household)
        .subquery("first")
    )
    query = select(first.c.day, func.count()).group_by(first.c.day).order_by(first.c.day)
    return {day: number for day, number in connection.execute(query)}  # noqa: C416 - rows, not pairs


def problem_rows(scope: Scope, coverage: Coverage) -> Mapping[str, ColumnElement[bool]]:
    """The entries behind problems found, and what became of them by the as-of day."""
    fields, details = coverage.problems, entry_version.c.details
    found = and_(rows(scope, coverage), details[fields.found].as_string().is_not(None))
    closed_on = details[fields.closed].as_string()
    is_closed = func.coalesce(closed_on <= scope.as_of.isoformat(), false())
    limit = timedelta(days=scope.contract.thresholds.problem_open_days)
    return {
        "found": found,
        "followed": and_(found, details[fields.followed].as_string().is_not(None)),
        "closed": and_(found, is_closed),
        "open": and_(found, ~is_closed),
        "overdue": and_(found, ~is_closed, entry.c.day < scope.as_of - limit),
    }


def problems(connection: Connection, scope: Scope, coverage: Coverage) -> Problems:
    """Problems found by entries of the kind, and what became of them by the as-of day."""
    query = select(*_numbers(scope, coverage)).select_from(LATEST).where(rows(scope, coverage))
    return Problems(*(int(number) for number in connection.execute(query).one()))


def problems_by_category(
    connection: Connection, scope: Scope, coverage: Coverage
) -> Mapping[str, Problems]:
    """The problems of each category, most found first; at last, under "", those without one."""
    category = entry_version.c.details[coverage.problems.category].as_string()
    query = (
        select(category, *_numbers(scope, coverage))
        .select_from(LATEST)
        .where(problem_rows(scope, coverage)["found"])
        .group_by(category)
    )
    found = {
        name or "": Problems(*(int(number) for number in numbers))
        for name, *numbers in connection.execute(query)
    }
    return dict(sorted(found.items(), key=lambda item: (not item[0], -item[1].found, item[0])))


def closing(connection: Connection, scope: Scope, coverage: Coverage) -> Closing | None:
    """How long the problems closed by the as-of day took; None when none is."""
    closed_on = entry_version.c.details[coverage.problems.closed].as_string()
    query = (
        select(entry.c.day, closed_on)
        .select_from(LATEST)
        .where(problem_rows(scope, coverage)["closed"])
    )
    # What is said to be closed before it was found took no time.
    days = [
        max((date.fromisoformat(closed) - found).days, 0)
        for found, closed in connection.execute(query)
    ]
    return Closing(median(map(Fraction, days)), max(days)) if days else None


def answers(
    connection: Connection, scope: Scope, coverage: Coverage, field: str
) -> Mapping[str, int]:
    """Households by what a column of their entries holds: every option of a choice in its order.

    A household with entries of different answers counts under each of them.
    """
    held = entry_version.c.details[field].as_string()
    query = (
        select(held, func.count(distinct(entry_version.c.household)))
        .select_from(LATEST)
        .where(rows(scope, coverage), held.is_not(None))
        .group_by(held)
    )
    found: dict[str, int] = {value: number for value, number in connection.execute(query)}  # noqa: C416 - rows
    type_ = LOG_KINDS[coverage.kind].by_slug[field].type
    options = type_.options if isinstance(type_, Choice) else sorted(found)
    return {value: found.get(value, 0) for value in options}


def _numbers(scope: Scope, coverage: Coverage) -> Sequence[ColumnElement[Any]]:
    """The columns that become `Problems`."""
    states = problem_rows(scope, coverage)
    return [_number_of(states[name]) for name in ("found", "followed", "closed", "overdue")]


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
