"""What each of the staff did: person-days by item and by month, entries day by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lib.kpi.person_days import UNITS, shares
from lib.kpi.scope import counted
from lib.store.ledger import LATEST_PEOPLE
from lib.store.schema import entry, entry_person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.periods import Month


@dataclass(frozen=True)
class Worked:
    """Person-days by (staff, item) and by (staff, `YYYY-MM`); pairs without any are left out."""

    by_item: Mapping[tuple[str, str], Fraction]
    by_month: Mapping[tuple[str, str], Fraction]


def worked(connection: Connection, scope: Scope) -> Worked:
    """The person-days of all staff, of all items, those without a quota among them."""
    by_item: Counter[tuple[str, str]] = Counter()
    by_month: Counter[tuple[str, str]] = Counter()
    for day, kind, _, staff, units in shares(connection, counted(scope)):
        month = f"{day:%Y-%m}"
        for person, number in zip(staff, units, strict=True):
            by_item[person, kind] += number
            by_month[person, month] += number
    return Worked(_person_days(by_item), _person_days(by_month))


def _person_days(units: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], Fraction]:
    return {each: Fraction(number, UNITS) for each, number in units.items()}


def entries_by_day(
    connection: Connection, scope: Scope, month: Month
) -> Mapping[tuple[str, date], Mapping[str, int]]:
    """Entries of which kind, how many, by (staff, day) of a month; days without are left out."""
    query = (
        select(entry_person.c.staff, entry.c.day, entry.c.kind, func.count())
        .select_from(LATEST_PEOPLE)
        .where(counted(scope), entry.c.day.between(month.first, month.last))
        .group_by(entry_person.c.staff, entry.c.day, entry.c.kind)
        .order_by(entry_person.c.staff, entry.c.day, entry.c.kind)
    )
    found: defaultdict[tuple[str, date], dict[str, int]] = defaultdict(dict)
    for staff, day, kind, number in connection.execute(query):
        found[staff, day][kind] = number
    return dict(found)
