"""The working-day calendar of mainland China as a table, public holidays and make-up days in it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import chinese_calendar
from sqlalchemy import delete, extract, select

from lib.periods import Month, Period, days_of
from lib.store import bulk
from lib.store.schema import calendar_day

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SATURDAY = 5


def fill(connection: Connection, period: Period) -> bool:
    """Enter every day of the years that the period touches and one more; whether any changed.

    Announced days stay; a year for which weekdays stood in is taken anew, should it be known now.
    """
    last = period.last or period.first
    years = Period(date(period.first.year, 1, 1), date(last.year + 1, 12, 31))
    within = calendar_day.c.day.between(years.first, years.last)
    query = select(calendar_day.c.day, calendar_day.c.is_announced).where(within)
    held = {row.day: row.is_announced for row in connection.execute(query)}
    rows = [_row(day) for day in days_of(years) if not held.get(day)]
    connection.execute(delete(calendar_day).where(~calendar_day.c.is_announced, within))
    if rows:
        bulk.add(connection, calendar_day, list(zip(*rows, strict=True)))
    return any(day not in held or is_announced for day, _, _, is_announced in rows)


@cache
def _row(day: date) -> tuple[date, str, bool, bool]:
    """The day's row, in the order of the table's columns."""
    try:
        working, announced = bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:  # the State Council has not announced that year yet
        working, announced = day.weekday() < _SATURDAY, False
    return day, str(Month.of(day)), working, announced


def unannounced_years(connection: Connection, period: Period) -> tuple[int, ...]:
    """The years of the period for which weekdays stand in for want of an official calendar."""
    year = extract("year", calendar_day.c.day)
    query = (
        select(year)
        .where(calendar_day.c.day.between(period.first, period.last or period.first))
        .where(~calendar_day.c.is_announced)
        .distinct()
        .order_by(year)
    )
    return tuple(int(found) for found in connection.execute(query).scalars())


def working_days(connection: Connection, period: Period) -> list[date]:
    """The working days of a closed period, in order."""
    query = (
        select(calendar_day.c.day)
        .where(calendar_day.c.is_working)
        .where(calendar_day.c.day.between(period.first, period.last))
        .order_by(calendar_day.c.day)
    )
    return list(connection.execute(query).scalars())
