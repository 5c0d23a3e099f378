"""Localities by month: visited how often, last when, leads found. An indicator, no obligation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, distinct, func, select

from lib.kpi.scope import of_kind
from lib.store.ledger import LATEST
from lib.store.schema import calendar_day, entry, entry_version, locality

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import LocalityMonths
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class LocalityState:
    """A locality's visits so far: days visited, the last of them, and leads found there."""

    days_visited: int
    last_visit: date | None
    leads: int


def rows(scope: Scope, indicator: LocalityMonths) -> ColumnElement[bool]:
    """The entries behind the indicator."""
    return of_kind(scope, indicator.kind)


def localities_by_month(
    connection: Connection, scope: Scope, indicator: LocalityMonths
) -> Mapping[str, int]:
    """Distinct localities visited, by month; months without a visit are left out."""
    query = (
        select(calendar_day.c.month, func.count(distinct(entry_version.c.locality)))
        .select_from(LATEST.join(calendar_day, calendar_day.c.day == entry.c.day))
        .where(rows(scope, indicator))
        .group_by(calendar_day.c.month)
        .order_by(calendar_day.c.month)
    )
    return {month: number for month, number in connection.execute(query)}  # noqa: C416 - rows


def visits_by_month(
    connection: Connection, scope: Scope, indicator: LocalityMonths
) -> Mapping[tuple[str, str], int]:
    """Days visited by (locality code, month); pairs without a visit are left out."""
    query = (
        select(entry_version.c.locality, calendar_day.c.month, func.count(distinct(entry.c.day)))
        .select_from(LATEST.join(calendar_day, calendar_day.c.day == entry.c.day))
        .where(rows(scope, indicator))
        .group_by(entry_version.c.locality, calendar_day.c.month)
    )
    return {(place, month): number for place, month, number in connection.execute(query)}


def states(
    connection: Connection, scope: Scope, indicator: LocalityMonths
) -> Mapping[str, LocalityState]:
    """Every locality's state by code, in the roster's order."""
    leads = entry_version.c.details[indicator.leads_field].as_integer()
    visited = (
        select(
            entry_version.c.locality,
            func.count(distinct(entry.c.day)).label("days"),
            func.max(entry.c.day).label("last"),
            func.coalesce(func.sum(leads), 0).label("leads"),
        )
        .select_from(LATEST)
        .where(rows(scope, indicator))
        .group_by(entry_version.c.locality)
        .subquery("visited")
    )
    query = (
        select(locality.c.code, visited.c.days, visited.c.last, visited.c.leads)
        .select_from(locality.outerjoin(visited, and_(visited.c.locality == locality.c.code)))
        .where(locality.c.contract_id == scope.contract_id)
        .order_by(locality.c.position)
    )
    return {
        code: LocalityState(days or 0, last, int(leads or 0))
        for code, days, last, leads in connection.execute(query)
    }
