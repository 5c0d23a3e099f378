"""Seeing the work on data and archives, and the other tasks: how much of what, and when."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support import small_office
from tests.support.row_links import misfits, row_links, under
from tests.support.small_office import BEFORE_ANY_LOG, END, EVERYONE, MID_MONTH
from tests.support.visits import TASKS, headings, html_texts, messages, notes

if TYPE_CHECKING:
    from pathlib import Path

    from lib.access import Viewer
    from tests.support.visits import Office

TERMS = small_office.TERMS.replace("shi-2023", "shi-2024").replace(
    "[[obligation]]",
    """[[item]]
code = "data_work"
name = "数据网络"
person_days = 5

[[item]]
code = "archive_work"
name = "档案管理"
person_days = 1

[[item]]
code = "other_task"
name = "其他工作"

[[obligation]]""",
    1,
)


def data(day: date, task: str, items: int, platform: str | None = None):
    """Work on data."""
    return {
        "日期": day,
        "服务人员": "示员甲",
        "工作内容": task,
        "平台名称": platform,
        "条数": items,
    }


def archives(day: date, place: str, copies: int):
    """Work on archives."""
    return {
        "日期": day,
        "服务人员": "示员乙",
        "地点": place,
        "档案类别": "低保",
        "环节": "整理",
        "份数": copies,
    }


def task(day: date, assigned_by: str | None):
    """Another task."""
    return {"日期": day, "服务人员": "示员丙", "交办单位": assigned_by, "工作内容": "送材料"}


@pytest.fixture
def busy_office(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose contract has these items, with logs of all three."""
    other = under(office, TERMS, tmp_path / "other.toml", monkeypatch)
    other.import_rosters()
    for viewer in EVERYONE:
        other.add(viewer)
    other.post(
        {
            "网络管理": [
                data(date(2023, 3, 6), "数据核对", 1200, "省平台"),
                data(date(2023, 3, 7), "数据收集", 30),
                data(date(2023, 4, 3), "数据核对", 5, "省平台"),
            ],
            "档案管理": [archives(date(2023, 3, 6), "街道", 12)],
            "其他工作": [task(date(2023, 3, 6), "示例局"), task(date(2023, 4, 6), None)],
        }
    )
    return other


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_how_much_was_done(busy_office: Office, viewer: Viewer):
    app = busy_office.visit(viewer, TASKS)

    assert not messages(app)
    assert headings(app) == ["数据网络", "档案管理", "其他工作"]
    assert [row[:4] for row in html_texts(app, "row")[1:]] == [
        ["数据网络", "▼ 滞后", "完成", "3"],
        ["档案管理", "✓ 已完成", "完成", "1"],
    ]
    assert html_texts(app, "tile") == [
        ["记录条数", "3"],
        ["条数", "1,235"],
        ["记录条数", "1"],
        ["份数", "12"],
        ["记录条数", "2"],
    ]


def test_the_work_is_sorted_by_choice_by_platform_and_by_month(busy_office: Office):
    app = busy_office.visit(small_office.LEADER, TASKS)

    assert html_texts(app, "matrix")[:3] == [
        [
            *("工作内容", "记录条数", "条数"),
            *("数据收集", "1", "30", "数据更新", "0", "0"),
            *("数据核对", "2", "1,205", "数据上报", "0", "0"),
        ],
        ["平台名称", "记录条数", "条数", "省平台", "2", "1,205", "未填", "1", "30"],
        ["月份", "3月", "4月", "记录条数", "2", "1", "条数", "1,230", "5"],
    ]
    assert html_texts(app, "bars") == [["示例局", "1 条", "未填", "1 条"]]
    assert html_texts(app, "matrix")[-1] == ["月份", "3月", "4月", "记录条数", "1", "1"]


def test_of_many_ways_to_write_a_platform_the_frequent_are_shown(busy_office: Office):
    names = [f"平台{number:02}" for number in range(12)]
    rows = [data(date(2023, 3, 8), "数据收集", 1, name) for name in names]
    busy_office.post({"网络管理": rows})
    app = busy_office.visit(small_office.LEADER, TASKS)

    platforms = html_texts(app, "matrix")[1]
    assert platforms[3::3] == ["省平台", *names[:11]]
    assert "另有 2 种，见记录明细" in notes(app)


@pytest.mark.parametrize("day", [MID_MONTH, END], ids=str)
def test_every_number_leads_to_its_rows(busy_office: Office, day: date):
    app = busy_office.visit(small_office.LEADER, TASKS, as_of=str(day))

    assert len(row_links(app)) > 20
    assert misfits(busy_office, app, day) == []


def test_before_the_first_log_it_says_so(busy_office: Office):
    app = busy_office.visit(small_office.LEADER, TASKS, as_of=str(BEFORE_ANY_LOG))

    assert messages(app) == [
        f"截至 {BEFORE_ANY_LOG}，还没有“{name}”的记录。"
        for name in ("网络管理", "档案管理", "其他工作")
    ]
    assert row_links(app) == []


def test_a_contract_without_this_work_says_so(office: Office):
    app = office.visit(small_office.LEADER, TASKS)

    assert messages(app) == ["本合同没有这些工作：网络管理、档案管理、其他工作。"]
