"""Person-days: one person and day yields at most one, shared over the items worked on (spec §4).

Counted in whole units of which every possible share is a whole number, so that sums are exact on
every store: with ten items a person-day is lcm(1…10) = 2520 units.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from sqlalchemy import CTE, ColumnElement, func, literal, select

from lib.kpi.scope import counted, of_kind
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST, LATEST_PEOPLE
from lib.store.schema import entry, entry_person, entry_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import PersonDays
    from lib.kpi.scope import Scope

UNITS = lcm(*range(1, len(LOG_KINDS) + 1))


def shares(scope: Scope) -> CTE:
    """A row for each person, day and item worked on: (staff, day, kind, units)."""
    worked = (
        select(entry_person.c.staff, entry.c.day, entry.c.kind)
        .select_from(LATEST_PEOPLE)
        .where(counted(scope))
        .distinct()
        .cte("worked")
    )
    items = func.count().over(partition_by=(worked.c.staff, worked.c.day))
    units = (literal(UNITS) // items).label("units")
    return select(worked.c.staff, worked.c.day, worked.c.kind, units).cte("share")


def rows(scope: Scope, quota: PersonDays) -> ColumnElement[bool]:
    """The entries behind an item's person-days."""
    return of_kind(scope, quota.code)


def delivered(connection: Connection, scope: Scope) -> Mapping[str, Fraction]:
    """Person-days by item; items without any are left out."""
    share = shares(scope)
    query = select(share.c.kind, func.sum(share.c.units)).group_by(share.c.kind)
    return {kind: Fraction(int(units), UNITS) for kind, units in connection.execute(query)}


def delivered_by_day(connection: Connection, scope: Scope) -> Sequence[tuple[date, str, Fraction]]:
    """Person-days by day and item, in order of days."""
    share = shares(scope)
    query = (
        select(share.c.day, share.c.kind, func.sum(share.c.units))
        .group_by(share.c.day, share.c.kind)
        .order_by(share.c.day, share.c.kind)
    )
    return [
        (day, kind, Fraction(int(units), UNITS)) for day, kind, units in connection.execute(query)
    ]


def delivered_by_locality(
    connection: Connection, scope: Scope, kind: str
) -> Mapping[str, Fraction]:
    """An item's person-days by locality code; a person's share is parted over the day's places."""
    share = shares(scope)
    placed = (
        select(entry_person.c.staff, entry.c.day, entry_version.c.locality)
        .select_from(
            LATEST.join(
                entry_person,
                (entry_person.c.contract_id == entry.c.contract_id)
                & (entry_person.c.entry_id == entry.c.entry_id)
                & (entry_person.c.version == entry.c.version),
            )
        )
        .where(of_kind(scope, kind), entry_version.c.locality.is_not(None))
        .distinct()
        .cte("placed")
    )
    places = func.count().over(partition_by=(placed.c.staff, placed.c.day))
    spread = select(placed.c.staff, placed.c.day, placed.c.locality, places.label("places")).cte()
    query = (
        select(spread.c.locality, spread.c.places, func.sum(share.c.units))
        .join(share, (share.c.staff == spread.c.staff) & (share.c.day == spread.c.day))
        .where(share.c.kind == kind)
        .group_by(spread.c.locality, spread.c.places)
    )
    totals: defaultdict[str, Fraction] = defaultdict(Fraction)
    for locality, number, units in connection.execute(query):
        totals[locality] += Fraction(int(units), UNITS * number)
    return totals
