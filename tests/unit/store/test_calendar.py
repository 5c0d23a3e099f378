"""The working-day calendar: the contract's year, holidays and make-up days, years not announced."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from lib.periods import Period
from lib.store import calendar
from lib.store.engine import open_store, reading, writing
from lib.store.schema import calendar_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

YEAR = Period(date(2023, 2, 1), date(2023, 12, 31))


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A fresh store."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()


def forget_announcements(connection: Connection) -> None:
    """Let every day be a working day that nobody announced."""
    connection.execute(update(calendar_day).values(is_working=True, is_announced=False))


def test_the_contract_has_231_working_days(engine: Engine):
    with writing(engine) as connection:
        calendar.fill(connection, YEAR)
        days = calendar.working_days(connection, YEAR)

    assert (len(days), days[0], days[-1]) == (231, date(2023, 2, 1), date(2023, 12, 29))
    assert days == sorted(set(days))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2023, 4, 5), False),  # 清明节, a Wednesday
        (date(2023, 4, 23), True),  # a Sunday worked for 劳动节
        (date(2023, 4, 24), True),
        (date(2023, 5, 1), False),
        (date(2023, 5, 6), True),  # a Saturday worked for 劳动节
        (date(2023, 5, 7), False),
        (date(2023, 6, 25), True),  # a Sunday worked for 端午节
        (date(2023, 10, 6), False),
        (date(2023, 10, 7), True),
    ],
)
def test_holidays_and_make_up_days_are_those_of_the_state_council(
    engine: Engine, day: date, works: bool
):
    with writing(engine) as connection:
        calendar.fill(connection, YEAR)
        days = calendar.working_days(connection, Period(day, day))

    assert days == [day] * works


def test_the_year_after_the_contract_is_kept_too(engine: Engine):
    with writing(engine) as connection:
        calendar.fill(connection, YEAR)
        days = calendar.working_days(connection, Period(date(2024, 12, 30), date(2025, 1, 3)))

    assert days == [date(2024, 12, 30), date(2024, 12, 31)]


def test_years_that_are_not_announced_fall_back_on_weekdays_and_are_named(engine: Engine):
    period = Period(date(2039, 12, 26), date(2040, 1, 8))
    with writing(engine) as connection:
        calendar.fill(connection, period)
        years = calendar.unannounced_years(connection, period)
        days = calendar.working_days(connection, period)

    assert years == (2039, 2040)
    assert [f"{day:%m-%d}" for day in days] == [
        *("12-26", "12-27", "12-28", "12-29", "12-30"),
        *("01-02", "01-03", "01-04", "01-05", "01-06"),
    ]


def test_an_announced_year_is_not_named(engine: Engine):
    with writing(engine) as connection:
        calendar.fill(connection, YEAR)
        calendar.fill(connection, Period(date(2039, 1, 1), date(2039, 12, 31)))
        years = calendar.unannounced_years(connection, YEAR)

    assert years == ()


def test_filling_twice_changes_nothing(engine: Engine):
    with writing(engine) as connection:
        calendar.fill(connection, YEAR)
        before = calendar.working_days(connection, YEAR)
        calendar.fill(connection, YEAR)

    with reading(engine) as connection:
        assert calendar.working_days(connection, YEAR) == before


def test_a_year_that_is_announced_later_replaces_its_weekdays(engine: Engine):
    may = Period(date(2023, 5, 1), date(2023, 5, 3))
    with writing(engine) as connection:
        calendar.fill(connection, YEAR)
        forget_announcements(connection)
        calendar.fill(connection, YEAR)
        days = calendar.working_days(connection, may)
        years = calendar.unannounced_years(connection, YEAR)

    assert (days, years) == ([], ())


def test_another_contracts_unannounced_years_are_left_alone(engine: Engine):
    far = Period(date(2039, 1, 1), date(2039, 12, 31))
    with writing(engine) as connection:
        calendar.fill(connection, far)
        calendar.fill(connection, YEAR)
        days = calendar.working_days(connection, far)

    assert (len(days), days[0], days[-1]) == (260, date(2039, 1, 3), date(2039, 12, 30))


def test_filling_says_whether_a_day_is_new_or_other_than_it_was(engine: Engine):
    unannounced = Period(date(2039, 1, 1), date(2039, 12, 31))
    with writing(engine) as connection:
        told = [calendar.fill(connection, period) for period in (YEAR, YEAR, unannounced) * 2]
        forget_announcements(connection)
        told.append(calendar.fill(connection, YEAR))

    assert told == [True, False, True, False, False, False, True]
