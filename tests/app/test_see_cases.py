"""Seeing the applications: which wait and for how long, how quick the others were, the work."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support import small_office
from tests.support.row_links import misfits, row_links, under
from tests.support.small_office import BEFORE_ANY_LOG, END, EVERYONE, LEADER, MID_MONTH
from tests.support.visits import CASES, html_texts, messages, sent

if TYPE_CHECKING:
    from pathlib import Path

    from lib.access import Viewer
    from tests.support.visits import Office


def without_cases() -> str:
    """The small office's contract under another code, without its obligation of cases."""
    text = small_office.TERMS.replace("shi-2023", "shi-2024")
    head, *obligations = re.split(r"(?=\[\[obligation\]\]|\[thresholds\])", text)
    return head + "".join(each for each in obligations if 'measure = "cases"' not in each)


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_how_the_cases_stand(office: Office, viewer: Viewer):
    app = office.visit(viewer, CASES)

    assert not messages(app)
    assert html_texts(app, "headline")[0][1] == (
        "新申请入户调查：受理 3 件，已调查 1 件，待调查 2 件，其中 2 件已超过 3 个工作日，请先办。"
    )
    assert html_texts(app, "tile") == [
        ["受理", "3", "件"],
        ["已调查", "1", "件", "完成 33.3%"],
        ["待调查", "2", "件"],
        ["超期待调查", "2", "件", "受理已超过 3 个工作日 · 管理指标，非合同义务"],
        ["中位数", "1", "个工作日"],
        ["最长", "1", "个工作日"],
        ["3 个工作日内", "100%", "1 / 1 件"],
    ]


@pytest.mark.parametrize(
    ("day", "rows"),
    [
        (
            date(2023, 3, 20),
            [
                [
                    "示申002",
                    "超期，超过 3 个工作日",
                    "2023-03-07",
                    "9 个工作日",
                    "示东社区",
                    "2 条",
                ],
                ["示申003", "待调查", "2023-03-20", "0 个工作日", "示东社区", "1 条"],
            ],
        ),
        (
            date(2023, 3, 10),
            [["示申002", "待调查", "2023-03-07", "3 个工作日", "示东社区", "1 条"]],
        ),
    ],
)
def test_those_waiting_are_listed_the_oldest_first(office: Office, day: date, rows):
    app = office.visit(LEADER, CASES, as_of=str(day))

    assert html_texts(app, "listed")[1:] == rows


def test_a_long_list_has_pages(office: Office):
    more = [
        small_office.case(date(2023, 4, 3), "示员甲", f"示续{number:03}") for number in range(21)
    ]
    office.post({"业务协办": more})
    app = office.visit(LEADER, CASES)
    assert len(html_texts(app, "listed")) == 1 + 20
    assert html_texts(app, "pager") == [["第 1 / 2 页 ·", "下一页"]]

    app.query_params["new_applications_page"] = "2"
    app.run()
    assert [cells[0] for cells in html_texts(app, "listed")[1:]] == [
        f"示续{number:03}" for number in (18, 19, 20)
    ]
    assert html_texts(app, "pager") == [["第 2 / 2 页 ·", "上一页"]]


def test_the_months_stand_beside_each_other(office: Office):
    assert html_texts(office.visit(LEADER, CASES), "matrix") == [
        ["月份", "3月", "4月", "受理", "3", "0", "已调查", "1", "0"]
    ]


def test_the_work_is_counted_by_every_choice(office: Office):
    app = office.visit(LEADER, CASES)

    headings = [text for (text, *_) in html_texts(app, "summary")]
    assert headings == [
        *("救助类别", "材料是否齐全"),
        *("救助类别", "办理环节", "材料是否齐全"),
        *("调查类型", "调查结论"),
    ]
    steps = html_texts(app, "bars")[3]
    assert steps[:4] == ["受理", "3 条", "材料补正", "0 条"]
    assert steps[12:14] == ["公示", "1 条"]


@pytest.mark.parametrize("day", [MID_MONTH, END], ids=str)
def test_every_number_leads_to_its_rows(office: Office, day: date):
    app = office.visit(LEADER, CASES, as_of=str(day))

    assert len(row_links(app)) > 10
    assert misfits(office, app, day) == []


def test_before_the_first_log_it_says_so(office: Office):
    app = office.visit(LEADER, CASES, as_of=str(BEFORE_ANY_LOG))

    assert html_texts(app, "headline")[0][1] == "新申请入户调查：还没有受理，尚无可调查的。"
    assert messages(app) == ["没有待调查的申请。", "还没有调查过的申请，尚无用时可算。"]
    assert row_links(app) == []


def test_a_contract_without_cases_says_so(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other = under(office, without_cases(), tmp_path / "other.toml", monkeypatch)
    other.add(LEADER)

    app = other.visit(LEADER, CASES)
    assert messages(app) == ["本合同没有“受理后须调查”一类的义务，这一页没有可看的内容。"]


def test_applicants_are_not_named(office: Office):
    assert "示申一" not in sent(office.visit(small_office.REVIEWER, CASES))
