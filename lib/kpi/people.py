"""The work of each staff member: person-days by item and by month, entries by day."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lib.kpi.person_days import UNITS, shares
from lib.kpi.scope import counted
from lib.periods import Month
from lib.store.ledger import LATEST_PEOPLE
from lib.store.schema import calendar_day, entry, entry_person

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope


def by_item(connection: Connection, scope: Scope) -> Mapping[tuple[str, str], Fraction]:
    """Person-days by (staff code, kind); pairs without any are left out."""
    share = shares(scope)
    query = select(share.c.staff, share.c.kind, func.sum(share.c.units)).group_by(
        share.c.staff, share.c.kind
    )
    return {
        (staff, kind): Fraction(int(units), UNITS)
        for staff, kind, units in connection.execute(query)
    }


def by_month(connection: Connection, scope: Scope) -> Mapping[tuple[str, str], Fraction]:
    """Person-days by (staff code, month), which are days worked; pairs without are left out."""
    share = shares(scope)
    query = (
        select(share.c.staff, calendar_day.c.month, func.sum(share.c.units))
        .select_from(share.join(calendar_day, calendar_day.c.day == share.c.day))
        .group_by(share.c.staff, calendar_day.c.month)
    )
    return {
        (staff, month): Fraction(int(units), UNITS)
        for staff, month, units in connection.execute(query)
    }


def entries_by_day(connection: Connection, scope: Scope) -> Mapping[tuple[str, date], int]:
    """Entries by (staff code, day) in the month of the as-of day; days without are left out."""
    month = Month.of(scope.as_of)
    query = (
        select(entry_person.c.staff, entry.c.day, func.count())
        .select_from(LATEST_PEOPLE)
        .where(counted(scope), entry.c.day.between(month.first, month.last))
        .group_by(entry_person.c.staff, entry.c.day)
    )
    return {(staff, day): number for staff, day, number in connection.execute(query)}
