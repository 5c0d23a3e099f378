"""Person-days: one person and day yields at most one, shared over the items worked on (spec §4).

Counted in whole units of which every possible share is a whole number, so that sums are exact on
every store: with ten items a person-day is lcm(1…10) = 2520 units. All of it is asked of the rows;
what is glanced at comes from sums that are kept of them (`kpi.sums`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from itertools import repeat
from math import lcm
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import CTE, ColumnElement, and_, func, literal, select

from lib.kpi.scope import counted, of_kind
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST, LATEST_PEOPLE
from lib.store.schema import calendar_day, entry, entry_person, entry_version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Select

    from lib.contract import PersonDays
    from lib.kpi.scope import Scope

UNITS = lcm(*range(1, len(LOG_KINDS) + 1))


class Shares(NamedTuple):
    """An item's day: how many entries, who worked on them, and the units that each of those yields.

    `staff` are codes, each once; `units` are in step with them.
    """

    day: date
    kind: str
    entries: int
    staff: Collection[str]
    units: Sequence[int]


def shares(connection: Connection, effective: ColumnElement[bool]) -> Iterator[Shares]:
    """The shares of each item's day, among the effective entries of whole days.

    The store says who worked on it; how many items a person's day had is counted here: a window
    over them takes the store twice as long.
    """
    key = ("contract_id", "entry_id", "version")
    same = and_(*(entry_person.c[name] == entry.c[name] for name in key))
    query = (
        select(
            entry.c.day,
            entry.c.kind,
            func.count(entry.c.entry_id.distinct()),
            func.aggregate_strings(entry_person.c.staff, _PARTED),
        )
        .outerjoin_from(entry, entry_person, same)  # SQLite then begins with the entries
        .where(effective)
        .group_by(entry.c.kind, entry.c.day)
    )
    found = connection.execute(query).all()
    worked = [(*of, set(staff.split(_PARTED) if staff else ())) for *of, staff in found]
    items: Counter[tuple[date, str]] = Counter()
    for day, _, _, staff in worked:
        items.update(zip(repeat(day), staff, strict=False))
    for day, kind, entries, staff in worked:
        yield Shares(day, kind, entries, staff, [UNITS // items[day, each] for each in staff])


_PARTED = "\n"  # stands in nobody's code


def rows(scope: Scope, quota: PersonDays) -> ColumnElement[bool]:
    """The entries behind an item's person-days."""
    return of_kind(scope, quota.code)


def delivered(connection: Connection, scope: Scope) -> Mapping[str, Fraction]:
    """Person-days by item; items without any are left out."""
    return through(units_by_day(connection, scope), scope.as_of)


def units_by_day(connection: Connection, scope: Scope) -> Sequence[tuple[date, str, int]]:
    """Units of person-days by day and item, in order of days."""
    found = shares(connection, counted(scope))
    return sorted((each.day, each.kind, sum(each.units)) for each in found)


def through(daily: Iterable[tuple[date, str, int]], last: date) -> Mapping[str, Fraction]:
    """Person-days by item through a day, of units by day: as `delivered` finds them by then."""
    totals: defaultdict[str, int] = defaultdict(int)
    for day, kind, units in daily:
        if day <= last:
            totals[kind] += units
    return {kind: Fraction(units, UNITS) for kind, units in totals.items()}


def parts(scope: Scope) -> CTE:
    """A row for each person and entry: (staff, entry_id, day, kind, units, entries).

    A person's share of a day's item is shared equally over that person's entries of the item that
    day: `units / entries`, whichever way entries are grouped they add up to the whole. The share is
    that of `shares`, found in one pass: a join of the two takes seconds on SQLite.
    """
    person_day = (entry_person.c.staff, entry.c.day)
    first = func.dense_rank().over(partition_by=person_day, order_by=entry.c.kind)
    last = func.dense_rank().over(partition_by=person_day, order_by=entry.c.kind.desc())
    alike = func.count().over(partition_by=(*person_day, entry.c.kind))
    return (
        select(
            entry_person.c.staff,
            entry.c.entry_id,
            entry.c.day,
            entry.c.kind,
            # Ranked from both ends, each item's two ranks add up to the items and one more.
            (literal(UNITS) // (first + last - 1)).label("units"),
            alike.label("entries"),
        )
        .select_from(LATEST_PEOPLE)
        .where(counted(scope))
        .cte("part")
    )


def of_entries(
    connection: Connection, scope: Scope, chosen: ColumnElement[bool], staff: str = ""
) -> Fraction:
    """The person-days of chosen entries: of all their people, or of one."""
    part = parts(scope)
    query = (
        select(part.c.entries, func.sum(part.c.units))
        .where(part.c.entry_id.in_(_among(chosen)))
        .group_by(part.c.entries)
    )
    if staff:
        query = query.where(part.c.staff == staff)
    return sum((_days(units, number) for number, units in connection.execute(query)), Fraction(0))


def by_entry(
    connection: Connection, scope: Scope, chosen: ColumnElement[bool]
) -> Iterator[tuple[int, str, Fraction]]:
    """Entry, item and person-days of each chosen entry, all its people together."""
    part = parts(scope)
    query = (
        select(part.c.entry_id, part.c.kind, part.c.entries, func.sum(part.c.units))
        .where(part.c.entry_id.in_(_among(chosen)))
        .group_by(part.c.entry_id, part.c.kind, part.c.entries)
    )
    for entry_id, kind, number, units in connection.execute(query):
        yield entry_id, kind, _days(units, number)


def _among(chosen: ColumnElement[bool]) -> Select[tuple[int]]:
    """The numbers of chosen entries, to look for parts among them.

    No join: PostgreSQL, before it has statistics, would walk through the parts for each entry.
    """
    return select(entry.c.entry_id).select_from(LATEST).where(chosen)


def delivered_by_locality(
    connection: Connection, scope: Scope, kind: str
) -> Mapping[str, Fraction]:
    """An item's person-days by locality code; entries without a place are left out."""
    part = parts(scope)
    query = (
        select(entry_version.c.locality, part.c.entries, func.sum(part.c.units))
        .select_from(LATEST.join(part, part.c.entry_id == entry.c.entry_id))
        .where(of_kind(scope, kind), entry_version.c.locality.is_not(None))
        .group_by(entry_version.c.locality, part.c.entries)
    )
    totals: defaultdict[str, Fraction] = defaultdict(Fraction)
    for locality, number, units in connection.execute(query):
        totals[locality] += _days(units, number)
    return totals


def by_month_at(
    connection: Connection, scope: Scope, locality: str
) -> Mapping[str, Mapping[str, Fraction]]:
    """Person-days of the work done in a locality, by item and month."""
    part = parts(scope)
    there = and_(counted(scope), entry_version.c.locality == locality)
    query = (
        select(part.c.kind, calendar_day.c.month, part.c.entries, func.sum(part.c.units))
        .select_from(part.join(calendar_day, calendar_day.c.day == part.c.day))
        .where(part.c.entry_id.in_(_among(there)))
        .group_by(part.c.kind, calendar_day.c.month, part.c.entries)
    )
    totals: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)
    for kind, month, number, units in connection.execute(query):
        months = totals[kind]
        months[month] = months.get(month, Fraction(0)) + _days(units, number)
    return totals


def _days(units: int, entries: int) -> Fraction:
    """Units of a share, parted over so many entries, as person-days."""
    return Fraction(int(units), UNITS * entries)
