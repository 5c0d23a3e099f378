"""Which cases wait, the oldest first, and how long the answers of the others took."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from lib.actions.post import post
from lib.contract import Cases
from lib.kpi.cases import AnswerTimes, WaitingCase, answer_times, waiting
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, total
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

LAST = date(2023, 4, 6)  # a Thursday; the day before is a holiday


def step(day: date, application: str, place: str = "南村", name: str = "受理"):
    """A step of an application."""
    return {
        "日期": day,
        "服务人员": "赵一",
        "村(社区)": place,
        "受理编号": application,
        "申请人": "某人",
        "救助类别": "低保",
        "办理环节": name,
    }


def survey(day: date, application: str):
    """A survey of a new application."""
    return {
        "日期": day,
        "服务人员": "赵一",
        "调查类型": "新增申请",
        "受理编号": application,
        "村(社区)": "南村",
        "调查结论": "符合",
    }


LOGS = {
    "业务协办": [
        step(date(2023, 3, 1), "S1"),
        step(date(2023, 3, 1), "S2"),
        step(date(2023, 3, 31), "S3", "西山村"),
        step(date(2023, 3, 31), "S3", "西山村", "材料补正"),
        step(date(2023, 4, 3), "S3", "东社区"),
        step(date(2023, 4, 6), "S4"),
        step(date(2023, 3, 30), "S5"),
        step(date(2023, 4, 7), "S6"),
        step(date(2023, 3, 6), "S7"),
    ],
    "家计调查": [
        survey(date(2023, 3, 1), "S1"),
        survey(date(2023, 3, 7), "S2"),
        survey(date(2023, 3, 8), "S2"),
        survey(date(2023, 3, 9), "S7"),
        survey(date(2023, 4, 7), "S3"),
        survey(date(2023, 4, 6), "S9"),
    ],
}


@pytest.fixture
def filled(engine: Engine) -> StoredContract:
    """The small contract with these logs."""
    stored = small.entered(engine)
    post(engine, stored, small.ANYBODY, [small.workbook(LOGS)], today=small.TODAY, now=small.NOW)
    return stored


def obligation(stored: StoredContract) -> Cases:
    """The contract's only obligation of this measure."""
    return next(each for each in stored.terms.obligation if isinstance(each, Cases))


def test_those_waiting_stand_in_the_order_of_their_openings(engine: Engine, filled: StoredContract):
    with reading(engine) as connection:
        found = waiting(connection, Scope(filled, LAST), obligation(filled), 10)

    assert found == [
        WaitingCase("S5", date(2023, 3, 30), "L2", working_days=4, entries=1),
        WaitingCase("S3", date(2023, 3, 31), "L3", working_days=3, entries=3),
        WaitingCase("S4", LAST, "L2", working_days=0, entries=1),
    ]


def test_a_page_of_them_is_read(engine: Engine, filled: StoredContract):
    with reading(engine) as connection:
        scope = Scope(filled, LAST)
        pages = [
            [case.application for case in waiting(connection, scope, obligation(filled), 2, page)]
            for page in (1, 2, 3)
        ]

    assert pages == [["S5", "S3"], ["S4"], []]


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (date(2023, 2, 28), AnswerTimes(0, 0, None, None)),
        (date(2023, 3, 8), AnswerTimes(2, 1, Fraction(2), 4)),
        (LAST, AnswerTimes(3, 2, Fraction(3), 4)),
        (small.END, AnswerTimes(4, 2, Fraction(7, 2), 4)),
    ],
)
def test_answers_took_so_many_working_days(
    engine: Engine, filled: StoredContract, day: date, times: AnswerTimes
):
    with reading(engine) as connection:
        assert answer_times(connection, Scope(filled, day), obligation(filled)) == times


@pytest.mark.parametrize(("day", "late"), [(date(2023, 4, 4), 0), (LAST, 1), (small.END, 3)])
def test_late_are_those_that_wait_longer_than_the_threshold(
    engine: Engine, filled: StoredContract, day: date, late: int
):
    wanted = Selection(figure="new_applications", state="late")
    with reading(engine) as connection:
        assert total(connection, Scope(filled, day), wanted).value == late
