"""What a worklist's sums come to: by when, by the day, by the week, by team and by place."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.kpi.owed import Owed
from lib.kpi.workdays import Workdays
from lib.kpi.worklist import Trip, by_team, dues, next_week, of_team, pressing, trips
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Sequence

TERMS = contract.parse(small.TERMS, "small.toml")
CAMPAIGN, VISITS, CASES, PLACES = (
    "campaign_households",
    "elder_months",
    "new_applications",
    "patrol_localities",
)
OWED = [
    Owed(CAMPAIGN, "campaign", "L1", household="H1"),
    Owed(VISITS, "elder_check", "L1", elder="E1", times=2, urgent=True),
    Owed(VISITS, "elder_check", "L2", elder="E2"),
    Owed(VISITS, "elder_check", "L2", elder="E3", times=2),
    Owed(PLACES, "patrol", "L3", urgent=True),
    Owed(CASES, "home_survey", None, application="A1"),
]


def workdays(as_of: date, *off: date) -> Workdays:
    """Monday to Friday from March 2023 to 7 April, with these days off."""
    days = [date(2023, 3, 1) + timedelta(days=n) for n in range(38)]
    worked = [day for day in days if day.weekday() < 5 and day not in off]
    return Workdays(days, worked, as_of)


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [
        (date(2023, 3, 21), date(2023, 3, 22), date(2023, 3, 24)),  # a Tuesday
        (date(2023, 3, 24), date(2023, 3, 27), date(2023, 3, 31)),  # a Friday: the week is over
        (date(2023, 3, 25), date(2023, 3, 27), date(2023, 3, 31)),
        (date(2023, 4, 6), date(2023, 4, 7), date(2023, 4, 7)),
    ],
)
def test_the_week_of_the_next_working_day(as_of: date, first: date, last: date):
    week = next_week(workdays(as_of))
    assert (week[0], week[-1]) == (first, last)


def test_after_the_last_working_day_there_is_no_week():
    assert list(next_week(workdays(date(2023, 4, 7)))) == []


def sums(as_of: date, owed: Sequence[Owed] = OWED) -> dict[str, tuple[object, ...]]:
    """Owed, urgent, by the day and by the end of the week, by obligation."""
    days = workdays(as_of)
    return {
        due.obligation.code: (due.owed, due.urgent, due.per_day, due.by(next_week(days)))
        for due in dues(TERMS, owed, days)
    }


def test_what_a_working_day_and_a_week_must_bring():
    """Of the month eight working days are left, three of them this week; of all thirteen."""
    assert sums(date(2023, 3, 21)) == {
        CAMPAIGN: (1, 0, Fraction(1, 13), 1),
        VISITS: (5, 1, Fraction(5, 8), 2),
        CASES: (1, 0, None, 1),
        PLACES: (1, 1, Fraction(1, 8), 1),
    }


def test_a_week_in_which_the_month_ends_must_bring_all_of_it():
    assert sums(date(2023, 3, 29))[VISITS] == (5, 1, Fraction(5, 2), 5)


def test_when_no_working_day_is_left_in_the_month_there_is_no_pace():
    assert sums(date(2023, 3, 31)) == {
        CAMPAIGN: (1, 0, Fraction(1, 5), 1),
        VISITS: (5, 1, None, None),
        CASES: (1, 0, None, 1),
        PLACES: (1, 1, None, None),
    }


def test_where_nothing_is_owed_it_says_nothing():
    assert set(sums(date(2023, 3, 21), []).values()) == {(0, 0, Fraction(0), 0), (0, 0, None, 0)}


def test_a_team_has_its_own_places_and_those_of_nobody():
    teams = {"L1": "一组", "L2": "二组"}
    assert of_team(OWED, teams, "一组") == [*OWED[:2], *OWED[4:]]
    assert of_team(OWED, teams, "二组") == OWED[2:]
    assert by_team(OWED, teams) == {
        "一组": {CAMPAIGN: 1, VISITS: 2},
        "二组": {VISITS: 3},
        "": {PLACES: 1, CASES: 1},
    }


def test_one_village_is_one_trip_the_pressing_first():
    found = trips(OWED)
    assert [(trip.locality, trip.urgent, trip.times) for trip in found] == [
        ("L1", 1, {CAMPAIGN: 1, VISITS: 2}),
        ("L2", 0, {VISITS: 3}),
        ("L3", 1, {PLACES: 1}),
        (None, 0, {CASES: 1}),
    ]
    assert [each for trip in found for each in trip.owed] == OWED
    more = Trip("L4", (Owed(VISITS, "elder_check", "L4", elder="E9", times=2, urgent=True),) * 2)
    assert [trip.locality for trip in pressing([*found, more])] == ["L4", "L1", "L3", "L2"]
