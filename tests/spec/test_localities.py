"""The figures told by locality: each comes from the rows it opens, and they add up to the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from lib.actions.post import post
from lib.contract import Cases, Coverage
from lib.kpi import locality
from lib.kpi.localities import Cell, columns
from lib.kpi.scope import Scope
from lib.kpi.selection import total
from lib.store import rosters
from lib.store.engine import reading
from tests.spec import small
from tests.spec.histories import AS_OF, examples, histories, played

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract
    from tests.spec.histories import Act


@given(history=histories("对象排查", "专项行动", "特困老人核查"), as_of=AS_OF)
@examples(12)
def test_a_localitys_figure_is_what_its_rows_come_to(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        places = rosters.load(connection, stored.id).localities
        for column in columns(connection, scope):
            if column.wanted is None:
                continue
            by_rows = {
                code: total(connection, scope, wanted).value
                for code in places
                if (wanted := column.rows_of(code))
            }
            shown = {code: column.of(code).value or 0 for code in places}
            assert (column.code, shown) == (column.code, by_rows)


@given(history=histories("对象排查", "专项行动", "特困老人核查", "业务协办"), as_of=AS_OF)
@examples(12)
def test_one_localitys_months_add_up(shared_engine: Engine, history: Sequence[Act], as_of: date):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        found = locality.figures(connection, scope, "L1")
        for figure in found:
            for month in list(figure.months)[1::2]:
                alone = total(connection, scope, replace(figure.wanted, month=month))
                assert (figure.name, month, figure.months[month]) == (figure.name, month, alone)
    named = {figure.name: figure for figure in found}
    for name in ("走访天数", "特困老人月访", "全部记录"):
        figure = named[name]
        assert (name, sum(each.value for each in figure.months.values())) == (
            name,
            figure.total.value,
        )


def patrol(day: int, people: str, place: str, leads: int | None = None) -> small.Cells:
    """A patrol in March."""
    return {
        "日期": date(2023, 3, day),
        "服务人员": people,
        "村(社区)": place,
        "排查情况": "如常",
        "发现线索数": leads,
    }


def campaign(day: int, household: str, **told: object) -> small.Cells:
    """A household of the campaign, in March."""
    row = {"日期": date(2023, 3, day), "服务人员": "孙三", "户编号": household, "政策宣讲": "是"}
    return row | told


def check(month: int, day: int, elder: str) -> small.Cells:
    """A visit to an elder."""
    return {
        "日期": date(2023, month, day),
        "服务人员": "李四",
        "特困人员编号": elder,
        "生活状况": "良好",
        "健康状况": "良好",
    }


def accepted(day: int, application: str, place: str) -> small.Cells:
    """An application accepted in March."""
    return {
        "日期": date(2023, 3, day),
        "服务人员": "钱二丰",
        "村(社区)": place,
        "受理编号": application,
        "申请人": "某人",
        "救助类别": "低保",
        "办理环节": "受理",
    }


SURVEYED = {
    "日期": date(2023, 3, 8),
    "服务人员": "钱二丰",
    "调查类型": "新增申请",
    "受理编号": "A1",
    "村(社区)": "南村",
    "调查结论": "符合",
}
ROWS = {
    "对象排查": [
        patrol(1, "赵一", "东社区", 2),
        patrol(1, "李四", "东社区", 1),
        patrol(6, "赵一", "东社区"),
        patrol(7, "赵一", "南村"),
    ],
    "专项行动": [
        campaign(2, "H2", 发现问题="屋漏", 问题类别="住房"),
        campaign(9, "H2"),
        campaign(10, "H3", 发现问题="药费", 办结日期=date(2023, 3, 20)),
        campaign(13, "H1", 发现问题="失业"),
    ],
    "特困老人核查": [check(2, 20, "E1"), check(3, 2, "E1"), check(3, 3, "E2"), check(3, 9, "E2")],
    "业务协办": [
        accepted(2, "A1", "南村"),
        accepted(6, "A2", "南村"),
        accepted(3, "A3", "南村"),
        accepted(6, "A4", "东社区"),
    ],
    "家计调查": [SURVEYED],
}
IN_MARCH = date(2023, 3, 15)


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with these rows in its ledger."""
    stored = small.entered(engine)
    post(engine, stored, small.ANYBODY, [small.workbook(ROWS)], today=small.TODAY, now=small.NOW)
    return stored


def obligation(stored: StoredContract, kind: type[Any]) -> Any:  # noqa: ANN401 - of that kind
    """The contract's obligation of a kind."""
    return next(each for each in stored.terms.obligation if isinstance(each, kind))


def test_every_locality_has_every_figure(engine: Engine, stored: StoredContract):
    with reading(engine) as connection:
        found = columns(connection, Scope(stored, IN_MARCH))
    assert {each.code: [each.of(code) for code in ("L1", "L2", "L3")] for each in found} == {
        "patrol_localities": [Cell(2), Cell(1), Cell(0)],
        "patrol_localities_since": [Cell(9), Cell(8), Cell(None)],
        "campaign_households": [Cell(1, 1), Cell(2, 2), Cell(0, 1)],
        "campaign_households_open": [Cell(1), Cell(2), Cell(0)],
        "elder_months": [Cell(1, 2), Cell(2, 4), Cell(None)],
    }


def test_person_days_of_a_locality_are_shared_with_work_elsewhere(
    engine: Engine, stored: StoredContract
):
    scope = Scope(stored, IN_MARCH)
    with reading(engine) as connection:
        found = locality.worked(connection, scope, "L2")
        come_to = [total(connection, scope, each.wanted) for each in found]
    # On 6 March 钱二丰 accepted another application elsewhere.
    assert {each.wanted.figure: each.months["2023-03"].value for each in found} == {
        "case_handling": Fraction(5, 2),
        "home_survey": 1,
        "patrol": 1,
        "campaign": 3,
        "elder_check": 2,
    }
    assert [each.total for each in found] == come_to


def test_a_problem_is_open_until_its_day_and_overdue_after_the_limit(
    engine: Engine, stored: StoredContract
):
    campaign = obligation(stored, Coverage)
    found = {}
    with reading(engine) as connection:
        for day in (12, 13, 20):
            scope = Scope(stored, date(2023, 3, day))
            told = locality.open_problems(connection, scope, campaign, "L2")
            found[day] = [(each.household, each.problem, each.overdue) for each in told]
    assert found == {
        12: [("H2", "屋漏", False), ("H3", "药费", False)],
        13: [("H2", "屋漏", True), ("H3", "药费", False)],
        20: [("H2", "屋漏", True)],
    }


def test_households_were_reached_on_their_first_day(engine: Engine, stored: StoredContract):
    with reading(engine) as connection:
        scope, campaign = Scope(stored, IN_MARCH), obligation(stored, Coverage)
        found = locality.reached(connection, scope, campaign, "L2")
    assert {code: first.day.day for code, first in found.items()} == {"H2": 2, "H3": 10}


def test_applications_wait_where_they_were_accepted(engine: Engine, stored: StoredContract):
    with reading(engine) as connection:
        scope, surveys = Scope(stored, IN_MARCH), obligation(stored, Cases)
        found = locality.waiting(connection, scope, surveys, "L2")
    assert [(case.application, case.working_days, told.day.day) for case, told in found] == [
        ("A3", 8, 3),
        ("A2", 7, 6),
    ]


def test_where_nobody_ever_was_comes_first_then_the_longest_ago(engine: Engine):
    stored = small.entered(engine)
    with reading(engine) as connection:
        found = columns(connection, Scope(stored, small.END))
    since = next(column for column in found if column.wanted is None)
    assert {code: since.of(code) for code in since.cells} == dict.fromkeys(since.cells, Cell(None))
    assert [since.urgency(code) for code in since.cells] == [2.0] * len(since.cells)
