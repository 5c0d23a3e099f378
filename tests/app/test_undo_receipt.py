"""Undoing a receipt: shown before it is done, with a reason, by the own team's lead alone."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib import clock
from lib.actions import take_out
from tests.support.small_office import (
    EAST,
    END,
    LEAD,
    OTHER_LEAD,
    PERSONAL_NAMES,
    POSTED_AT,
    REVIEWER,
    WEST,
    patrol,
)
from tests.support.visits import RECEIPT, button, html_texts, is_sign_in_form, links, messages

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

OPEN, PRESS = "撤销这张回执…", "确认撤销回执 2023-000002"
FIRST_DAY, APRIL = date(2023, 3, 9), date(2023, 4, 3)
CORRECTED = patrol(FIRST_DAY, "示员甲", EAST, "屋顶漏水")


def post(office: Office) -> None:
    """Receipt 2 of the first team: two new patrols, and a corrected one."""
    rows = [patrol(APRIL, "示员甲", WEST), patrol(APRIL, "示员乙", WEST), CORRECTED]
    office.post({"对象排查": rows}, LEAD)


def looked_at(office: Office, viewer: Viewer | None = LEAD) -> AppTest:
    """The page that shows what undoing receipt 2 would do."""
    return office.visit(viewer, RECEIPT, id="2", act="undo")


def pressed(app: AppTest, reason: str = "传错了文件") -> AppTest:
    """Give the reason and press."""
    app.text_input(key="act_reason").set_value(reason)
    return button(app, PRESS).click().run()


def labels(app: AppTest) -> list[str]:
    """The buttons of the page itself."""
    return [each.label for each in app.button]


@pytest.mark.parametrize(
    ("viewer", "offered"),
    [(LEAD, [OPEN]), (REVIEWER, [])],
    ids=lambda value: getattr(value, "name", ""),
)
def test_undoing_is_offered_to_the_own_teams_lead(
    office: Office, viewer: Viewer, offered: list[str]
):
    post(office)
    assert labels(office.visit(viewer, RECEIPT, id="2")) == offered


def test_a_reviewer_who_asks_for_it_by_address_sees_the_receipt_only(office: Office):
    post(office)
    app = looked_at(office, REVIEWER)
    assert labels(app) == []
    assert [heading.value for heading in app.subheader][1:] == ["新增 2 条", "更正 1 条"]


def test_another_teams_lead_and_a_stranger_find_nothing(office: Office):
    post(office)
    assert messages(looked_at(office, OTHER_LEAD)) == ["网址可能有误，或者您的角色不使用这一页。"]
    assert is_sign_in_form(looked_at(office, None))


def test_what_it_will_do_is_shown_first(office: Office):
    post(office)
    app = office.visit(LEAD, RECEIPT, id="2")
    button(app, OPEN).click().run()

    assert app.query_params["act"] == "undo"
    assert html_texts(app, "tile")[4:] == [
        ["将撤回", "2", "条", "不再计入"],
        ["将恢复原内容", "1", "条", "以更正前的内容计入"],
        ["保持不变", "0", "条", "后来另有变化，或已封存"],
        ["人天合计", "少 2", "人天"],
    ]
    assert html_texts(app, "listed") == [
        ["变化的数字", "现在", "之后"],
        ["对象排查", "4 / 12 人天", "2 / 12 人天"],
        ["日期", "项目", "服务人员", "村（社区）", "内容", "文件行"],
        ["2023-04-03", "对象排查", "示员甲", WEST, "排查情况：一切如常", "4"],
        ["2023-04-03", "对象排查", "示员乙", WEST, "排查情况：一切如常", "5"],
        ["日期", "项目", "服务人员", "村（社区）", "现在", "撤销后"],
        ["2023-03-09", "对象排查", "示员甲", EAST, "排查情况：屋顶漏水", "排查情况：一切如常"],
    ]
    assert not office.audit("undo")


def test_what_was_changed_since_is_named(office: Office):
    post(office)
    office.post({"对象排查": [{**CORRECTED, "排查情况": "已修好"}]}, LEAD)
    app = looked_at(office)

    assert html_texts(app, "listed")[-2:] == [
        ["日期", "项目", "服务人员", "村（社区）", "为什么"],
        [
            "2023-03-09",
            "对象排查",
            "示员甲",
            EAST,
            "后来另有更正：2023-05-04 10:00，lead1，回执 2023-000003",
        ],
    ]


def test_undoing_gives_the_figures_before_and_one_audit_line(office: Office):
    before = office.measures(END)
    post(office)
    app = pressed(looked_at(office), " 传错了文件 ")

    assert office.measures(END) == before
    (said,) = messages(app)
    assert said.endswith(" 由 lead1 撤销。")
    assert "act" not in app.query_params
    assert labels(app) == []
    name, content = take_out.original_file(office.engine, office.stored, REVIEWER, 3, POSTED_AT)
    assert name == "撤销回执_2023-000002.jsonl"
    (line,) = office.audit("undo")
    assert (line["by"], line["subject"], line["before"]) == (
        "lead1",
        "2023-000002",
        {"added": 2, "corrected": 1},
    )
    number = line["after"]["receipt"]
    assert number.endswith("-000003")
    assert ("receipt?id=3", f"已撤销，见 {number}") in links(app)
    assert line["after"] == {
        "receipt": number,
        "sha256": hashlib.sha256(content).hexdigest(),
        "withdrawn": 2,
        "corrected": 1,
        "unchanged": 0,
    }
    assert (clock.now() - line["at"]).total_seconds() < 60
    assert not [name for name in PERSONAL_NAMES if name in f"{line}{content.decode()}"]


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_undone(office: Office, reason: str):
    post(office)
    app = pressed(looked_at(office), reason)

    assert messages(app) == ["撤销必须写明原因。"]
    assert labels(app) == [PRESS, "不做了，返回"]
    assert not office.audit("undo")


def test_a_common_reason_is_enough(office: Office):
    post(office)
    app = looked_at(office)
    app.button_group[0].set_value("重复上传")
    app = pressed(app, "")
    assert html_texts(app, "facts")[0][-2:] == ["撤销原因", "重复上传"]


def test_a_reason_is_shown_as_it_was_written(office: Office):
    post(office)
    written = "![x](https://example.com/x.png) <b>错</b>"
    app = pressed(looked_at(office), written)

    assert html_texts(app, "facts")[0][-2:] == ["撤销原因", written]
    assert not [box for box in messages(app) if "example.com" in box]


def test_turning_back_does_nothing(office: Office):
    post(office)
    app = looked_at(office)
    button(app, "不做了，返回").click().run()

    assert labels(app) == [OPEN]
    assert not office.audit("undo")


def test_of_two_windows_one_wins_and_the_other_is_told(office: Office):
    post(office)
    first, second = looked_at(office), looked_at(office)
    pressed(first)
    pressed(second)

    told = messages(second)
    assert told[0].endswith(" 由 lead1 撤销。")
    (line,) = office.audit("undo")
    assert told[1].endswith(f" 由 lead1 撤销，见回执 {line['after']['receipt']}。")


def test_what_changed_while_it_was_looked_at_is_shown_before_it_is_done(office: Office):
    post(office)
    app = looked_at(office)
    office.post({"对象排查": [{**CORRECTED, "排查情况": "已修好"}]}, LEAD)
    pressed(app)
    assert messages(app) == ["刚有别的过账或撤回，撤销的内容已不同。请按现在的情况再核对一遍。"]
    assert html_texts(app, "tile")[5][:2] == ["将恢复原内容", "0"]
    assert not office.audit("undo")

    pressed(app)
    (line,) = office.audit("undo")
    assert (line["after"]["withdrawn"], line["after"]["unchanged"]) == (2, 1)


def test_an_undoing_is_not_offered_to_be_undone(office: Office):
    post(office)
    pressed(looked_at(office))
    app = office.visit(LEAD, RECEIPT, id="3")
    assert labels(app) == []
    assert app.caption[-1].value.startswith("撤销本身不能再撤销。")

    app = office.visit(LEAD, RECEIPT, id="3", act="undo")
    assert messages(app)[0].startswith("撤销不能再撤销。")
    assert labels(app) == ["返回"]
