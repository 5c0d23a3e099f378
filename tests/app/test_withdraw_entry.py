"""Withdrawing one entry, and counting it again: by its own team's lead, said before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.small_office import (
    ADMIN,
    END,
    LEAD,
    LEADER,
    OTHER_LEAD,
    PERSONAL_NAMES,
    REVIEWER,
    SOUTH,
    patrol,
)
from tests.support.visits import HISTORY, button, html_texts, is_sign_in_form, links, messages

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

# 7 is a patrol of the second team's, the only thing that person did that day.
PATROL = "7"
NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
WITHDRAWN = "此条已撤回，不计入。"


def looked_at(office: Office, act: str, viewer: Viewer | None = OTHER_LEAD) -> AppTest:
    """The entry's page that shows what the act would do."""
    return office.visit(viewer, HISTORY, id=PATROL, act=act)


def pressed(app: AppTest, press: str = "确认撤回这条", reason: str = "录错了") -> AppTest:
    """Give the reason and press."""
    app.text_input(key="act_reason").set_value(reason)
    return button(app, press).click().run()


def labels(app: AppTest) -> list[str]:
    """The buttons of the page itself."""
    return [each.label for each in app.button]


@pytest.mark.parametrize(
    ("viewer", "offered"),
    [(LEADER, []), (LEAD, []), (OTHER_LEAD, ["撤回这条…"]), (REVIEWER, []), (ADMIN, [])],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.parametrize("act", ["", "withdraw", "restore"])
def test_the_acts_are_for_the_entrys_own_lead(
    office: Office, viewer: Viewer, offered: list[str], act: str
):
    app = office.visit(viewer, HISTORY, id=PATROL, act=act)
    asked = {"": offered, "withdraw": ["确认撤回这条", "不做了，返回"], "restore": ["返回"]}
    assert labels(app) == (asked[act] if viewer is OTHER_LEAD else [])
    correcting = ("quick_entry?entry=7", "更正这条") in links(app)
    assert correcting is (viewer is OTHER_LEAD and not act)


def test_a_stranger_finds_the_sign_in_form(office: Office):
    assert is_sign_in_form(looked_at(office, "withdraw", None))


@pytest.mark.parametrize("asked", ["0", "-1", "99", "99999999999999999999", "7 or 1=1", "7'"])
def test_an_entry_that_is_not_there_is_not_found(office: Office, asked: str):
    app = office.visit(OTHER_LEAD, HISTORY, id=asked, act="withdraw")
    assert messages(app) == NOT_FOUND
    assert labels(app) == []


def test_what_withdrawing_will_do_is_said_first(office: Office):
    app = office.visit(OTHER_LEAD, HISTORY, id=PATROL)
    button(app, "撤回这条…").click().run()

    assert messages(app) == ["此条将不再计入：少 1 人天。内容、来源和原因都留在台账里，仍可查阅。"]
    assert html_texts(app, "listed") == [
        ["变化的数字", "现在", "之后"],
        ["对象排查", "2 / 12 人天", "1 / 12 人天"],
    ]
    assert not office.audit("withdraw")


def test_withdrawing_moves_the_figures_and_is_on_record(office: Office):
    app = pressed(looked_at(office, "withdraw"))

    assert messages(app) == [WITHDRAWN]
    assert html_texts(app, "facts")[0][-2:] == ["撤回原因", "录错了"]
    assert labels(app) == ["重新计入…"]
    assert "act" not in app.query_params
    assert office.measures(END)["person_days"]["patrol"]["delivered"] == 1
    (line,) = office.audit("withdraw")
    assert (line["by"], line["subject"], line["before"], line["after"]) == (
        "lead2",
        "entry 7 v1",
        {"effective": True},
        {"effective": False},
    )
    assert not [name for name in PERSONAL_NAMES if name in str(line)]


def test_a_withdrawn_entry_counts_again(office: Office):
    before = office.measures(END)
    pressed(looked_at(office, "withdraw"))
    app = looked_at(office, "restore")
    assert "此条将重新计入：多 1 人天。内容、来源和原因都留在台账里，仍可查阅。" in messages(app)

    app = pressed(app, "确认重新计入", "已核实属实")
    assert messages(app) == []
    assert labels(app) == ["撤回这条…"]
    assert office.measures(END) == before
    (line,) = office.audit("restore")
    number = line["after"]["receipt"]
    assert ("receipt?id=2", f"回执 {number}") in links(app)
    assert (line["by"], line["subject"], line["before"], line["after"]) == (
        "lead2",
        "entry 7 v2",
        {"effective": False},
        {"effective": True, "receipt": number},
    )


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_withdrawn(office: Office, reason: str):
    app = pressed(looked_at(office, "withdraw"), reason=reason)

    assert messages(app)[0] == "撤回必须写明原因。"
    assert not office.audit("withdraw")


def test_of_two_windows_one_wins_and_the_other_is_told(office: Office):
    first, second = looked_at(office, "withdraw"), looked_at(office, "withdraw")
    pressed(first)
    pressed(second)

    (told,) = (each for each in messages(second) if each.startswith("这条记录"))
    assert told.startswith("这条记录已经撤回：")
    assert told.endswith("，lead2。")
    assert len(office.audit("withdraw")) == 1


def test_what_was_corrected_meanwhile_is_looked_at_before_it_is_withdrawn(office: Office):
    app = looked_at(office, "withdraw")
    office.post({"对象排查": [patrol("2023-03-09", "示员丁", SOUTH, "屋顶漏水")]}, OTHER_LEAD)
    pressed(app)
    assert messages(app)[0] == (
        "这条记录刚有变化（2023-05-04 10:00，lead2），请看过现在的内容再决定。"
    )
    assert not office.audit("withdraw")

    pressed(app)
    assert [line["subject"] for line in office.audit("withdraw")] == ["entry 7 v2"]


def test_a_version_leads_to_its_receipt_for_those_who_may_see_it(office: Office):
    office.post({"对象排查": [patrol("2023-03-09", "示员丁", SOUTH, "屋顶漏水")]}, OTHER_LEAD)
    ways = {
        viewer.name: [address for address, _ in links(office.visit(viewer, HISTORY, id=PATROL))]
        for viewer in (LEAD, OTHER_LEAD, REVIEWER)
    }

    assert {
        name: [each for each in found if each.startswith("receipt?")]
        for name, found in ways.items()
    } == {
        "lead1": [],
        "lead2": ["receipt?id=2"],
        "reviewer": ["receipt?id=2", "receipt?id=1"],
    }
