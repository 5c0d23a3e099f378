"""Seeing who is still to be visited, and one elder: every role; without obligation or logs too."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.actions import territories
from lib.kpi import selection
from lib.kpi.scope import Scope
from lib.store import rosters
from lib.store.engine import reading
from tests.support.small_office import (
    ADMIN,
    BEFORE_ANY_LOG,
    EAST,
    ELDERS,
    END,
    EVERYONE,
    FIRST_TEAM,
    LEAD,
    LEADER,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
    SOUTH,
    TERMS,
    elder_check,
)
from tests.support.visits import (
    ELDER,
    ELDER_CHECKS,
    headings,
    html_texts,
    links,
    messages,
    sent,
    titles,
)

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

MARCH_22 = date(2023, 3, 22)
VIEWS = ("owed", "places", "people", "conditions")


def visit(
    office: Office,
    page: str = ELDER_CHECKS,
    viewer: Viewer = LEADER,
    as_of: date = MARCH_22,
    /,
    **asked: str,
) -> AppTest:
    """The page as the address asks for it."""
    return office.visit(viewer, page, as_of=str(as_of), **asked)


def listed(app: AppTest) -> list[list[str]]:
    """The lines of the page's list, without the headings."""
    return html_texts(app, "listed")[1:]


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_how_the_month_stands(office: Office, viewer: Viewer):
    app = visit(office, ELDER_CHECKS, viewer)
    assert not messages(app)
    assert titles(app) == ["老人核查"]
    _, sentence, small = html_texts(app, "headline")[0]
    assert sentence == (
        "本月 2 人中 1 人已访够，1 人未访够，还须访 1 人次；剩 7 个工作日，每天须访 0.1 人次。"
    )
    assert small == "截至 2023-03-22 · 合同开始以来完成应达的 107.8%"
    assert html_texts(app, "tile") == [
        ["本月访够", "1", "/ 2 人"],
        ["访过，未访够", "1", "人"],
        ["一次未访", "0", "人", "超 30 天未见 0 人"],
        ["本月已访", "3", "/ 4 人次", "点开看记录"],
        ["每个工作日须访", "0.1", "人次", "本月剩 7 个工作日"],
    ]
    assert html_texts(app, "matrix") == [
        ["逐月", "3月", "人次（已访/应访）", "3/4", "人（访够/应访）", "1/2"]
    ]


@pytest.mark.parametrize(
    ("viewer", "name"),
    [
        (LEADER, "示*"),
        (ADMIN, "示*"),
        (LEAD, "示*"),
        (OTHER_LEAD, ELDERS["T2"]),
        (REVIEWER, ELDERS["T2"]),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_the_worklist_names_who_is_still_to_be_visited(office: Office, viewer: Viewer, name: str):
    assert listed(visit(office, ELDER_CHECKS, viewer)) == [
        ["T2", name, SOUTH, "1/2", "2023-03-22", "0 天"]
    ]


def named(app: AppTest) -> set[str]:
    """The elders whose names the page shows."""
    text = sent(app)
    return {code for code, name in ELDERS.items() if name in text}


@pytest.mark.parametrize("show", ["owed", "people", "conditions"])
def test_a_lead_sees_names_in_the_own_places_and_of_those_met(office: Office, show: str):
    worse = {**elder_check(date(2023, 3, 23), "示员丁", "T2"), "健康状况": "较差"}
    office.post({"特困老人核查": [worse, {**worse, "特困人员编号": "T1", "姓名": ELDERS["T1"]}]})
    territories.assign(office.engine, office.stored, ADMIN, {"L2": FIRST_TEAM}, POSTED_AT)
    viewers = (REVIEWER, OTHER_LEAD, LEAD, ADMIN, LEADER)
    seen = [named(visit(office, ELDER_CHECKS, viewer, END, show=show)) for viewer in viewers]
    assert seen == [{"T1", "T2"}, {"T1", "T2"}, {"T2"}, set(), set()]


def test_in_a_month_nobody_was_seen_in_everybody_is_listed_the_longest_unseen_first(
    office: Office,
):
    assert listed(visit(office, ELDER_CHECKS, LEADER, END)) == [
        ["T1", "示*", EAST, "0/2", "2023-03-21", "▲ 40 天"],
        ["T2", "示*", SOUTH, "0/2", "2023-03-22", "▲ 39 天"],
    ]
    assert listed(visit(office, ELDER_CHECKS, LEADER, END, locality="L2")) == [
        ["T2", "示*", SOUTH, "0/2", "2023-03-22", "▲ 39 天"]
    ]


def test_when_all_are_visited_there_is_nobody_to_list(office: Office):
    office.post({"特困老人核查": [elder_check(date(2023, 3, 28), "示员丁", "T2")]})
    app = visit(office, ELDER_CHECKS, LEADER, date(2023, 3, 31))
    assert html_texts(app, "headline")[0][1] == "本月 2 人全部访够。"
    assert messages(app) == ["本月应访的人已全部访够。"]


def test_localities_by_month(office: Office):
    found = html_texts(visit(office, ELDER_CHECKS, LEADER, END, show="places"), "matrix")
    assert found[1] == ["村（社区）", "3月", "4月", EAST, "2/2", "0/2", SOUTH, "1/2", "0/2"]


def test_people_by_month(office: Office):
    found = html_texts(visit(office, ELDER_CHECKS, LEADER, END, show="people"), "matrix")
    assert found[1] == ["特困人员", "3月", "4月", "T1 示*", "2", "0/2", "T2 示*", "1/2", "0/2"]


def test_the_conditions_in_which_they_were_last_seen(office: Office):
    worse = {**elder_check(date(2023, 3, 23), "示员丁", "T2"), "健康状况": "较差"}
    office.post({"特困老人核查": [worse]})
    app = visit(office, ELDER_CHECKS, LEADER, END, show="conditions")
    assert headings(app) == [
        "生活状况",
        "健康状况",
        "居住安全",
        "照料落实",
        "要关注的人：1",
    ]
    assert html_texts(app, "bars") == [
        ["良好", "2 人", "一般", "0 人", "较差", "0 人"],
        ["良好", "0 人", "一般", "1 人", "较差", "1 人"],
        ["安全", "0 人", "有隐患", "0 人", "尚无记录", "2 人"],
        ["落实", "0 人", "未落实", "0 人", "尚无记录", "2 人"],
    ]
    assert listed(app) == [["T2", "示*", SOUTH, "良好", "▲ 较差（03-23）", "—", "—"]]
    app = visit(office, ELDER_CHECKS, LEADER, END, show="conditions", locality="L1")
    assert messages(app) == ["最近一次访视中没有记为较差、有隐患、未落实的人。"]


@pytest.mark.parametrize("show", VIEWS)
@pytest.mark.parametrize("as_of", [MARCH_22, END], ids=str)
def test_every_figure_that_opens_its_rows_is_what_they_come_to(
    office: Office, show: str, as_of: date
):
    figures = opened(office, visit(office, ELDER_CHECKS, LEADER, as_of, show=show), as_of)
    figures += opened(office, visit(office, ELDER, LEADER, as_of, code="T2"), as_of)
    assert len(figures) >= 3
    assert [(shown, total) for shown, total in figures if shown != total] == []


def opened(office: Office, app: AppTest, as_of: date) -> list[tuple[int, int]]:
    """Each figure that leads to its rows, and what those rows come to."""
    scope = Scope(office.stored, as_of)
    found = []
    with reading(office.engine) as connection:
        roster = rosters.load(connection, office.stored.id)
        for address, text in links(app):
            page, _, query = address.partition("?")
            if page == "rows":
                parts = dict(part.split("=") for part in query.split("&"))
                assert parts["as_of"] == str(as_of)
                wanted = selection.parse(parts, office.stored.terms, roster)
                assert wanted is not None
                total = int(selection.total(connection, scope, wanted).value)
                found.append((first_number(text), total))
    return found


def first_number(text: str) -> int:
    """The first number that a text names."""
    named = re.search(r"\d+", text)
    assert named is not None
    return int(named.group())


@pytest.mark.parametrize(
    "asked", [{"show": "nothing"}, {"locality": "L9"}, {"page": "0"}, {"page": "x" * 5000}]
)
def test_what_is_not_there_leads_to_the_whole_list(office: Office, asked: dict[str, str]):
    app = visit(office, ELDER_CHECKS, LEADER, END, **asked)
    assert not messages(app)
    assert [line[0] for line in listed(app)] == ["T1", "T2"]


def test_a_choice_stays_in_the_address(office: Office):
    app = visit(office, ELDER_CHECKS, LEADER, END, page="2")
    app.selectbox[0].set_value("L2").run()
    assert [line[0] for line in listed(app)] == ["T2"]
    assert app.query_params["locality"] == "L2"
    assert "page" not in app.query_params


def test_before_the_first_log_it_says_so(office: Office):
    app = visit(office, ELDER_CHECKS, LEADER, BEFORE_ANY_LOG)
    assert not messages(app)
    assert html_texts(app, "headline")[0][2] == "截至 2023-03-03 · 还没有核查日志入账"
    assert listed(app)[0] == ["T1", "示*", EAST, "0/2", "尚未访过", "2 天"]


def test_without_a_roster_it_says_so(empty_office: Office):
    empty_office.add(LEADER)
    app = visit(empty_office)
    assert messages(app) == ["到这一天还没有应核查的人：合同尚未开始，或名册里没有在册的特困人员。"]


class TestWithoutTheObligation:
    """Another contract, which asks for no visits."""

    @pytest.fixture
    def terms_file(self, tmp_path: Path) -> Path:
        """The other contract's file."""
        begin = TERMS.index('[[obligation]]\ncode = "elder_months"')
        end = TERMS.index('[[obligation]]\ncode = "training"')
        path = tmp_path / "contract.toml"
        path.write_text(TERMS[:begin] + TERMS[end:])
        return path

    def test_the_pages_say_so(self, empty_office: Office):
        """Neither page breaks."""
        empty_office.import_rosters()
        empty_office.add(LEADER)
        assert messages(visit(empty_office)) == ["本合同没有约定定期入户核查。"]
        app = visit(empty_office, ELDER, code="T1")
        assert messages(app) == ["本合同没有约定定期入户核查。"]


@pytest.mark.parametrize(
    ("viewer", "name", "staff"),
    [
        (LEADER, "示*", "示*"),
        (LEAD, "示*", "示*"),
        (OTHER_LEAD, ELDERS["T1"], "示员丙"),
        (REVIEWER, ELDERS["T1"], "示员丙"),
    ],
)
def test_one_elder(office: Office, viewer: Viewer, name: str, staff: str):
    app = visit(office, ELDER, viewer, END, code="T1")
    assert app.subheader[0].value == f"T1 {name}"
    assert html_texts(app, "facts") == [["自理能力", "全自理", "在册", "2022-01-01 起"]]
    assert (f"locality?code=L1&as_of={END}", EAST) in links(app)
    assert messages(app) == [
        "上次访视 2023-03-21，距今 40 天，已超过 30 天。本月还须访 2 次，剩 0 个工作日。"
    ]
    assert html_texts(app, "matrix") == [["逐月", "3月", "4月", "人次", "2", "0/2"]]
    assert listed(app) == [
        ["2023-03-21", staff, "良好", "一般", "—", "—", "—", "—", "—"],
        ["2023-03-06", staff, "良好", "一般", "—", "—", "—", "—", "—"],
    ]


def test_an_elder_of_the_own_place_is_named_by_whomever_visited(office: Office):
    territories.assign(office.engine, office.stored, ADMIN, {"L1": FIRST_TEAM}, POSTED_AT)
    app = visit(office, ELDER, LEAD, END, code="T1")
    assert app.subheader[0].value == f"T1 {ELDERS['T1']}"
    assert [line[1] for line in listed(app)] == ["示*", "示*"]
    assert visit(office, ELDER, LEAD, END, code="T2").subheader[0].value == "T2 示*"
    assert visit(office, ELDER, LEADER, END, code="T1").subheader[0].value == "T1 示*"


def test_an_elder_not_seen_yet(office: Office):
    app = visit(office, ELDER, LEADER, BEFORE_ANY_LOG, code="T1")
    assert messages(app) == [
        "尚未访过。本月还须访 2 次，剩 20 个工作日。",
        "截至 2023-03-03 没有访视记录。",
    ]


@pytest.mark.parametrize("code", ["", "T9", "-1", "'", "T" * 5000])
def test_an_unknown_elder_is_not_found(office: Office, code: str):
    app = visit(office, ELDER, code=code)
    assert titles(app)[-1] == "找不到这个页面"
    assert "T1" not in sent(app)
