"""Entries counted by what they hold and by month; every number is its selection's total."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.actions.post import post
from lib.kpi import tallies
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, total
from lib.kpi.tallies import Tally
from lib.logs import LOG_KINDS
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

LAST = date(2023, 4, 10)


def data(day: date, task: str, items: int, platform: str | None = None, who: str = "赵一"):
    """A row of work on data."""
    return {
        "日期": day,
        "服务人员": who,
        "工作内容": task,
        "平台名称": platform,
        "条数": items,
    }


def accepted(day: date, application: str, complete: str | None, step: str = "受理"):
    """A step of an application."""
    return {
        "日期": day,
        "服务人员": "赵一",
        "村(社区)": "南村",
        "受理编号": application,
        "申请人": "某人",
        "救助类别": "低保",
        "办理环节": step,
        "材料是否齐全": complete,
    }


LOGS = {
    "网络管理": [
        data(date(2023, 2, 20), "数据核对", 30, "省平台"),
        data(date(2023, 3, 1), "数据核对", 5),
        data(date(2023, 3, 2), "数据收集", 7, "部平台"),
        data(date(2023, 3, 2), "数据收集", 4, "部平台", who="钱二丰"),
        data(date(2023, 4, 11), "数据收集", 900, "部平台"),
    ],
    "业务协办": [
        accepted(date(2023, 3, 1), "S1", "否"),
        accepted(date(2023, 3, 6), "S1", "否"),
        accepted(date(2023, 3, 2), "S2", "是"),
        accepted(date(2023, 3, 9), "S2", "是", "公示"),
        accepted(date(2023, 4, 3), "S3", None),
    ],
}


@pytest.fixture
def filled(engine: Engine) -> StoredContract:
    """The small contract with these logs."""
    stored = small.entered(engine)
    post(engine, stored, small.ANYBODY, [small.workbook(LOGS)], today=small.TODAY, now=small.NOW)
    return stored


def test_entries_by_choice_are_every_option_in_its_order(engine: Engine, filled: StoredContract):
    with reading(engine) as connection:
        scope, wanted = Scope(filled, LAST), Selection(kind="data_work")
        found = tallies.by_value(connection, scope, wanted, "task", ("items",))

    assert list(found.items()) == [
        ("数据收集", Tally(2, (11,))),
        ("数据更新", Tally(0, (0,))),
        ("数据核对", Tally(2, (35,))),
        ("数据上报", Tally(0, (0,))),
    ]


def test_entries_by_text_are_the_most_frequent_first_and_the_empty_last(
    engine: Engine, filled: StoredContract
):
    with reading(engine) as connection:
        scope, wanted = Scope(filled, LAST), Selection(kind="data_work")
        found = tallies.by_value(connection, scope, wanted, "platform", ("items",))

    assert list(found.items()) == [
        ("部平台", Tally(2, (11,))),
        ("省平台", Tally(1, (30,))),
        ("", Tally(1, (5,))),
    ]


def test_entries_by_month_and_together(engine: Engine, filled: StoredContract):
    with reading(engine) as connection:
        scope, wanted = Scope(filled, LAST), Selection(kind="data_work")
        months = tallies.by_month(connection, scope, wanted, ("items",))
        whole = tallies.whole(connection, scope, wanted, ("items",))

    assert months == {"2023-02": Tally(1, (30,)), "2023-03": Tally(3, (16,))}
    assert whole == Tally(4, (46,))


def test_before_the_first_entry_there_is_nothing(engine: Engine, filled: StoredContract):
    with reading(engine) as connection:
        scope, wanted = Scope(filled, small.START), Selection(kind="data_work")

        assert tallies.by_month(connection, scope, wanted, ("items",)) == {}
        assert tallies.by_value(connection, scope, wanted, "platform") == {}
        assert tallies.whole(connection, scope, wanted, ("items",)) == Tally(0, (0,))


def test_of_cases_the_cases_are_counted(engine: Engine, filled: StoredContract):
    wanted = Selection(figure="new_applications", state="opened", kind="case_handling")
    with reading(engine) as connection:
        scope = Scope(filled, LAST)
        complete = tallies.by_value(connection, scope, wanted, "complete")
        months = tallies.by_month(connection, scope, wanted)

    assert complete == {"是": Tally(1), "否": Tally(1), "": Tally(1)}
    assert months == {"2023-03": Tally(2), "2023-04": Tally(1)}


def test_a_number_is_the_total_of_its_selection(engine: Engine, filled: StoredContract):
    wanted = Selection(kind="data_work")
    with reading(engine) as connection:
        scope = Scope(filled, LAST)
        for value, tally in tallies.by_value(
            connection, scope, wanted, "platform", ("items",)
        ).items():
            held = {"field": "platform", "value": value} if value else {"empty": "platform"}
            entries = Selection(kind="data_work", **held)
            items = Selection(kind="data_work", amount="items", **held)
            assert total(connection, scope, entries).value == tally.number
            assert total(connection, scope, items).value == tally.amounts[0]


@pytest.mark.parametrize(
    ("kind", "choices", "sorting", "numbers"),
    [
        ("case_handling", ["aid_category", "step", "complete"], [], []),
        ("data_work", ["task"], ["platform"], ["items"]),
        ("archive_work", ["archive_category", "step"], ["place"], ["copies"]),
        ("publicity", [], ["form"], ["audience", "handouts"]),
        ("other_task", [], ["assigned_by"], []),
    ],
)
def test_what_can_be_counted_follows_from_the_declaration(
    kind: str, choices: list[str], sorting: list[str], numbers: list[str]
):
    declared = LOG_KINDS[kind]

    assert [field.slug for field in tallies.choices(declared)] == choices
    assert {field.slug for field in tallies.sorting(declared)} == {*choices, *sorting}
    assert [field.slug for field in tallies.numbers(declared)] == numbers
