"""Months and inclusive periods with an open end."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lib.periods import Month, Period, days_of, end_of, months_of

FEBRUARY = Period(date(2023, 2, 10), date(2023, 2, 28))


@pytest.mark.parametrize(
    ("period", "day", "within"),
    [
        (FEBRUARY, date(2023, 2, 9), False),
        (FEBRUARY, date(2023, 2, 10), True),
        (FEBRUARY, date(2023, 2, 28), True),
        (FEBRUARY, date(2023, 3, 1), False),
        (Period(date(2023, 2, 10)), date(2023, 2, 9), False),
        (Period(date(2023, 2, 10)), date(9999, 12, 31), True),
        (Period(date(2023, 2, 10), date(2023, 2, 9)), date(2023, 2, 10), False),
    ],
)
def test_a_period_holds_both_its_bounds(period: Period, day: date, within: bool):
    assert (day in period) is within


@pytest.mark.parametrize(
    ("month", "first", "last", "days", "after"),
    [
        (Month(2023, 2), date(2023, 2, 1), date(2023, 2, 28), 28, Month(2023, 3)),
        (Month(2024, 2), date(2024, 2, 1), date(2024, 2, 29), 29, Month(2024, 3)),
        (Month(2023, 12), date(2023, 12, 1), date(2023, 12, 31), 31, Month(2024, 1)),
    ],
)
def test_a_month_knows_its_days_and_the_next(
    month: Month, first: date, last: date, days: int, after: Month
):
    assert (month.first, month.last, month.days, month.next) == (first, last, days, after)


@pytest.mark.parametrize("text", ["2023-02", "0987-11"])
def test_a_month_is_written_as_it_is_parsed(text: str):
    assert str(Month.parse(text)) == text


@pytest.mark.parametrize("text", ["", "2023", "2023-13", "2023-2", "二月", "2023-02-01"])
def test_what_is_no_month_is_not_parsed(text: str):
    with pytest.raises(ValueError, match=r"Invalid|month"):
        Month.parse(text)


def test_the_days_of_a_period_are_all_of_them():
    assert list(days_of(Period(date(2023, 2, 27), date(2023, 3, 2)))) == [
        date(2023, 2, 27),
        date(2023, 2, 28),
        date(2023, 3, 1),
        date(2023, 3, 2),
    ]


def test_a_period_that_ends_before_it_begins_has_no_day():
    assert list(days_of(Period(date(2023, 3, 2), date(2023, 3, 1)))) == []


def test_the_months_of_a_period_are_all_it_touches():
    assert [str(month) for month in months_of(Period(date(2023, 11, 30), date(2024, 1, 1)))] == [
        "2023-11",
        "2023-12",
        "2024-01",
    ]


@pytest.mark.parametrize("parts", [days_of, months_of])
def test_an_open_period_has_no_last_part(parts):
    with pytest.raises(ValueError, match="an open period"):
        list(parts(Period(date(2023, 2, 1))))


def test_a_day_is_over_at_midnight_in_beijing():
    assert end_of(date(2023, 2, 28)) == datetime(2023, 2, 28, 16, tzinfo=UTC)
