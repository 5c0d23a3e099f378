"""One locality: its figures by month, its elders this month, its households."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lib.contract import Cases, Coverage, LocalityMonths, Visits
from lib.kpi import coverage, visits
from lib.kpi.selection import Selection, total
from lib.periods import Month, months_of
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version, household

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.kpi.selection import Total


@dataclass(frozen=True)
class Figure:
    """A figure of the locality, whole and by month: its name, and the entries it counts."""

    name: str
    wanted: Selection
    total: Total
    months: Mapping[str, Total]


@dataclass(frozen=True)
class ElderMonth:
    """An elder of the locality: visits owed in the as-of day's month, and done."""

    elder: str
    owed: int
    done: int


def figures(connection: Connection, scope: Scope, locality: str) -> Sequence[Figure]:
    """What is told of a locality, each figure by every month begun by the as-of day."""
    months = [month for month in months_of(scope.contract.period) if month.first <= scope.as_of]
    return tuple(
        Figure(
            name,
            wanted,
            total(connection, scope, wanted),
            {str(m): total(connection, scope, replace(wanted, month=str(m))) for m in months},
        )
        for name, wanted in _selections(scope, locality)
    )


def _selections(scope: Scope, locality: str) -> Iterator[tuple[str, Selection]]:
    for obligation in scope.contract.obligation:
        wanted = Selection(figure=obligation.code, locality=locality)
        match obligation:
            case LocalityMonths():
                yield "走访天数", wanted
            case Coverage():
                yield obligation.name, wanted
                yield "未办结问题", replace(wanted, state="open")
            case Visits():
                yield obligation.name, wanted
            case Cases():
                yield "受理申请", replace(wanted, state="opened")
                yield "待调查申请", replace(wanted, state="waiting")
    yield "全部记录", Selection(locality=locality)


def elders(
    connection: Connection, scope: Scope, obligation: Visits, locality: str
) -> Sequence[ElderMonth]:
    """The locality's elders with visits owed in the as-of day's month, the least visited first."""
    visited = visits.by_elder_and_month(scope, obligation, scope.as_of)
    query = (
        select(visited.c.elder, visited.c.owed, visited.c.done)
        .where(visited.c.locality == locality, visited.c.month == str(Month.of(scope.as_of)))
        .order_by(visited.c.done, visited.c.elder)
    )
    return tuple(ElderMonth(*row) for row in connection.execute(query))


def reached_on(
    connection: Connection, scope: Scope, obligation: Coverage, locality: str
) -> Mapping[str, date]:
    """The day on which each of the locality's households was reached first, by its code."""
    query = (
        select(entry_version.c.household, func.min(entry.c.day))
        .select_from(LATEST.join(household, household.c.code == entry_version.c.household))
        .where(
            coverage.rows(scope, obligation),
            household.c.contract_id == scope.contract_id,
            household.c.locality == locality,
        )
        .group_by(entry_version.c.household)
    )
    return {code: day for code, day in connection.execute(query)}  # noqa: C416 - rows
