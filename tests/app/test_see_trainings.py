"""Seeing the trainings: which were held, which count and why; what was done for the public."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support import small_office
from tests.support.row_links import misfits, row_links, under
from tests.support.small_office import BEFORE_ANY_LOG, END, EVERYONE, LEADER, MID_MONTH
from tests.support.visits import TRAININGS, html_texts, messages, notes

if TYPE_CHECKING:
    from pathlib import Path

    from lib.access import Viewer
    from tests.support.visits import Office

NO_PUBLICITY = "本合同没有这些工作：政策宣传。"
PUBLIC = small_office.TERMS.replace("shi-2023", "shi-2024").replace(
    "[[obligation]]",
    '[[item]]\ncode = "publicity"\nname = "宣传政策"\nperson_days = 5\n\n[[obligation]]',
    1,
)


def publicity(day: date, form: str, audience: int, handouts: int | None = None):
    """Something done to make the policies known."""
    return {
        "日期": day,
        "服务人员": "示员甲",
        "村(社区)": small_office.EAST,
        "宣传形式": form,
        "受众人数": audience,
        "发放资料份数": handouts,
    }


@pytest.fixture
def public_office(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose contract has publicity too."""
    other = under(office, PUBLIC, tmp_path / "other.toml", monkeypatch)
    other.import_rosters()
    other.add(LEADER)
    other.post(
        {
            "政策宣传": [
                publicity(date(2023, 3, 8), "广播", 300),
                publicity(date(2023, 3, 9), "集市宣传", 40, 25),
                publicity(date(2023, 4, 3), "广播", 500, 2),
            ]
        }
    )
    return other


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_what_was_held_and_what_counts(office: Office, viewer: Viewer):
    app = office.visit(viewer, TRAININGS)

    assert messages(app) == [NO_PUBLICITY]
    assert html_texts(app, "headline")[0][1] == (
        "培训场次：合同要求 2 次，已办 2 次，计数 1 次，还差 1 次；方案先备案，再举办。"
    )
    assert html_texts(app, "tile") == [
        ["已办", "2", "次"],
        ["计数", "1", "/ 2 次"],
        ["街道专管员人数", "4", "各场合计"],
        ["协理员人数", "10", "各场合计"],
    ]
    rule = "“方案备案日期”在举办当日或之前的才计数；没有备案或备案晚了的，算已办，不计数。"
    assert rule in notes(app)


def test_each_session_says_whether_it_counts_and_why_not(office: Office):
    headings, *rows = html_texts(office.visit(LEADER, TRAININGS), "listed")

    platform, yes, empty = "信息平台培训", "是", "未填"
    assert headings == [
        *("日期", "是否计数", "方案备案日期", "培训类别", "主题", "地点", "备案文号", "廉政教育"),
        *("街道专管员人数", "协理员人数"),
    ]
    assert rows == [
        [
            *("2023-03-10", "计数", "2023-03-01", platform, "示例培训 2023-03-10"),
            *(empty, empty, yes, "2", "5"),
        ],
        [
            *("2023-03-15", "不计数：方案未备案", "未备案", platform, "示例培训 2023-03-15"),
            *(empty, empty, yes, "2", "5"),
        ],
    ]


def test_each_category_and_the_integrity_education_are_counted(office: Office):
    assert html_texts(office.visit(LEADER, TRAININGS), "matrix") == [
        [
            *("培训类别", "已办", "计数"),
            *("信息平台培训", "2", "1", "阶段性业务培训", "0", "0", "其他", "0", "0"),
        ],
        ["廉政教育", "已办", "计数", "是", "2", "1", "否", "0", "0"],
    ]


def test_what_is_done_for_the_public_is_added_up(public_office: Office):
    app = public_office.visit(LEADER, TRAININGS)

    assert messages(app) == [f"截至 {END}，还没有办过。"]
    assert html_texts(app, "row")[-1][:4] == ["宣传政策", "▼ 滞后", "完成", "3"]
    assert html_texts(app, "tile")[-3:] == [
        ["记录条数", "3"],
        ["受众人数", "840"],
        ["发放资料份数", "27"],
    ]
    assert html_texts(app, "matrix") == [
        [
            *("宣传形式", "记录条数", "受众人数", "发放资料份数"),
            *("广播", "2", "800", "2", "集市宣传", "1", "40", "25"),
        ],
        [
            *("月份", "3月", "4月"),
            *("记录条数", "2", "1", "受众人数", "340", "500", "发放资料份数", "25", "2"),
        ],
    ]
    assert misfits(public_office, app, END) == []


@pytest.mark.parametrize("day", [MID_MONTH, END], ids=str)
def test_every_number_leads_to_its_rows(office: Office, day: date):
    app = office.visit(LEADER, TRAININGS, as_of=str(day))

    assert len(row_links(app)) == 9
    assert misfits(office, app, day) == []


def test_before_the_first_log_it_says_so(office: Office):
    app = office.visit(LEADER, TRAININGS, as_of=str(BEFORE_ANY_LOG))

    assert messages(app) == [NO_PUBLICITY, f"截至 {BEFORE_ANY_LOG}，还没有办过。"]
    assert row_links(app) == []


def test_a_contract_without_trainings_says_so(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    terms = small_office.TERMS.replace("shi-2023", "shi-2024")
    first, _, rest = terms.partition('[[obligation]]\ncode = "training"')
    other = under(
        office, first + rest[rest.index("[[obligation]]") :], tmp_path / "o.toml", monkeypatch
    )
    other.add(LEADER)

    app = other.visit(LEADER, TRAININGS)
    assert messages(app) == ["本合同没有按场次计的培训义务。", NO_PUBLICITY]
