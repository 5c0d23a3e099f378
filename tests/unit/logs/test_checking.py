"""Rows checked by columns: no row is told what another one's cell says."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.contract import parse
from lib.logs import LOG_KINDS
from lib.logs.checking import Checker, Context, Known
from lib.logs.entry import Entry
from lib.rosters import Locality, Roster, Staff
from tests.spec.small import TERMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.fields import Cell

CAME, LEFT = date(2023, 3, 6), date(2023, 3, 31)
ROSTER = Roster(
    localities={"L1": Locality("L1", "东村", "村", "某街道")},
    staff={
        "S1": Staff("S1", "王一", "一组", CAME, LEFT),
        "S2": Staff("S2", "王二", "一组", date(2022, 1, 1)),
    },
)
KNOWN = Known(Context(parse(TERMS, "small"), ROSTER, today=date(2023, 6, 1)))


def patrol(**cells: Cell) -> dict[str, Cell]:
    """The cells of a patrol in which nothing is wrong, but for those given."""
    right: dict[str, Cell] = {
        "day": "2023-03-15",
        "people": "王一",
        "locality": "东村",
        "households_visited": 1,
        "situation": "无异常",
    }
    return {**right, **cells}


def told(*rows: Mapping[str, Cell]) -> list[dict[str, str] | None]:
    """Of each row the rules that refuse it by column; None when it makes an entry."""
    return [
        None if isinstance(each, Entry) else {slug: fault.rule for slug, fault in each}
        for each in Checker(LOG_KINDS["patrol"], KNOWN).check(columns(*rows))
    ]


def columns(*rows: Mapping[str, Cell]) -> Mapping[str, list[Cell]]:
    """The columns of rows; every kind's, so that what a row leaves out is empty."""
    slugs = dict.fromkeys(slug for row in rows for slug in row)
    return {slug: [row.get(slug) for row in rows] for slug in slugs}


def test_true_is_not_read_as_the_number_one_that_stood_there_before():
    not_a_count = {"households_visited": "not_a_count"}
    found = told(patrol(), patrol(households_visited=True), patrol(households_visited=1.0))
    assert found == [None, not_a_count, None]
    assert told(patrol(households_visited=True)) == [not_a_count]
    assert told(patrol(households_visited=0), patrol(households_visited=1)) == [None, None]
    assert told(patrol(households_visited=False)) == [not_a_count]


def test_the_same_name_is_right_on_the_days_of_its_person_alone():
    days = [f"2023-{day}" for day in ("03-01", "03-06", "03-15", "03-31", "04-01", "05-05")]
    off = {"people": "not_on_post"}
    assert told(*(patrol(day=day) for day in days)) == [off, None, None, None, off, off]


def test_a_row_that_is_wrong_leaves_those_around_it_as_they_are():
    rows = [patrol(situation=str(number)) for number in range(5)]
    rows[1] |= {"day": "2023-02-30", "locality": "西村"}
    rows[3] |= {"people": "王三", "day": None}
    found = Checker(LOG_KINDS["patrol"], KNOWN).check(columns(*rows))
    said = [each.details["situation"] for each in found if isinstance(each, Entry)]
    assert said == ["0", "2", "4"]
    assert told(rows[1], rows[3]) == [
        {"day": "not_a_day", "locality": "unknown_locality"},
        {"day": "required", "people": "unknown_staff"},
    ]


@pytest.mark.parametrize(
    "text", ['引"号', "反\\斜", "两\n行", "Ａ／Ｂ", "é\u0301𠮷", "</script>", "1"]
)
def test_keys_and_digests_are_the_ones_that_stores_hold(text: str):
    """They are hashes and texts of JSON: written in any other way, every row would be another."""
    cells: dict[str, Cell] = {
        "day": date(2023, 3, 15),
        "people": "王二、王一",
        "place": text,
        "archive_category": "低保",
        "step": "收集",
        "copies": 12,
        "remark": text,
    }
    (found,) = Checker(LOG_KINDS["archive_work"], KNOWN).check(columns(cells))
    assert isinstance(found, Entry)
    details = {
        "archive_category": "低保",
        "copies": 12,
        "place": text,
        "remark": text,
        "step": "收集",
    }
    people = ["S1", "S2"]
    content = ["archive_work", "2023-03-15", people, None, None, None, None, details]
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    compared = unicodedata.normalize("NFKC", text)
    key = ["2023-03-15", people, compared, "低保", "收集"]
    assert found.details == details
    assert found.digest == hashlib.sha256(written.encode()).hexdigest()
    assert found.key == json.dumps(key, ensure_ascii=False, separators=(",", ":"))


def test_an_amount_of_minus_nought_is_nought():
    survey: dict[str, Cell] = {
        "day": "2023-03-15",
        "people": "王一",
        "survey_type": "新增申请",
        "application": "A1",
        "locality": "东村",
        "applicant": "某",
        "members": 1,
        "conclusion": "符合",
    }
    rows = [survey | {"monthly_income": income} for income in ("-0", "0", -0.0, 0)]
    found = Checker(LOG_KINDS["home_survey"], KNOWN).check(columns(*rows))
    assert [isinstance(e, Entry) and e.details["monthly_income"] for e in found] == ["0"] * 4
