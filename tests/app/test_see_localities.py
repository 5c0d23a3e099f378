"""Seeing the villages and communities: all of them, and one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.small_office import (
    BEFORE_ANY_LOG,
    EAST,
    END,
    EVERYONE,
    LEADER,
    MID_MONTH,
    REVIEWER,
    SOUTH,
    WEST,
)
from tests.support.visits import LOCALITIES, LOCALITY, html_texts, links, messages

if TYPE_CHECKING:
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


def test_without_a_roster_a_sentence_says_what_to_do(empty_office: Office):
    empty_office.add(LEADER)
    app = empty_office.visit(LEADER, LOCALITIES)
    assert messages(app) == ["名册里还没有村（社区）。请管理员先导入名册。"]


def test_a_place_has_a_page_of_its_own(office: Office):
    app = office.visit(LEADER, LOCALITIES)
    assert ("locality?code=L1&as_of=2023-04-30", EAST) in links(app)
    app = office.visit(LEADER, LOCALITY, as_of=str(END), code="L1")
    assert [title.value for title in app.title] == [EAST]
    assert html_texts(app, "tile") == [
        ["专项行动入户", "1", "户"],
        ["未办结问题", "1", "条"],
        ["特困老人月访", "2", "人次"],
        ["受理申请", "3", "件"],
        ["待调查申请", "2", "件"],
        ["走访天数", "1", "天"],
        ["全部记录", "9", "条"],
    ]


@pytest.mark.parametrize(
    ("viewer", "elder", "head"), [(LEADER, "示*", "示*"), (REVIEWER, "示老安", "示户辰")]
)
def test_its_elders_and_households_are_listed(
    office: Office, viewer: Viewer, elder: str, head: str
):
    app = office.visit(viewer, LOCALITY, as_of=str(MID_MONTH), code="L1")
    assert table(app)[0] == ["T1", elder, "1 / 2 次", "未访够"]
    assert table(app)[-1] == ["H1", head, "低保", "2023-03-13 首次走访"]


@pytest.mark.parametrize("code", ["", "L9", "-1", "L1'", "x" * 500])
def test_a_place_that_is_not_there_is_not_found(office: Office, code: str):
    app = office.visit(LEADER, LOCALITY, code=code)
    assert [title.value for title in app.title] == ["找不到这个页面"]
