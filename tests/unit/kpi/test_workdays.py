"""What of a quota is due, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from lib.kpi.workdays import Workdays
from lib.periods import Month

# The last days of September 2023 and the first of October, which all are holidays.
DAYS = [date(2023, 9, 25) + timedelta(days=n) for n in range(11)]
WORKING = DAYS[:4]
PLAN = {"2023-09": 4, "2023-10": 6}


def as_of(day: date) -> Workdays:
    return Workdays(DAYS, WORKING, day)


@pytest.mark.parametrize(
    ("day", "even", "planned"),
    [
        (date(2023, 9, 25), Fraction(5, 2), 1),
        (date(2023, 9, 28), 10, 4),
        (date(2023, 10, 4), 10, 4),
        (date(2023, 10, 5), 10, 10),  # no day to work on: due when the month ends
    ],
)
def test_a_quota_is_due_by_working_days_or_by_its_plan(day, even, planned):
    assert (as_of(day).due(10), as_of(day).due(10, PLAN)) == (even, planned)


def test_without_any_working_day_a_quota_is_due_at_the_end():
    assert Workdays(DAYS, [], DAYS[-2]).due(3) == 0
    assert Workdays(DAYS, [], DAYS[-1]).due(3) == 3


def test_working_days_are_told_by_month():
    days = as_of(date(2023, 9, 26))

    assert (days.elapsed, days.left, days.total) == (2, 2, 4)
    assert days.in_month(Month(2023, 9)) == (2, 4)
    assert days.left_in(Month(2023, 10)) == 0
