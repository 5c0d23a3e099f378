"""The working-day calendar: the contract's year, holidays and make-up days, years not announced."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.periods import Period
from lib.store import calendar
from lib.store.engine import open_store, reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

YEAR = Period(date(2023, 2, 1), date(2023, 12, 31))


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A fresh store."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()


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
        connection.exec_driver_sql(
            "UPDATE calendar_day SET is_working = 'true', is_announced = 'false'"
            if connection.dialect.name == "postgresql"
            else "UPDATE calendar_day SET is_working = 1, is_announced = 0"
        )
        calendar.fill(connection, YEAR)
        days = calendar.working_days(connection, may)
        years = calendar.unannounced_years(connection, YEAR)

    assert (days, years) == ([], ())
