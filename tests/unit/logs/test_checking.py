"""Rows checked one after the other: no row is told what another one's cell says."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.contract import parse
from lib.logs import LOG_KINDS
from lib.logs.checking import Checker, Context
from lib.logs.entry import Entry
from lib.rosters import Locality, Roster, Staff
from tests.spec.small import TERMS

if TYPE_CHECKING:
    from lib.fields import Cell

LEFT = date(2023, 3, 31)
ROSTER = Roster(
    localities={"L1": Locality("L1", "东村", "村", "某街道")},
    staff={"S1": Staff("S1", "王一", "一组", date(2023, 1, 1), LEFT)},
)


@pytest.fixture
def checker() -> Checker:
    """A checker of patrols."""
    context = Context(parse(TERMS, "small"), ROSTER, today=date(2023, 6, 1))
    return Checker(LOG_KINDS["patrol"], context)


def patrol(day: str, visited: Cell) -> dict[str, Cell]:
    """The cells of a patrol that finds nothing wrong."""
    return {
        "day": day,
        "people": "王一",
        "locality": "东村",
        "households_visited": visited,
        "situation": "无异常",
    }


def test_true_is_not_read_as_the_number_one_that_stood_there_before(checker: Checker):
    number = checker.check(patrol("2023-03-01", 1))
    truth = checker.check(patrol("2023-03-01", visited=True))
    assert isinstance(number, Entry)
    assert number.details["households_visited"] == 1
    assert isinstance(truth, list)
    assert [(slug, fault.rule) for slug, fault in truth] == [("households_visited", "not_a_count")]


def test_the_same_name_is_right_on_one_day_and_wrong_on_another(checker: Checker):
    on_post = checker.check(patrol("2023-03-31", 2))
    off_post = checker.check(patrol("2023-04-03", 2))
    assert isinstance(on_post, Entry)
    assert on_post.people == ("S1",)
    assert isinstance(off_post, list)
    assert [(slug, fault.rule) for slug, fault in off_post] == [("people", "not_on_post")]
