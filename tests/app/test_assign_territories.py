"""Saying which team looks after a place: by hand, as the ledger suggests, by a forged message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lib.actions import territories
from lib.errors import NotPermittedError, RefusedError
from lib.store import territories as stored_territories
from lib.store.engine import reading
from tests.support.small_office import (
    ADMIN,
    EVERYONE,
    FIRST_TEAM,
    OPERATOR,
    POSTED_AT,
    SECOND_TEAM,
)
from tests.support.visits import TERRITORIES, button, html_texts, is_sign_in_form, messages, titles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

TABLE = "territories_table 0"


def held(office: Office) -> Mapping[str, str]:
    """Which team looks after which place."""
    with reading(office.engine) as connection:
        return stored_territories.load(connection, office.stored.id)


def edited(app: AppTest, **sent: Any) -> AppTest:  # noqa: ANN401 - what a browser may send
    """The page after a message from the browser's table."""
    app.session_state[TABLE] = {"edited_rows": {}, "added_rows": [], "deleted_rows": [], **sent}
    return app.run()


def test_the_page_says_who_looks_after_how_much(office: Office):
    app = office.visit(ADMIN, TERRITORIES)
    assert html_texts(app, "tile") == [
        [FIRST_TEAM, "0", "个村（社区）", "特困老人 0 · 困难家庭 0"],
        [SECOND_TEAM, "0", "个村（社区）", "特困老人 0 · 困难家庭 0"],
        ["未分工", "3", "个村（社区）", "特困老人 2 · 困难家庭 3"],
    ]
    (table,) = app.dataframe
    assert table.value["小组"].tolist() == ["未分工"] * 3
    assert table.value["台账建议"].tolist() == ["示一组（6 条记录）", "示二组（3 条记录）", "—"]


SUGGESTED = (
    "还有 2 个村（社区）没有分工，但台账里已有记录；"
    "按各村记录最多的小组建议（示一组 1 个、示二组 1 个），点了才算数。"
)


def test_what_the_ledger_suggests_counts_once_the_button_is_pressed(office: Office):
    app = office.visit(ADMIN, TERRITORIES)
    assert held(office) == {}
    assert html_texts(app, "summary") == [[SUGGESTED]]
    button(app, "采用建议").click().run()
    assert messages(app) == ["已保存 2 个村（社区）的分工。"]
    assert held(office) == {"L1": FIRST_TEAM, "L2": SECOND_TEAM}
    assert [each.label for each in app.button if "采用" in each.label] == []
    (line,) = office.audit("assign_territories")
    assert (line["by"], line["before"], line["after"]) == (
        "admin",
        {"L1": None, "L2": None},
        {"L1": FIRST_TEAM, "L2": SECOND_TEAM},
    )


def test_the_suggestion_leaves_what_is_given_alone(office: Office):
    territories.assign(office.engine, office.stored, ADMIN, {"L1": SECOND_TEAM}, POSTED_AT)
    button(office.visit(ADMIN, TERRITORIES), "采用建议").click().run()
    assert held(office) == {"L1": SECOND_TEAM, "L2": SECOND_TEAM}


def test_a_team_is_chosen_and_taken_back_in_the_table(office: Office):
    territories.assign(office.engine, office.stored, ADMIN, {"L1": SECOND_TEAM}, POSTED_AT)
    chosen = {0: {"小组": "未分工"}, 1: {"小组": FIRST_TEAM}, 2: {"小组": "未分工"}}
    app = edited(office.visit(ADMIN, TERRITORIES), edited_rows=chosen)
    assert held(office) == {"L1": SECOND_TEAM}
    button(app, "保存 2 处改动").click().run()
    assert messages(app) == ["已保存 2 个村（社区）的分工。"]
    assert held(office) == {"L2": FIRST_TEAM}
    assert button(app, "保存 0 处改动").disabled


def test_the_same_again_changes_nothing_and_leaves_no_line(office: Office):
    given = {"L1": FIRST_TEAM, "L2": None}
    assert [
        territories.assign(office.engine, office.stored, ADMIN, given, POSTED_AT) for _ in range(3)
    ] == [1, 0, 0]
    assert len(office.audit("assign_territories")) == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"edited_rows": {0: {"村（社区）": "假村", "街道": "假街道"}}},
        {"edited_rows": {-1: {"小组": FIRST_TEAM}}},
        {"added_rows": [{"小组": FIRST_TEAM, "村（社区）": "假村"}]},
    ],
)
def test_a_browser_that_says_more_than_a_team_changes_nothing(office: Office, sent: dict[str, Any]):
    app = edited(office.visit(ADMIN, TERRITORIES), **sent)
    assert button(app, "保存 0 处改动").disabled
    assert held(office) == {}


def test_a_team_that_is_not_offered_is_refused_and_on_record(office: Office):
    forged = {0: {"小组": FIRST_TEAM}, 1: {"小组": "没有的组"}}
    app = edited(office.visit(ADMIN, TERRITORIES), edited_rows=forged)
    button(app, "保存 2 处改动").click().run()
    assert messages(app) == ["没有保存：名册里没有这个村（社区）或小组。请刷新后重试。"]
    assert held(office) == {}
    (line,) = office.audit("assign_refused")
    assert (line["by"], line["before"], line["after"]) == ("admin", None, None)


@pytest.mark.parametrize("code", ["L9", "", "'"])
def test_a_place_that_is_not_there_is_refused(office: Office, code: str):
    with pytest.raises(RefusedError):
        territories.assign(office.engine, office.stored, OPERATOR, {code: FIRST_TEAM}, POSTED_AT)
    assert held(office) == {}


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_only_the_administrator_opens_the_page_and_assigns(office: Office, viewer: Viewer):
    app = office.visit(viewer, TERRITORIES)
    if viewer == ADMIN:
        assert titles(app) == ["分工"]
        return
    assert titles(app) == ["找不到这个页面"]
    with pytest.raises(NotPermittedError):
        territories.assign(office.engine, office.stored, viewer, {"L1": FIRST_TEAM}, POSTED_AT)
    assert held(office) == {}


def test_a_stranger_gets_the_sign_in_form(office: Office):
    assert is_sign_in_form(office.visit(None, TERRITORIES))


def test_without_a_roster_it_says_so(empty_office: Office):
    empty_office.add(ADMIN)
    app = empty_office.visit(ADMIN, TERRITORIES)
    assert messages(app) == ["名册里还没有村（社区）或服务人员。请先导入名册。"]
