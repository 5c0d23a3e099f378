"""Visits to elders, person by person: who is still owed some, when last seen, in what condition."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import CTE, Date, and_, case, distinct, func, literal, select

from lib.kpi.visits import VisitMonth, by_elder_and_month, month_figures, rows
from lib.periods import Month
from lib.store.ledger import LATEST
from lib.store.schema import elder, entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Select

    from lib.contract import Visits
    from lib.kpi.rows import Page
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Owing:
    """An elder with visits of the current month still owed.

    `days` are those since the last visit, or since visits were first owed; `overdue` when they are
    more than the contract file's threshold; `gone` when no visit can be made up for any more.
    """

    elder: str
    locality: str
    done: int
    owed: int
    last_on: date | None
    days: int
    overdue: bool
    gone: bool


@dataclass(frozen=True)
class Owed:
    """An elder's month: visits owed, and those done."""

    owed: int
    done: int


@dataclass(frozen=True)
class StillOwed:
    """The current month's visits that can still be made, and elders not seen for too long."""

    visits: int
    overdue: int


def by_place(
    connection: Connection, scope: Scope, visits: Visits
) -> Mapping[str, Mapping[str, VisitMonth]]:
    """Compliance by locality code and month; where the elders live now counts."""
    visited = by_elder_and_month(scope, visits, scope.as_of)
    query = select(visited.c.locality, visited.c.month, *month_figures(visited))
    found: defaultdict[str, dict[str, VisitMonth]] = defaultdict(dict)
    for place, month, *numbers in connection.execute(
        query.group_by(visited.c.locality, visited.c.month)
    ):
        found[place][month] = VisitMonth(*(int(number) for number in numbers))
    return dict(found)


def still_owed(connection: Connection, scope: Scope, visits: Visits) -> StillOwed:
    """What is left to do in the current month."""
    owing = _owing(scope, visits)
    can_be = case((owing.c.gone == 0, owing.c.owed - owing.c.done), else_=0)
    late = case((and_(owing.c.gone == 0, owing.c.overdue == 1), 1), else_=0)
    query = select(func.coalesce(func.sum(can_be), 0), func.coalesce(func.sum(late), 0))
    return StillOwed(*(int(number) for number in connection.execute(query).one()))


def number_owing(connection: Connection, scope: Scope, visits: Visits, place: str) -> int:
    """How many elders are still owed visits this month, of a locality or (empty) of all."""
    owing = _owing(scope, visits)
    return int(connection.execute(_of_place(select(func.count()), owing, place)).scalar_one())


def worklist(
    connection: Connection, scope: Scope, visits: Visits, place: str, page: Page | None = None
) -> Sequence[Owing]:
    """Those still owed visits, or a page of them: not seen for too long first, then fewest visits.

    Those who left the roster stand last.
    """
    owing = _owing(scope, visits)
    c = owing.c
    columns = (c.elder, c.locality, c.done, c.owed, c.last_on, c.days, c.overdue, c.gone)
    query = _of_place(select(*columns), owing, place).order_by(
        c.gone, c.overdue.desc(), c.done, c.days.desc(), c.position
    )
    return [
        Owing(**{**row._mapping, "overdue": bool(row.overdue), "gone": bool(row.gone)})
        for row in connection.execute(_paged(query, page))
    ]


def _owing(scope: Scope, visits: Visits) -> CTE:
    """A row for each elder still owed visits this month; `overdue` and `gone` are 0 or 1."""
    visited = by_elder_and_month(scope, visits, scope.as_of)
    last = _last_visits(scope, visits)
    as_of = literal(scope.as_of, Date)
    since = func.coalesce(
        last.c.last_on, func.greatest(elder.c.enrolled_on, literal(scope.contract.start, Date))
    )
    days = func.greatest(func.days_between(since, as_of), 0)
    limit = scope.contract.thresholds.not_seen_days
    return (
        select(
            visited.c.elder,
            visited.c.locality,
            visited.c.done,
            visited.c.owed,
            last.c.last_on,
            days.label("days"),
            case((days > limit, 1), else_=0).label("overdue"),
            case((elder.c.left_on <= as_of, 1), else_=0).label("gone"),
            elder.c.position,
        )
        .select_from(
            visited.join(
                elder,
                and_(elder.c.contract_id == scope.contract_id, elder.c.code == visited.c.elder),
            ).outerjoin(last, last.c.elder == visited.c.elder)
        )
        .where(visited.c.month == str(Month.of(scope.as_of)), visited.c.done < visited.c.owed)
        .cte("owing")
    )


def _last_visits(scope: Scope, visits: Visits) -> CTE:
    """The day of each elder's last visit: (elder, last_on)."""
    return (
        select(entry_version.c.elder, func.max(entry.c.day).label("last_on"))
        .select_from(LATEST)
        .where(rows(scope, visits))
        .group_by(entry_version.c.elder)
        .cte("last_visits")
    )


def last_visit(connection: Connection, scope: Scope, visits: Visits, code: str) -> date | None:
    """The day on which an elder was last seen."""
    last = _last_visits(scope, visits)
    found: date | None = connection.execute(
        select(last.c.last_on).where(last.c.elder == code)
    ).scalar()
    return found


def number_of_elders(connection: Connection, scope: Scope, visits: Visits, place: str) -> int:
    """How many elders have been owed visits so far, of a locality or (empty) of all."""
    visited = by_elder_and_month(scope, visits, scope.as_of)
    query = _of_place(select(func.count(distinct(visited.c.elder))), visited, place)
    return int(connection.execute(query).scalar_one())


def elders(
    connection: Connection, scope: Scope, visits: Visits, place: str, page: Page
) -> Sequence[str]:
    """A page of the codes of the elders who have been owed visits so far, in the roster's order."""
    visited = by_elder_and_month(scope, visits, scope.as_of)
    owed = _of_place(select(visited.c.elder), visited, place)
    query = (
        select(elder.c.code)
        .where(elder.c.contract_id == scope.contract_id, elder.c.code.in_(owed))
        .order_by(elder.c.position)
    )
    return connection.execute(_paged(query, page)).scalars().all()


def months_of(
    connection: Connection, scope: Scope, visits: Visits, codes: Sequence[str]
) -> Mapping[str, Mapping[str, Owed]]:
    """What elders were owed and had, by code and month; no month in which nothing was owed."""
    visited = by_elder_and_month(scope, visits, scope.as_of)
    query = select(visited.c.elder, visited.c.month, visited.c.owed, visited.c.done)
    found: dict[str, dict[str, Owed]] = {code: {} for code in codes}
    for code, month, owed, done in connection.execute(query.where(visited.c.elder.in_(codes))):
        found[code][month] = Owed(owed, done)
    return found


def _of_place(query: Select[Any], table: CTE, place: str) -> Select[Any]:
    query = query.select_from(table)
    return query.where(table.c.locality == place) if place else query


def _paged(query: Select[Any], page: Page | None) -> Select[Any]:
    if page is None:
        return query
    return query.limit(page.size).offset(page.size * (page.number - 1))
