"""One locality: its figures by month, its elders and households, what is still open there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.contract import Cases, Coverage, LocalityMonths, Visits
from lib.kpi import cases, coverage, person_days, visits
from lib.kpi.selection import Selection, Total, condition, total, total_by_month
from lib.periods import Month, months_of
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection

    from lib.kpi.cases import Case
    from lib.kpi.scope import Scope


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


@dataclass(frozen=True)
class Source:
    """The entry that something is known from, and its day."""

    entry_id: int
    day: date


@dataclass(frozen=True)
class OpenProblem:
    """A problem found at a household and not closed; `overdue` when open for too long."""

    found: Source
    household: str
    problem: str
    category: str | None
    overdue: bool


def figures(connection: Connection, scope: Scope, locality: str) -> Sequence[Figure]:
    """What is told of a locality, each figure by every month begun by the as-of day."""
    months = _months(scope)
    return tuple(
        Figure(
            name,
            wanted,
            total(connection, scope, wanted),
            total_by_month(connection, scope, wanted, months),
        )
        for name, wanted in _selections(scope, locality)
    )


def worked(connection: Connection, scope: Scope, locality: str) -> Sequence[Figure]:
    """The person-days of each item that was worked on there."""
    found = person_days.by_month_at(connection, scope, locality)
    return tuple(
        Figure(
            f"{quota.name}（{quota.unit}）",
            Selection(figure=quota.code, locality=locality),
            Total(sum(found[quota.code].values(), Fraction(0)), quota.unit),
            {m: Total(found[quota.code].get(m, Fraction(0)), quota.unit) for m in _months(scope)},
        )
        for quota in scope.contract.quotas
        if quota.code in found
    )


def _months(scope: Scope) -> Sequence[str]:
    """The contract's months begun by the as-of day."""
    months = months_of(scope.contract.period)
    return [str(month) for month in months if month.first <= scope.as_of]


def _selections(scope: Scope, locality: str) -> Iterator[tuple[str, Selection]]:
    for obligation in scope.contract.obligation:
        wanted = Selection(figure=obligation.code, locality=locality)
        match obligation:
            case LocalityMonths(kind=kind, leads_field=leads):
                yield "走访天数", wanted
                yield "发现线索", Selection(kind=kind, amount=leads, locality=locality)
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


def reached(
    connection: Connection, scope: Scope, obligation: Coverage, locality: str
) -> Mapping[str, Source]:
    """The first entry of each of the locality's households that was reached, by its code."""
    rows = condition(scope, Selection(figure=obligation.code, locality=locality))
    return _first(connection, entry_version.c.household, rows)


def _first(
    connection: Connection, column: ColumnElement[str], rows: ColumnElement[bool]
) -> Mapping[str, Source]:
    """The first of the entries, by what stands in a column of their contents."""
    query = (
        select(column, entry.c.entry_id, entry.c.day)
        .select_from(LATEST)
        .where(rows)
        .order_by(entry.c.day.desc(), entry.c.entry_id.desc())
    )
    return {value: Source(number, day) for value, number, day in connection.execute(query)}


def open_problems(
    connection: Connection, scope: Scope, obligation: Coverage, locality: str
) -> Sequence[OpenProblem]:
    """The problems found at its households and not closed, the oldest first."""
    fields, details = obligation.problems, entry_version.c.details
    still_open = Selection(figure=obligation.code, state="open", locality=locality)
    query = (
        select(
            entry.c.entry_id,
            entry.c.day,
            entry_version.c.household,
            details[fields.found].as_string(),
            details[fields.category].as_string(),
            coverage.problem_rows(scope, obligation)["overdue"],
        )
        .select_from(LATEST)
        .where(condition(scope, still_open))
        .order_by(entry.c.day, entry.c.entry_id)
    )
    return tuple(
        OpenProblem(Source(number, day), *told) for number, day, *told in connection.execute(query)
    )


def waiting(
    connection: Connection, scope: Scope, obligation: Cases, locality: str
) -> Sequence[tuple[Case, Source]]:
    """The applications accepted there that wait, the longest first, with their acceptance."""
    rows = condition(scope, Selection(figure=obligation.code, state="waiting", locality=locality))
    accepted = _first(connection, entry_version.c.application, rows)
    listed = cases.listed(connection, scope, obligation) if accepted else ()
    return tuple(
        (each, accepted[each.application]) for each in listed if each.application in accepted
    )
