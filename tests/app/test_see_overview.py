"""Seeing how the contract stands: every role, as of any day; the stranger sees nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from lib import clock
from tests.support import small_office
from tests.support.small_office import (
    ADMIN,
    BEFORE_ANY_LOG,
    ELDERS,
    END,
    EVERYONE,
    FIRST_LOG,
    HEADS,
    LEAD,
    LEADER,
    MID_MONTH,
    OTHER_LEAD,
    PERSONAL_NAMES,
    START,
)
from tests.support.visits import (
    ELDER_CHECKS,
    PAGES,
    ROOT,
    TIMEOUT,
    headings,
    html_texts,
    is_sign_in_form,
    messages,
    sent,
    titles,
)

if TYPE_CHECKING:
    from lib.access import Viewer
    from tests.support.visits import Office

# What the logs of tests/support/small_office.py come to, by hand: 2023-03-07 is shared by two
# items for two people.
PERSON_DAYS_DELIVERED = {
    BEFORE_ANY_LOG: {"业务协办": 0, "家计调查": 0, "对象排查": 0},
    FIRST_LOG: {"业务协办": 1, "家计调查": 0, "特困老人定期核查": 1},
    MID_MONTH: {"业务协办": 3, "家计调查": 1, "对象排查": 2, "专项行动": 1},
    END: {"业务协办": 4, "家计调查": 1, "对象排查": 2, "专项行动": 2, "特困老人定期核查": 3},
}
DAYS = list(PERSON_DAYS_DELIVERED)


def lines(app: AppTest) -> dict[str, dict[str, str]]:
    """The overview's rows by name: each cell's text by its label."""
    _, *rows = html_texts(app, "row")
    return {
        name: dict(zip(cells[::2], cells[1::2], strict=True)) | {"状态": chip}
        for name, chip, *cells in rows
    }


def number(text: str) -> Fraction:
    """The number that a cell begins with."""
    return Fraction(text.split(maxsplit=1)[0].replace(",", ""))


def close(text: str, value: float) -> bool:
    """Whether a cell shows the value, to its one decimal."""
    return abs(number(text) - Fraction(value)) <= Fraction(5, 100) + Fraction(1, 10_000)


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_the_same_figures(office: Office, viewer: Viewer):
    app = office.visit(viewer)
    assert not messages(app)
    assert titles(app) == ["合同总览"]
    assert number(lines(app)["业务协办"]["完成"]) == 4
    assert html_texts(app, "tile")[0][:3] == ["人天总进度", "24%", "应达 100%"]


NAMES_HIDDEN = {
    LEADER: PERSONAL_NAMES,
    ADMIN: PERSONAL_NAMES,
    LEAD: ("示员丙", "示员丁", *ELDERS.values(), HEADS["H2"], HEADS["H3"]),
    OTHER_LEAD: ("示员甲", "示员乙", HEADS["H1"], HEADS["H3"]),
}


@pytest.mark.parametrize("viewer", NAMES_HIDDEN, ids=lambda viewer: viewer.name)
@pytest.mark.parametrize("page", PAGES)
def test_no_role_is_sent_a_name_that_it_need_not_know(office: Office, viewer: Viewer, page: str):
    words = sent(office.visit(viewer, page))
    assert not [name for name in NAMES_HIDDEN[viewer] if name in words]


@pytest.mark.parametrize("page", PAGES)
def test_the_stranger_sees_the_sign_in_form_on_every_page(office: Office, page: str):
    app = office.visit(None, page)
    assert is_sign_in_form(app)
    assert is_about_nothing(app)


@pytest.mark.parametrize("page", PAGES)
def test_so_does_the_first_request_that_runs_the_page_alone(office: Office, page: str):
    app = AppTest.from_file(ROOT / "pages" / f"{page}.py", default_timeout=TIMEOUT).run()
    assert is_sign_in_form(app)
    assert is_about_nothing(app)


def is_about_nothing(app: AppTest) -> bool:
    """Whether nothing but the contract's name reached the browser."""
    words = ("人天", "应达", "回执", "名册", "小组", *PERSONAL_NAMES)
    return not any(word in sent(app) for word in words) and not app.exception


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_rows_show_what_the_logs_come_to(office: Office, day: date):
    shown = lines(office.visit(LEADER, as_of=str(day)))
    delivered = {name: number(shown[name]["完成"]) for name in PERSON_DAYS_DELIVERED[day]}
    assert delivered == PERSON_DAYS_DELIVERED[day]


@pytest.mark.parametrize("day", [START, *DAYS], ids=str)
def test_the_page_equals_the_measures(office: Office, day: date):
    app = office.visit(LEADER, as_of=str(day))
    shown, tiles = lines(app), {label: rest for label, *rest in html_texts(app, "tile")}
    measures: dict[str, Any] = office.measures(day)
    for item in office.stored.terms.quotas:
        figure, row = measures["person_days"][item.code], shown[item.name]
        assert close(row["完成"], figure["delivered"])
        assert close(row["应达"], figure["due"])
        assert close(row["合同"], figure["required"])

    households = measures["campaign_households"]
    assert number(shown["专项行动入户"]["完成"]) == households["delivered"]
    assert tiles["专项行动入户"][:2] == [str(households["delivered"]), "/ 4 户"]
    assert number(shown["培训场次"]["完成"]) == measures["training"]["delivered"]
    held, counted = measures["training"]["held"], measures["training"]["delivered"]
    assert tiles["培训场次"] == [str(counted), "/ 2 次", f"已办 {held} 次，计数 {counted}"]
    applications = measures["new_applications"]
    assert tiles["新申请入户调查"][0] == str(applications["delivered"])
    assert tiles["新申请入户调查"][1] == f"/ {applications['required']} 件"
    month = measures["elder_months"][f"{day:%Y-%m}"]
    assert tiles["本月特困老人月访"][:2] == [
        str(month["compliant"]),
        f"/ {month['elders']} 人访够",
    ]
    visited = measures["patrol_localities"].get(f"{day:%Y-%m}", 0)
    assert tiles["本月排查到村"][:2] == [str(visited), "/ 3 个村（社区）"]
    elder_visits = sum(month["delivered"] for month in measures["elder_months"].values())
    assert number(shown["特困老人月访"]["完成"]) == elder_visits


def test_what_needs_attention_stands_before_the_rows(office: Office):
    assert headings(office.visit(LEADER)) == ["先看这些", "人天累计", "各项进度"]


def test_the_chart_says_what_its_level_line_is(office: Office):
    assert "合同总量 50 人天" in sent(office.visit(LEADER))


@dataclass(frozen=True)
class Control:
    """The control of the as-of day: the day shown, the first and the last, where the ends lead."""

    day: str
    first: str
    last: str
    ends: dict[str, str]


def control(app: AppTest) -> Control:
    """The control on a page."""
    (found,) = re.findall('<div class="as-of".*?</div>', sent(app))
    (days,) = re.findall('<input type="date" required value="(.*?)" min="(.*?)" max="(.*?)"', found)
    links = re.findall('<a href="(.*?)" target="_self" title=".*?">(.*?)</a>', found)
    return Control(*days, {word: unescape(address) for address, word in links})


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_day_asked_for_is_said_and_stays_in_the_address(office: Office, day: date):
    app = office.visit(LEADER, as_of=str(day))
    assert control(app).day == str(day)
    assert html_texts(app, "headline")[0][-1].startswith(f"截至 {day} · ")
    assert app.run().query_params["as_of"] == str(day)


def test_the_ends_of_the_months_before_and_after_are_a_click_away(office: Office):
    app = office.visit(LEADER, as_of=str(MID_MONTH))
    assert control(app) == Control(str(MID_MONTH), str(START), str(END), {"下月": f"?as_of={END}"})
    app = office.visit(LEADER, as_of=str(END))
    assert control(app).ends == {"上月": "?as_of=2023-03-31"}


def test_all_else_that_is_asked_for_is_asked_for_as_of_another_day_too(office: Office):
    app = office.visit(LEADER, ELDER_CHECKS, show="people", locality='"L1&')
    assert parse_qs(control(app).ends["上月"].removeprefix("?")) == {
        "show": ["people"],
        "locality": ['"L1&'],
        "as_of": ["2023-03-31"],
    }


def test_before_the_first_log_the_headline_says_so(office: Office):
    headline = html_texts(office.visit(LEADER, as_of=str(BEFORE_ANY_LOG)), "headline")[0]
    assert headline[1] == "还没有日志入账，尚无进度可看。"


@pytest.mark.parametrize(
    "asked",
    [
        "2023-02-28",
        "2023-05-01",
        "9999-12-31",
        "0001-01-01",
        "2023-02-30",
        "2023-03-15T00:00",
        "garbage",
        "' or 1=1 --",
        "-1",
        "９",
        "x" * 5000,
    ],
)
def test_a_day_that_cannot_be_shown_leads_to_the_last_one(office: Office, asked: str):
    app = office.visit(LEADER, as_of=asked)
    assert control(app).day == str(END)
    assert html_texts(app, "headline")[0][-1].startswith(f"截至 {END} · ")
    assert not messages(app)


def test_while_the_contract_runs_the_last_day_is_today(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    # Half an hour after midnight in Beijing, which is still the day before in UTC.
    monkeypatch.setattr(clock, "now", lambda: datetime(2023, 3, 14, 16, 30, tzinfo=UTC))
    app = office.visit(LEADER)
    assert (control(app).day, control(app).last) == (str(MID_MONTH), str(MID_MONTH))
    assert number(lines(app)["业务协办"]["完成"]) == 3


def test_before_the_contract_begins_nothing_is_due(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2023, 2, 20, 4, tzinfo=UTC))
    app = office.visit(LEADER)
    assert not messages(app)
    assert {row["状态"] for row in lines(app).values()} == {"○ 未到期"}


def test_what_is_posted_shows_at_the_next_click(office: Office):
    app = office.visit(LEADER)
    before = number(lines(app)["对象排查"]["完成"])
    office.post({"对象排查": [small_office.patrol(date(2023, 4, 3), "示员甲", small_office.WEST)]})
    assert number(lines(app.run())["对象排查"]["完成"]) == before + 1


def test_a_store_without_logs_says_so(empty_office: Office):
    empty_office.import_rosters()
    empty_office.add(LEADER)
    app = empty_office.visit(LEADER)
    assert html_texts(app, "headline")[0][1:] == [
        "还没有日志入账，尚无进度可看。",
        f"截至 {END} · 尚无日志过账",
    ]
    assert not messages(app)
