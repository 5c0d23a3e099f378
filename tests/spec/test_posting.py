"""Uploading is a sync (spec §3): what becomes of each row, and what is kept of each file."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from lib.access import Role, Viewer
from lib.actions.post import Plan, Posted, post, preview
from lib.actions.record_refusal import record_refusal
from lib.actions.withdraw import withdraw
from lib.errors import NotPermittedError, RefusedError, StoreError
from lib.kpi import cases
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, counted
from lib.settings import ROOT
from lib.store import contracts, schema
from lib.store.engine import open_store, reading
from lib.text import squeezed
from lib.workbooks.ledger import LedgerSheet, office_ledger
from lib.workbooks.own import read_own_workbook
from tests.spec import small
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract
    from lib.workbooks.reading import Workbook

FIRST, SECOND = Viewer("甲", Role.TEAM_LEAD, "一组"), Viewer("乙", Role.TEAM_LEAD, "二组")
LATER = small.NOW + timedelta(days=1)


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract in a store of its own."""
    return small.entered(engine)


def accepted(number: str = "A1", day: date = date(2023, 3, 6), **cells: Any) -> dict[str, Any]:  # noqa: ANN401 - a cell
    """A row of 业务协办 that accepts an application."""
    row = {
        "日期": day,
        "服务人员": "赵一",
        "村(社区)": "南村",
        "受理编号": number,
        "申请人": "张某",
        "救助类别": "低保",
        "办理环节": "受理",
    }
    return {**row, **cells}


def told_of(step: str) -> dict[str, Any]:
    """A row of another step, with a remark that quotes one as it is stored."""
    return accepted(办理环节="公示", 备注=f'"step":"{step}"')


def surveyed(number: str = "A1", **cells: Any) -> dict[str, Any]:  # noqa: ANN401 - a cell
    """A row of 家计调查 that surveys a new application."""
    row = {
        "日期": date(2023, 3, 8),
        "服务人员": "赵一",
        "调查类型": "新增申请",
        "受理编号": number,
        "村(社区)": "南村",
        "调查结论": "符合",
    }
    return {**row, **cells}


def visited(**cells: Any) -> dict[str, Any]:  # noqa: ANN401 - a cell
    """A row of 特困老人核查."""
    row = {
        "日期": date(2023, 3, 6),
        "服务人员": "赵一",
        "特困人员编号": "E1",
        "姓名": "周大",
        "生活状况": "良好",
        "健康状况": "一般",
    }
    return {**row, **cells}


def patrolled(**cells: Any) -> dict[str, Any]:  # noqa: ANN401 - a cell
    """A row of 对象排查."""
    row = {"日期": date(2023, 3, 6), "服务人员": "赵一", "村(社区)": "南村", "排查情况": "已走访"}
    return {**row, **cells}


def handling(*rows: Mapping[str, Any], **facts: Any) -> Workbook:  # noqa: ANN401 - as `workbook` has it
    """A workbook of 业务协办 alone."""
    return small.workbook({"业务协办": rows}, **facts)


def planned(
    engine: Engine, stored: StoredContract, *books: Workbook, viewer: Viewer = small.ANYBODY
) -> Plan:
    """What posting would do with the last of the books."""
    return preview(engine, stored, viewer, books, small.TODAY)[-1]


def posted(
    engine: Engine,
    stored: StoredContract,
    book: Workbook,
    viewer: Viewer = small.ANYBODY,
    now: datetime = small.NOW,
) -> Posted:
    """The book posted by itself."""
    return post(engine, stored, viewer, [book], today=small.TODAY, now=now)[0]


def outcomes(plan: Plan) -> list[str]:
    """What becomes of each row."""
    return [str(row.outcome) for row in plan.rows]


def refusals(plan: Plan) -> list[str]:
    """What is said of the refused rows."""
    return [str(problem) for problem in plan.refusals]


def contents(engine: Engine, stored: StoredContract) -> list[tuple[Any, ...]]:
    """What counts: entry, version, day, people, subject, remark, receipt, row in its file."""
    with reading(engine) as connection:
        rows = ledger_rows(connection, counted(Scope(stored, small.END)))
    return [
        (
            row.entry_id,
            row.version,
            row.day.isoformat(),
            tuple(row.people.values()),
            row.application or row.elder or row.locality,
            row.details.get("remark"),
            row.receipt_id,
            row.source_row,
        )
        for row in rows
    ]


def held(engine: Engine) -> dict[str, int]:
    """How many rows each table of the ledger holds, tables without any left out."""
    tables = ("upload_file", "receipt", "entry", "entry_version", "entry_person", "audit_line")
    with reading(engine) as connection:
        counts = {
            name: connection.scalar(select(func.count()).select_from(schema.metadata.tables[name]))
            for name in tables
        }
    return {name: number for name, number in counts.items() if number}


def audited(engine: Engine) -> list[tuple[str, str, str, Any]]:
    """The audit log after the rosters were imported: who, act, subject, after."""
    line = schema.audit_line.c
    with reading(engine) as connection:
        rows = connection.execute(
            select(line.by, line.act, line.subject, line.after)
            .where(line.act != "import_rosters")
            .order_by(line.line_id)
        )
        return [tuple(row) for row in rows]


# New, corrected, unchanged.


def test_a_first_upload_is_all_new(engine: Engine, stored: StoredContract):
    book = handling(accepted("A1"), accepted("A2"))

    plan = planned(engine, stored, book)
    done = posted(engine, stored, book)

    assert outcomes(plan) == outcomes(done.plan) == ["new", "new"]
    assert contents(engine, stored) == [
        (1, 1, "2023-03-06", ("赵一",), "A1", None, 1, 2),
        (2, 1, "2023-03-06", ("赵一",), "A2", None, 1, 3),
    ]
    assert done.receipt
    assert (done.receipt.number, done.receipt.posted_by, done.receipt.added) == (
        "2023-000001",
        "各组",
        2,
    )


def test_a_preview_stores_nothing(engine: Engine, stored: StoredContract):
    before = held(engine)

    planned(engine, stored, handling(accepted()))

    assert held(engine) == before


def test_a_growing_workbook_adds_what_is_new_and_skips_the_rest(
    engine: Engine, stored: StoredContract
):
    posted(engine, stored, handling(accepted("A1")))

    done = posted(engine, stored, handling(accepted("A1"), accepted("A2"), accepted("A3")))

    assert outcomes(done.plan) == ["unchanged", "new", "new"]
    assert contents(engine, stored) == [
        (1, 1, "2023-03-06", ("赵一",), "A1", None, 1, 2),
        (2, 1, "2023-03-06", ("赵一",), "A2", None, 2, 3),
        (3, 1, "2023-03-06", ("赵一",), "A3", None, 2, 4),
    ]


def test_other_contents_under_the_same_key_are_a_correction_and_the_old_ones_stay_readable(
    engine: Engine, stored: StoredContract
):
    posted(engine, stored, handling(accepted("A1", 备注="初录")))

    done = posted(engine, stored, handling(accepted("A1", 备注="补正", 服务人员="赵一、钱二丰")))

    assert outcomes(done.plan) == ["corrected"]
    row = done.plan.rows[0]
    assert row.held
    assert (row.held.people, row.held.details["remark"]) == (("G1",), "初录")
    assert contents(engine, stored) == [
        (1, 2, "2023-03-06", ("赵一", "钱二丰"), "A1", "补正", 2, 2)
    ]
    with reading(engine) as connection:
        version = schema.entry_version.c
        kept = connection.execute(
            select(version.version, version.receipt_id, version.details["remark"].as_string())
        )
        assert kept.all() == [(1, 1, "初录"), (2, 2, "补正")]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"服务人员": "赵一、钱二丰"}, {"服务人员": "钱二丰，赵一"}),
        ({"服务人员": "赵一/钱二丰"}, {"服务人员": " 赵一；钱二丰 "}),
        ({"服务人员": "赵一"}, {"服务人员": "G1"}),
        ({"服务人员": "赵一 钱二丰"}, {"服务人员": "赵 一、钱二丰、赵一"}),
        ({"村(社区)": "南村"}, {"村(社区)": "L2"}),
        ({"日期": date(2023, 3, 6)}, {"日期": "2023年3月6日"}),
        ({"日期": "2023/3/6"}, {"日期": 44991}),
        ({"受理编号": "A1"}, {"受理编号": "Ａ１ "}),
        ({"备注": "好"}, {"备注": " 好\u200b"}),
        ({"备注": None}, {"备注": "　"}),
    ],
)
def test_another_spelling_is_no_correction(
    engine: Engine, stored: StoredContract, first: dict[str, Any], again: dict[str, Any]
):
    posted(engine, stored, handling({**accepted(), **first}))

    plan = planned(engine, stored, handling({**accepted(), **again}))

    assert outcomes(plan) == ["unchanged"]


@pytest.mark.parametrize("again", ["1200", "1200.0", "1,200", 1200, 1200.0], ids=repr)
def test_the_same_amount_written_otherwise_is_no_correction(
    engine: Engine, stored: StoredContract, again: object
):
    posted(
        engine, stored, small.workbook({"家计调查": [surveyed(**{"月人均收入(元)": "1200.00"})]})
    )

    plan = planned(
        engine, stored, small.workbook({"家计调查": [surveyed(**{"月人均收入(元)": again})]})
    )

    assert outcomes(plan) == ["unchanged"]


@pytest.mark.parametrize(("first", "again"), [("880.50", 880.5), ("0.10", "0.1")])
def test_trailing_zeros_of_an_amount_are_no_correction(
    engine: Engine, stored: StoredContract, first: object, again: object
):
    posted(engine, stored, small.workbook({"家计调查": [surveyed(**{"月人均收入(元)": first})]}))

    plan = planned(
        engine, stored, small.workbook({"家计调查": [surveyed(**{"月人均收入(元)": again})]})
    )

    assert outcomes(plan) == ["unchanged"]


def test_rows_that_vanished_from_the_file_are_left_alone(engine: Engine, stored: StoredContract):
    posted(engine, stored, handling(accepted("A1"), accepted("A2")))
    before = contents(engine, stored)

    done = posted(engine, stored, handling(accepted("A2")))

    assert outcomes(done.plan) == ["unchanged"]
    assert done.receipt is None
    assert contents(engine, stored) == before


def test_a_change_of_a_key_is_a_new_entry(engine: Engine, stored: StoredContract):
    posted(engine, stored, handling(accepted(), accepted(办理环节="公示")))

    plan = planned(
        engine, stored, handling(accepted(day=date(2023, 3, 7)), accepted(办理环节="归档"))
    )

    assert outcomes(plan) == ["new", "new"]


@pytest.mark.parametrize(
    ("first", "again", "outcome"),
    [
        ("会务（县里）", "会务(县里)", "corrected"),
        ("ＡＢ１会务", "AB1会务", "corrected"),
        ("会务　接待", " 会务 接待", "unchanged"),
    ],
)
def test_a_text_in_the_key_written_in_other_widths_is_the_same_entry(
    engine: Engine, stored: StoredContract, first: str, again: str, outcome: str
):
    def told(task: str) -> Workbook:
        row = {"日期": date(2023, 3, 6), "服务人员": "赵一", "工作内容": task}
        return small.workbook({"其他工作": [row]})

    posted(engine, stored, told(first))

    assert outcomes(posted(engine, stored, told(again)).plan) == [outcome]
    assert held(engine)["entry"] == 1


def test_the_same_file_twice_changes_nothing_and_names_the_first_time(
    engine: Engine, stored: StoredContract
):
    book = handling(accepted(), data=b"the same bytes", name="三月.xlsx")
    posted(engine, stored, book, FIRST)
    before = held(engine)

    again = posted(engine, stored, book, FIRST, now=LATER)

    assert again.receipt is None
    assert outcomes(again.plan) == ["unchanged"]
    assert again.plan.earlier
    earlier = again.plan.earlier
    assert (earlier.number, earlier.posted_by, earlier.posted_at, earlier.file_name) == (
        "2023-000001",
        "甲",
        small.NOW,
        "三月.xlsx",
    )
    assert held(engine) == before


def test_the_same_file_at_the_same_instant_from_many_browsers_is_posted_once(
    store_url: str, engine: Engine, stored: StoredContract
):
    rows = [accepted(f"A{number}") for number in range(40)]
    book = handling(*rows, data=b"the same bytes")
    engines = [open_store(store_url) for _ in range(4)]
    with ThreadPoolExecutor(len(engines)) as browsers:
        done = list(browsers.map(lambda browser: posted(browser, stored, book), engines))
    for browser in engines:
        browser.dispose()

    receipts = [one.receipt.number for one in done if one.receipt]
    assert receipts == ["2023-000001"]
    assert [row[:2] for row in contents(engine, stored)] == [(n, 1) for n in range(1, 41)]


def test_different_files_at_the_same_instant_get_numbers_of_their_own(
    store_url: str, engine: Engine, stored: StoredContract
):
    books = [handling(accepted(f"A{number}")) for number in range(6)]
    engines = [open_store(store_url) for _ in books]
    with ThreadPoolExecutor(len(engines)) as browsers:
        done = list(browsers.map(lambda b, e: posted(e, stored, b), books, engines))
    for browser in engines:
        browser.dispose()

    assert sorted(one.receipt.receipt_id for one in done if one.receipt) == [1, 2, 3, 4, 5, 6]
    assert [row[0] for row in contents(engine, stored)] == [1, 2, 3, 4, 5, 6]


# Rows that meet in one file.


def test_a_row_twice_in_a_file_counts_once_with_a_notice(engine: Engine, stored: StoredContract):
    done = posted(engine, stored, handling(accepted(), accepted(), name="三月.xlsx"))

    assert outcomes(done.plan) == ["new", "unchanged"]
    assert [str(remark) for remark in done.plan.remarks] == [
        "“业务协办”第 3 行：与第 2 行重复，只计一次。"
    ]
    assert [row[0] for row in contents(engine, stored)] == [1]


def test_rows_of_one_key_that_say_different_things_are_all_refused(
    engine: Engine, stored: StoredContract
):
    plan = planned(engine, stored, handling(accepted(), accepted(备注="另"), accepted()))

    assert outcomes(plan) == ["refused", "refused", "refused"]
    same = "是同一条（日期、受理编号、办理环节相同）而内容不同，都未过账，请只留一行。"
    assert refusals(plan) == [
        f"“业务协办”第 2 行：与第 3 行{same}",
        f"“业务协办”第 3 行：与第 2 行{same}",
        f"“业务协办”第 4 行：与第 3 行{same}",
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_of_files_decides_nothing(engine: Engine, stored: StoredContract, order):
    books = [
        handling(accepted(), accepted("A2"), name="一.xlsx"),
        handling(accepted(备注="另"), name="二.xlsx"),
    ]

    in_order = [books[n] for n in order]
    post(engine, stored, small.ANYBODY, in_order, today=small.TODAY, now=small.NOW)

    assert [row[4] for row in contents(engine, stored)] == ["A2"]


@pytest.mark.parametrize("order", [1, -1])
def test_another_teams_row_keeps_no_row_out(engine: Engine, stored: StoredContract, order):
    rows = [accepted(), accepted(服务人员="孙三")]

    plan = planned(engine, stored, handling(*rows[::order]), viewer=FIRST)

    assert sorted(outcomes(plan)) == ["new", "refused"]
    assert [problem.partition("：")[2] for problem in refusals(plan)] == [
        "没有一组的人员，请由所在小组上传。"
    ]


def test_the_other_file_is_named_where_rows_of_two_files_meet(
    engine: Engine, stored: StoredContract
):
    plan = planned(
        engine,
        stored,
        handling(accepted(), name="一.xlsx"),
        handling(accepted(), accepted("A2"), name="二.xlsx"),
    )

    assert outcomes(plan) == ["unchanged", "new"]
    assert [str(remark) for remark in plan.remarks] == [
        "“业务协办”第 2 行：与文件“一.xlsx”第 2 行重复，只计一次。"
    ]


# What is refused: the row, with a sentence; the rest goes on.


@pytest.mark.parametrize(
    ("sheet", "row", "sentence"),
    [
        (
            "业务协办",
            accepted(服务人员="钱二风"),
            "“服务人员”：填的是“钱二风”，服务人员名册中没有此人；您是不是要填“钱二丰”？",
        ),
        (
            "业务协办",
            accepted(服务人员="赵一、欧阳娜娜"),
            "“服务人员”：填的是“欧阳娜娜”，服务人员名册中没有此人。",
        ),
        ("业务协办", accepted(服务人员=None), "“服务人员”：“服务人员”必须填写。"),
        (
            "业务协办",
            accepted(**{"村(社区)": "西山"}),
            "“村(社区)”：填的是“西山”，村（社区）名册中没有此处；您是不是要填“西山村”？",
        ),
        (
            "业务协办",
            accepted(救助类别="低保边"),
            (
                "“救助类别”：填的是“低保边”，只能填：低保、特困、低保边缘、临时救助；"
                "您是不是要填“低保边缘”？"
            ),
        ),
        (
            "业务协办",
            accepted(日期="三月六日"),
            ("“日期”：填的是“三月六日”，应填日期，如 2023-03-05、2023/3/5、2023年3月5日。"),
        ),
        ("业务协办", accepted(申请人=" \u200b"), "“申请人”：“申请人”必须填写。"),
        (
            "业务协办",
            accepted(day=date(2023, 2, 9)),
            "“日期”：填的是“2023-02-09”，不在合同期 2023-02-10 至 2023-05-07 内。",
        ),
        (
            "业务协办",
            accepted(day=date(2023, 5, 8)),
            "“日期”：填的是“2023-05-08”，不在合同期 2023-02-10 至 2023-05-07 内。",
        ),
        (
            "业务协办",
            accepted(day=date(2023, 2, 28), 服务人员="孙三"),
            "“服务人员”：填的是“孙三”，此人 2023-03-01 才到岗，当日不能记工。",
        ),
        (
            "业务协办",
            accepted(day=date(2023, 4, 21), 服务人员="李四"),
            "“服务人员”：填的是“李四”，此人 2023-04-20 已离岗，当日不能记工。",
        ),
        (
            "家计调查",
            surveyed(受理编号=None),
            "“受理编号”：新增申请必须填写受理编号。",
        ),
        (
            "家计调查",
            surveyed(调查类型="定期复核"),
            "“户编号”：定期复核、动态管理必须填写户编号。",
        ),
        (
            "家计调查",
            surveyed(户编号="H-04"),
            "“户编号”：填的是“H-04”，困难家庭名册中没有此户编号；您是不是要填“H4”？",
        ),
        (
            "对象排查",
            patrolled(走访户数=-1),
            "“走访户数”：填的是“-1”，应填不小于 0 的整数，不带单位。",
        ),
        (
            "对象排查",
            patrolled(走访户数="2.5"),
            "“走访户数”：填的是“2.5”，应填不小于 0 的整数，不带单位。",
        ),
        (
            "特困老人核查",
            visited(姓名="周太"),
            "“姓名”：填的是“周太”，与编号 E1 在名册中的姓名不一致。",
        ),
        (
            "专项行动",
            {
                "日期": date(2023, 3, 6),
                "服务人员": "赵一",
                "户编号": "H1",
                "户主姓名": "冯乙",
                "政策宣讲": "是",
            },
            # Another name altogether is told nothing: a code is no way to ask for a name.
            "“户主姓名”：填的是“冯乙”，与编号 H1 在名册中的姓名不一致。",
        ),
    ],
)
def test_a_wrong_row_is_refused_with_its_sentence_and_the_rest_goes_on(
    engine: Engine, stored: StoredContract, sheet: str, row: dict[str, Any], sentence: str
):
    good = {"日期": date(2023, 3, 6), "服务人员": "赵一", "工作内容": "接待"}

    done = posted(engine, stored, small.workbook({sheet: [row], "其他工作": [good]}))

    assert refusals(done.plan) == [f"“{sheet}”第 2 行{sentence}"]
    assert outcomes(done.plan) == ["refused", "new"]
    with reading(engine) as connection:
        kinds = connection.scalars(select(schema.entry.c.kind)).all()
    assert kinds == ["other_task"]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2023, 2, 28), "此人 2023-03-01 才纳入，当日不在册"),
        (date(2023, 3, 1), ""),
        (date(2023, 3, 31), ""),
        (date(2023, 4, 1), "此人 2023-03-31 已退出，当日不在册"),
    ],
)
def test_an_elder_is_visited_while_on_the_roster(
    engine: Engine, stored: StoredContract, day: date, sentence: str
):
    time = {"纳入日期": date(2023, 3, 1), "退出日期": date(2023, 3, 31)}
    elder = {**small.ROSTERS["特困人员"]["E1"], **time}
    small.imported(engine, stored, {"特困人员": {"E1": elder}})

    plan = planned(engine, stored, small.workbook({"特困老人核查": [visited(日期=day)]}))

    assert [problem.fault.expected for problem in plan.refusals] == [sentence] * bool(sentence)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2023, 3, 5), ["晚于今天（2023-03-05），还没到的日子不能记"]),
        (date(2023, 3, 6), []),
        (date(2024, 3, 6), []),
    ],
)
def test_a_day_that_has_not_come_is_refused(
    engine: Engine, stored: StoredContract, today: date, expected: list[str]
):
    [plan] = preview(engine, stored, small.ANYBODY, [handling(accepted())], today)

    assert [problem.fault.expected for problem in plan.refusals] == expected


def test_all_that_is_wrong_with_a_row_is_said_at_once_and_nothing_that_only_follows(
    engine: Engine, stored: StoredContract
):
    row = accepted(日期="昨天", 服务人员="孙三", 申请人=None, 办理环节="受里")

    plan = planned(engine, stored, handling(row))

    assert [(p.place.column, p.fault.rule, p.fault.nearest) for p in plan.refusals] == [
        ("日期", "not_a_day", None),
        ("申请人", "required", None),
        ("办理环节", "not_a_choice", "受理"),
    ]


def test_a_refused_row_is_posted_once_it_is_mended(engine: Engine, stored: StoredContract):
    posted(engine, stored, handling(accepted("A1"), accepted("A2", 服务人员="赵二")))

    done = posted(engine, stored, handling(accepted("A1"), accepted("A2", 服务人员="赵一")))

    assert outcomes(done.plan) == ["unchanged", "new"]
    assert done.receipt
    assert (done.receipt.added, done.receipt.unchanged, done.receipt.refused) == (1, 1, 0)


def test_the_receipt_counts_what_was_refused(engine: Engine, stored: StoredContract):
    done = posted(engine, stored, handling(accepted("A1"), accepted("A2", 服务人员="赵二")))

    assert done.receipt
    assert (done.receipt.added, done.receipt.refused) == (1, 1)


# Whose rows they are.


@pytest.mark.parametrize(
    ("viewer", "people", "outcome"),
    [
        (FIRST, "赵一", "new"),
        (FIRST, "钱二丰、孙三", "new"),
        (FIRST, "孙三", "refused"),
        (SECOND, "孙三", "new"),
        (SECOND, "赵一、钱二丰", "refused"),
        (small.ANYBODY, "孙三", "new"),
    ],
)
def test_a_team_lead_posts_the_own_teams_rows(
    engine: Engine, stored: StoredContract, viewer: Viewer, people: str, outcome: str
):
    plan = planned(engine, stored, handling(accepted(服务人员=people)), viewer=viewer)

    assert outcomes(plan) == [outcome]


@pytest.mark.parametrize("role", [Role.LEADER, Role.REVIEWER, Role.ADMIN])
def test_nobody_else_uploads(engine: Engine, stored: StoredContract, role: Role):
    viewer, before = Viewer("丙", role), held(engine)

    for act in (planned, posted):
        with pytest.raises(NotPermittedError):
            act(engine, stored, handling(accepted()), viewer=viewer)

    assert held(engine) == before


def test_another_teams_entry_is_not_corrected(engine: Engine, stored: StoredContract):
    posted(engine, stored, handling(accepted(服务人员="赵一", 备注="一组的")), FIRST)

    done = posted(engine, stored, handling(accepted(服务人员="孙三")), SECOND)

    assert refusals(done.plan) == [
        "“业务协办”第 2 行：与别组已过账的一条相同，不能更正别组的记录，请与该组核对。"
    ]
    assert [row[3:6] for row in contents(engine, stored)] == [(("赵一",), "A1", "一组的")]


# Surveys and acceptances.


def test_a_survey_may_come_before_its_acceptance_and_counts_from_then(
    engine: Engine, stored: StoredContract
):
    scope = Scope(stored, small.END)
    obligation = next(o for o in stored.terms.obligation if o.code == "new_applications")

    def surveyed_of_accepted() -> tuple[int, int]:
        with reading(engine) as connection:
            return cases.opened_and_answered(connection, scope, obligation)

    early = posted(engine, stored, small.workbook({"家计调查": [surveyed("A1")]}))
    assert outcomes(early.plan) == ["new"]
    assert [str(remark) for remark in early.plan.remarks] == [
        (
            "“家计调查”第 2 行“受理编号”：填的是“A1”，"
            "此受理编号尚无受理记录，先过账，待受理记录入账后计入。"
        )
    ]
    assert surveyed_of_accepted() == (0, 0)

    posted(engine, stored, handling(accepted("A1")))
    assert surveyed_of_accepted() == (1, 1)


@pytest.mark.parametrize(
    ("ledger", "go", "noticed"),
    [
        ([], [{"家计调查": [surveyed()]}], True),
        ([{"业务协办": [accepted()]}], [{"家计调查": [surveyed()]}], False),
        ([{"业务协办": [accepted("A2")]}], [{"家计调查": [surveyed()]}], True),
        ([{"业务协办": [accepted(办理环节="公示")]}], [{"家计调查": [surveyed()]}], True),
        ([], [{"家计调查": [surveyed()], "业务协办": [accepted()]}], False),
        ([], [{"业务协办": [accepted()]}, {"家计调查": [surveyed()]}], False),
        ([], [{"家计调查": [surveyed(调查类型="定期复核", 户编号="H1")]}], False),
        # What is only told of in a remark is none.
        ([], [{"业务协办": [told_of("受理")], "家计调查": [surveyed()]}], True),
        # What is refused opens nothing.
        ([], [{"业务协办": [accepted(服务人员="孙三")], "家计调查": [surveyed()]}], True),
    ],
)
def test_a_survey_without_an_acceptance_is_noticed(
    engine: Engine,
    stored: StoredContract,
    ledger: list[dict[str, Any]],
    go: list[dict[str, Any]],
    noticed: bool,
):
    for sheets in ledger:
        posted(engine, stored, small.workbook(sheets))

    plans = preview(engine, stored, FIRST, [small.workbook(s) for s in go], small.TODAY)

    rules = [remark.fault.rule for plan in plans for remark in plan.remarks]
    assert rules == ["unopened"] * noticed


# Withdrawing.


def test_a_withdrawn_entry_counts_again_only_when_it_is_corrected(
    engine: Engine, stored: StoredContract
):
    posted(engine, stored, handling(accepted()))
    withdraw(engine, stored, FIRST, 1, reason=" 录错了 ", now=small.NOW)
    assert contents(engine, stored) == []

    again = posted(engine, stored, handling(accepted()))
    assert [str(remark) for remark in again.plan.remarks] == [
        "“业务协办”第 2 行：此条已被撤回，不再计入。"
    ]
    assert (outcomes(again.plan), contents(engine, stored)) == (["unchanged"], [])

    posted(engine, stored, handling(accepted(备注="改正")))
    assert contents(engine, stored) == [(1, 2, "2023-03-06", ("赵一",), "A1", "改正", 2, 2)]
    with reading(engine) as connection:
        mark = schema.withdrawal.c
        marks = connection.execute(
            select(mark.entry_id, mark.version, mark.withdrawn_by, mark.reason)
        )
        assert marks.all() == [(1, 1, "甲", "录错了")]


@pytest.mark.parametrize("reason", ["", "  ", "\u200b\n"])
def test_withdrawing_wants_a_reason(engine: Engine, stored: StoredContract, reason: str):
    posted(engine, stored, handling(accepted()))

    with pytest.raises(RefusedError, match="撤回必须写明原因。"):
        withdraw(engine, stored, FIRST, 1, reason=reason, now=small.NOW)


def test_nothing_is_withdrawn_twice(engine: Engine, stored: StoredContract):
    posted(engine, stored, handling(accepted()))
    withdraw(engine, stored, FIRST, 1, reason="错录", now=small.NOW)

    with pytest.raises(RefusedError, match=r"这条记录已经撤回：2023-06-01 16:00，甲。"):
        withdraw(engine, stored, FIRST, 1, reason="错录", now=small.NOW)


@pytest.mark.parametrize("entry_id", [1, 0, -1, 2, 2**31, 2**63, 10**30])
def test_another_teams_entry_and_one_that_does_not_exist_are_answered_alike(
    engine: Engine, stored: StoredContract, entry_id: int
):
    posted(engine, stored, handling(accepted()))

    with pytest.raises(NotPermittedError, match="您的角色不能撤回这条记录"):
        withdraw(engine, stored, SECOND, entry_id, reason="错录", now=small.NOW)

    assert [row[0] for row in contents(engine, stored)] == [1]


# What is kept of a file.


def test_the_original_file_is_kept_with_its_hash_uploader_and_time(
    engine: Engine, stored: StoredContract
):
    book = handling(accepted(), data=b"the original bytes", name="三月.xlsx")

    posted(engine, stored, book, FIRST)

    sha256 = hashlib.sha256(b"the original bytes").hexdigest()
    with reading(engine) as connection:
        file, receipt = schema.upload_file.c, schema.receipt.c
        assert connection.execute(select(file.sha256, file.size, file.content)).all() == [
            (sha256, 18, b"the original bytes")
        ]
        columns = (receipt.sha256, receipt.file_name, receipt.posted_by, receipt.team)
        assert connection.execute(select(*columns, receipt.posted_at)).all() == [
            (sha256, "三月.xlsx", "甲", "一组", small.NOW)
        ]
    assert audited(engine) == [
        (
            "甲",
            "post",
            "2023-000001",
            {"sha256": sha256, "new": 1, "corrected": 0, "unchanged": 0, "refused": 0},
        )
    ]


@pytest.mark.parametrize(
    ("masked", "said"),
    [
        (["业务协办"] * 2, "“业务协办”：有 2 处身份证号码，已打码后读取"),
        ([""], "文件“三月.xlsx”：公式、批注、文本框等处有身份证号码"),
    ],
    ids=["in cells", "beside the cells"],
)
def test_a_file_with_identity_numbers_is_not_kept_and_the_uploader_is_told(
    engine: Engine, stored: StoredContract, masked: list[str], said: str
):
    book = handling(accepted(), data=b"with a number", name="三月.xlsx", masked=masked)

    done = posted(engine, stored, book)

    assert [str(remark) for remark in done.plan.remarks] == [
        f"{said}；原文件因此不留存，请今后不要填写。"
    ]
    with reading(engine) as connection:
        file = schema.upload_file.c
        assert connection.execute(select(file.sha256, file.size, file.content)).all() == [
            (hashlib.sha256(b"with a number").hexdigest(), 13, None)
        ]


@pytest.mark.parametrize(
    "number",
    [
        NUMBER,
        f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
        f"{NUMBER[:6]}\u200b{NUMBER[6:]}",
        f"{NUMBER[:6]}\u3000{NUMBER[6:]}",
    ],
    ids=["plain", "spaced", "zero-width", "full-width space"],
)
@pytest.mark.parametrize("heading", ["受理编号", "备注"])
def test_no_identity_number_reaches_the_store(
    engine: Engine, stored: StoredContract, heading: str, number: str
):
    row = accepted(日期="2023-03-06") | {heading: number}
    data = office_ledger([LedgerSheet("业务协办", list(row), [list(row.values())])])

    done = posted(engine, stored, read_own_workbook("三月.xlsx", data))

    assert outcomes(done.plan) == ["new"]
    with reading(engine) as connection:
        [row] = ledger_rows(connection, counted(Scope(stored, small.END)))
        kept = connection.scalars(select(schema.upload_file.c.content)).all()
    assert NUMBER not in squeezed(f"{row.application} {row.details}")
    assert kept == [None]


def test_a_file_refused_whole_leaves_a_line_in_the_audit_log_and_nothing_else(
    engine: Engine, stored: StoredContract
):
    before = held(engine)
    reason = "文件已加密，请取消打开密码后再传。"

    with contracts.acting(engine, stored) as connection:
        record_refusal(
            connection, stored, FIRST, name="密.xlsx", data=b"abc", reason=reason, now=small.NOW
        )

    assert audited(engine) == [
        (
            "甲",
            "upload_refused",
            hashlib.sha256(b"abc").hexdigest(),
            {"file": "密.xlsx", "size": 3, "reason": "文件已加密，请取消打开密码后再传。"},
        )
    ]
    assert held(engine) == {**before, "audit_line": before["audit_line"] + 1}


def test_a_workbook_without_a_sheet_of_ours_is_refused_whole_and_the_others_are_posted(
    engine: Engine, stored: StoredContract
):
    strange = small.workbook({"村(社区)": []}, "名册.xlsx", b"strange")

    [first, second] = post(
        engine, stored, FIRST, [strange, handling(accepted())], today=small.TODAY, now=small.NOW
    )

    assert first.plan.refusal == (
        "没有认识的工作表，文件里有：“村(社区)”；工作表名应为："
        "业务协办、家计调查、对象排查、网络管理、档案管理、业务培训、政策宣传、专项行动、"
        "特困老人核查、其他工作。"
    )
    assert (first.receipt, outcomes(second.plan)) == (None, ["new"])
    assert [line[1:3] for line in audited(engine)] == [
        ("upload_refused", hashlib.sha256(b"strange").hexdigest()),
        ("post", "2023-000001"),
    ]


# All or nothing.


def refuse_in_the_middle(engine: Engine) -> None:
    """Let the store itself refuse the last table that a posting fills."""
    forbids = (
        "CREATE TRIGGER full BEFORE INSERT ON entry_person WHEN NEW.staff = 'G2' "
        "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        if engine.dialect.name == "sqlite"
        else "ALTER TABLE entry_person ADD CHECK (staff <> 'G2')"
    )
    with engine.begin() as connection:
        connection.execute(text(forbids))


def test_a_posting_that_fails_half_way_leaves_nothing(engine: Engine, stored: StoredContract):
    refuse_in_the_middle(engine)
    before = held(engine)

    with pytest.raises(DBAPIError):
        posted(engine, stored, handling(accepted("A1"), accepted("A2", 服务人员="钱二丰")))

    assert held(engine) == before


def test_a_connection_that_breaks_half_way_leaves_nothing_and_the_next_posting_works(
    engine: Engine, stored: StoredContract
):
    before, book = held(engine), handling(accepted("A1"))

    def cut(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy
        if statement.startswith("DELETE FROM daily_sum"):
            cursor.connection.close()

    event.listen(engine, "before_cursor_execute", cut)
    with pytest.raises((DBAPIError, StoreError)):  # StoreError where a server has gone away
        posted(engine, stored, book)
    event.remove(engine, "before_cursor_execute", cut)

    assert held(engine) == before
    assert outcomes(posted(engine, stored, book).plan) == ["new"]


KILLED_IN_THE_MIDDLE = """
import os, signal, sys
from sqlalchemy import event
from lib.store.engine import open_store
from lib.store.setup import opened
from lib import contract
from lib.text import squeezed
from lib.workbooks.ledger import LedgerSheet, office_ledger
from lib.workbooks.own import read_own_workbook
from tests.spec import small
from tests.unit.test_text import NUMBER
from tests.spec.test_posting import accepted, handling, posted

engine = open_store(sys.argv[1])
terms = contract.parse(small.TERMS, "small.toml").model_copy(update={"code": sys.argv[2]})

@event.listens_for(engine, "before_cursor_execute")
def kill(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO audit_line"):
        os.kill(os.getpid(), signal.SIGKILL)

posted(engine, opened(engine, terms), handling(accepted("A1"), accepted("A2")))
"""


def test_a_process_killed_half_way_leaves_nothing_and_holds_nobody_back(
    store_url: str, engine: Engine, stored: StoredContract
):
    before = held(engine)

    killed = subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable,
            "-c",
            textwrap.dedent(KILLED_IN_THE_MIDDLE),
            store_url,
            stored.terms.code,
        ],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )

    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, b"")
    assert held(engine) == before
    assert outcomes(posted(engine, stored, handling(accepted("A1"))).plan) == ["new"]
