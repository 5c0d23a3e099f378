"""Seeing the villages and communities: all of them, and one."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.actions import territories
from lib.actions.import_rosters import import_rosters
from lib.workbooks.own import read_own_workbook
from tests.support import small_office
from tests.support.row_links import under
from tests.support.small_office import (
    ADMIN,
    BEFORE_ANY_LOG,
    EAST,
    ELDERS,
    END,
    EVERYONE,
    FIRST_TEAM,
    HEADS,
    LEAD,
    LEADER,
    MID_MONTH,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
    SOUTH,
    WEST,
)
from tests.support.visits import LOCALITIES, LOCALITY, html_texts, links, messages, notes, titles

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office


def tiles(app: AppTest) -> dict[str, str]:
    """What the map shows of each place."""
    words = [text for group in html_texts(app, "places") for text in group[1:]]
    return dict(zip(words[::2], words[1::2], strict=True))


def table(app: AppTest) -> list[list[str]]:
    """The table's rows."""
    return html_texts(app, "listed")[1:]


def glance(app: AppTest) -> list[list[str]]:
    """What all places come to."""
    return html_texts(app, "tile")


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_what_all_places_come_to_and_where_to_go(office: Office, viewer: Viewer):
    app = office.visit(viewer, LOCALITIES, as_of=str(MID_MONTH))
    assert glance(app) == [
        ["本月走访", "2", "/ 3 个村（社区）", "管理指标，非合同义务"],
        ["最久未走访", "从未", WEST],
        ["专项行动入户", "1", "/ 4 户"],
        ["未办结问题", "1", "个", "在 1 个村（社区）"],
        ["本月特困老人月访", "1", "/ 4 人次"],
    ]
    (words,) = html_texts(app, "summary")
    assert "".join(words) == f"本月还有1个村（社区）没有走访（管理指标，非合同义务）：{WEST}"
    assert ("locality?code=L3&as_of=2023-03-15", WEST) in links(app)
    assert "名册与合同不一致，困难家庭：合同 4，名册 3" in notes(app)


@pytest.mark.parametrize(
    ("by", "shades"),
    [
        ("patrol_localities", [4, 2, 0]),
        ("patrol_localities_since", [1, 4, 4]),
        ("campaign_households", [4, 0, 0]),
        ("elder_months", [2, 0, 0]),
    ],
)
def test_where_nobody_ever_was_is_shaded_as_the_longest_ago(
    office: Office, by: str, shades: list[int]
):
    office.post({"对象排查": [small_office.patrol(date(2023, 3, 14), "示员甲", EAST)]})
    app = office.visit(LEADER, LOCALITIES, as_of=str(MID_MONTH), by=by)
    found = [re.findall(r'class="level-(.)"', each.proto.body) for each in app.html]
    assert [int(level) for levels in found for level in levels][: len(shades)] == shades


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_every_place(office: Office, viewer: Viewer):
    app = office.visit(viewer, LOCALITIES, as_of=str(MID_MONTH))
    assert not messages(app)
    assert tiles(app) == {EAST: "1", SOUTH: "1", WEST: "0"}
    assert [row[0] for row in table(app)] == [EAST, SOUTH, WEST]


@pytest.mark.parametrize(
    ("by", "shown"),
    [
        ("patrol_localities", ["0", "0", "0"]),
        ("patrol_localities_since", ["52", "52", "从未"]),
        ("campaign_households", ["1/1", "1/1", "0/1"]),
        ("campaign_households_open", ["1", "0", "0"]),
        ("elder_months", ["0/2", "0/2", "—"]),
        ("nothing", ["0", "0", "0"]),
    ],
)
def test_the_map_is_coloured_by_the_figure_in_the_address(
    office: Office, by: str, shown: list[str]
):
    app = office.visit(LEADER, LOCALITIES, as_of=str(END), by=by)
    assert list(tiles(app).values()) == shown


def test_the_table_is_sorted_and_searched(office: Office):
    app = office.visit(LEADER, LOCALITIES, as_of=str(END), sort="patrol_localities_since")
    assert [row[0] for row in table(app)] == [WEST, EAST, SOUTH]
    app.text_input[0].set_value("社区").run()
    assert [row[0] for row in table(app)] == [EAST]
    app.text_input[0].set_value("没有").run()
    assert messages(app) == ["没有这样的村（社区）。"]


def test_the_matrix_shows_the_days_of_each_month(office: Office):
    (cells,) = html_texts(office.visit(LEADER, LOCALITIES), "matrix")
    assert cells == [
        "村（社区）",
        "2023-03",
        "2023-04",
        EAST,
        "1",
        "0",
        SOUTH,
        "1",
        "0",
        WEST,
        *"00",
    ]


def test_before_the_first_log_nobody_was_anywhere(office: Office):
    app = office.visit(LEADER, LOCALITIES, as_of=str(BEFORE_ANY_LOG))
    assert not app.error
    assert list(tiles(app).values()) == ["0", "0", "0"]
    assert messages(app) == ["到这一天还没有日志入账，各项都从零开始。"]


def test_hundreds_of_places_stand_on_one_map_and_come_in_pages(office: Office):
    rows = [
        {"编码": f"V{each:03d}", "名称": f"第{each:03d}村", "类别": "村", "街道": "山上街道"}
        for each in range(1, 398)
    ]
    book = read_own_workbook("名册.xlsx", small_office.book({"村(社区)": rows}))
    import_rosters(office.engine, office.stored, small_office.OPERATOR, book, POSTED_AT)
    app = office.visit(LEADER, LOCALITIES, as_of=str(MID_MONTH), page="8")
    assert len(tiles(app)) == 400
    assert [row[0] for row in table(app)][::49] == ["第348村", "第397村"]
    assert "".join(html_texts(app, "pager")[0]).startswith("第 8 / 8 页")
    assert ("localities?sort=patrol_localities&as_of=2023-03-15", "等 398 个") in links(app)


def test_a_contract_that_asks_nothing_of_places_says_so(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    head, _, rest = small_office.TERMS.partition("[[obligation]]")
    terms = head + rest[rest.index("[thresholds]") :]
    app = under(office, terms, tmp_path / "c.toml", monkeypatch).visit(LEADER, LOCALITIES)
    assert messages(app) == ["本合同没有按村（社区）计算的指标。"]
    assert not glance(app)


def test_without_a_roster_a_sentence_says_what_to_do(empty_office: Office):
    empty_office.add(LEADER)
    app = empty_office.visit(LEADER, LOCALITIES)
    assert messages(app) == ["名册里还没有村（社区）。请管理员先导入名册。"]


def test_a_place_has_a_page_of_its_own(office: Office):
    app = office.visit(LEADER, LOCALITIES)
    assert ("locality?code=L1&as_of=2023-04-30", EAST) in links(app)
    app = office.visit(LEADER, LOCALITY, as_of=str(END), code="L1")
    assert titles(app) == [EAST]
    assert html_texts(app, "tile") == [
        ["本月走访", "0", "天", "管理指标，非合同义务"],
        ["距上次走访", "52", "天", "管理指标，非合同义务"],
        ["专项行动入户", "1", "/ 1 户"],
        ["未办结问题", "1", "个"],
        ["本月特困老人月访", "0", "/ 2 人次"],
        ["特困老人月访", "2", "人次"],
        ["受理申请", "3", "件"],
        ["待调查申请", "2", "件"],
        ["走访天数", "1", "天"],
        ["发现线索", "0"],
        ["全部记录", "9", "条"],
    ]
    (months,) = html_texts(app, "matrix")
    assert months == [
        *("项目", "2023-03", "2023-04"),
        *("专项行动入户", "1", "0"),
        *("未办结问题", "1", "0"),
        *("特困老人月访", "2", "0"),
        *("受理申请", "3", "0"),
        *("待调查申请", "2", "0"),
        *("走访天数", "1", "0"),
        *("发现线索", "0", "0"),
        *("全部记录", "9", "0"),
        *("业务协办（人天）", "4", "0"),
        *("家计调查（人天）", "1", "0"),
        *("对象排查（人天）", "1", "0"),
        *("专项行动（人天）", "1", "0"),
        *("特困老人定期核查（人天）", "2", "0"),
    ]


@pytest.mark.parametrize(
    ("viewer", "elder", "head"),
    [
        (LEADER, "示*", "示*"),
        (ADMIN, "示*", "示*"),
        (LEAD, "示*", HEADS["H1"]),
        (OTHER_LEAD, ELDERS["T1"], "示*"),
        (REVIEWER, ELDERS["T1"], HEADS["H1"]),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_its_elders_and_households_are_listed(
    office: Office, viewer: Viewer, elder: str, head: str
):
    app = office.visit(viewer, LOCALITY, as_of=str(MID_MONTH), code="L1")
    assert table(app) == [
        ["2023-03-13", "H1", "药费自付多", "—", "2 天"],
        ["受理编号", "受理日期", "已等"],
        ["示申002", "2023-03-07", "6 个工作日"],
        ["编号", "姓名", "已访", "情况"],
        ["T1", elder, "1 / 2 次", "未访够"],
        ["户编号", "户主", "救助类别", "走访"],
        ["H1", head, "低保", "2023-03-13 首次走访"],
    ]


def test_a_lead_sees_the_names_of_the_own_place(office: Office):
    territories.assign(office.engine, office.stored, ADMIN, {"L2": FIRST_TEAM}, POSTED_AT)
    names = (ELDERS["T2"], HEADS["H2"])
    for viewer, seen in ((REVIEWER, names), (LEAD, names), (LEADER, ("示*", "示*"))):
        app = office.visit(viewer, LOCALITY, as_of=str(MID_MONTH), code="L2")
        assert tuple(row[1] for row in table(app) if row[0] in {"T2", "H2"}) == seen


def test_a_problem_open_for_too_long_says_so(office: Office):
    app = office.visit(LEADER, LOCALITY, as_of=str(END))
    assert table(app)[0] == ["2023-03-13", "H1", "药费自付多", "—", "48 天，超过 30 天"]


def test_where_nothing_is_open_or_was_done_it_says_so(office: Office):
    app = office.visit(LEADER, LOCALITY, code="L3")
    assert messages(app) == ["到这一天，这里还没有日志入账。", "这里本月没有应走访的老人。"]
    captions = [each.value for each in app.caption]
    assert {"没有未办结的问题。", "没有待调查的申请。"} <= set(captions)
    assert not [address for address, _ in links(app) if address.startswith("rows?")]


def test_long_lists_of_households_come_in_pages(office: Office):
    rows = [
        {"户编号": f"J{each:02d}", "户主姓名": "示户某", "村(社区)": EAST, "救助类别": "低保"}
        for each in range(1, 61)
    ]
    book = read_own_workbook("名册.xlsx", small_office.book({"困难家庭": rows}))
    import_rosters(office.engine, office.stored, small_office.OPERATOR, book, POSTED_AT)
    app = office.visit(LEADER, LOCALITY, households="2")
    assert [row[0] for row in table(app)][-11:] == [*(f"J{n}" for n in range(51, 61)), "H1"]
    assert "".join(html_texts(app, "pager")[0]) == "第 2 / 2 页 ·上一页"
    assert ("locality?code=L1&households=1", "上一页") in links(app)


@pytest.mark.parametrize("code", ["", "L9", "-1", "L1'", "x" * 500])
def test_a_place_that_is_not_there_is_not_found(office: Office, code: str):
    app = office.visit(LEADER, LOCALITY, code=code)
    assert titles(app) == ["找不到这个页面"]
