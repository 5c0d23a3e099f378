"""Coverage of a campaign: households reached, by locality too, and the problems found there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, distinct, false, func, select

from lib.kpi.scope import of_kind
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version, household, locality

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

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


def rows(scope: Scope, coverage: Coverage) -> ColumnElement[bool]:
    """The entries behind the coverage."""
    return of_kind(scope, coverage.kind)


def delivered(connection: Connection, scope: Scope, coverage: Coverage) -> int:
    """Distinct households with an entry."""
    query = select(func.count(distinct(entry_version.c.household))).select_from(LATEST)
    return connection.execute(query.where(rows(scope, coverage))).scalar_one()


def by_locality(connection: Connection, scope: Scope, coverage: Coverage) -> Mapping[str, Reached]:
    """Households reached by locality code, in the roster's order; where they live now counts."""
    reached = (
        select(entry_version.c.household)
        .select_from(LATEST)
        .where(rows(scope, coverage))
        .distinct()
        .subquery("reached")
    )
    query = (
        select(locality.c.code, func.count(household.c.code), func.count(reached.c.household))
        .select_from(
            locality.outerjoin(
                household,
                and_(
                    household.c.contract_id == locality.c.contract_id,
                    household.c.locality == locality.c.code,
                ),
            ).outerjoin(reached, reached.c.household == household.c.code)
        )
        .where(locality.c.contract_id == scope.contract_id)
        .group_by(locality.c.code, locality.c.position)
        .order_by(locality.c.position)
    )
    return {code: Reached(required, got) for code, required, got in connection.execute(query)}


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
    states = problem_rows(scope, coverage)
    query = (
        select(*(_number_of(states[name]) for name in ("found", "followed", "closed", "overdue")))
        .select_from(LATEST)
        .where(rows(scope, coverage))
    )
    return Problems(*(int(number) for number in connection.execute(query).one()))


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
