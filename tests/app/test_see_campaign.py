"""Seeing the campaign: who was reached, what was found, who is still waiting, in every role."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from lib import clock
from lib.actions import territories
from lib.ui.downloads import send_unreached
from tests.support import small_office
from tests.support.downloads import fetch, token
from tests.support.small_office import (
    ADMIN,
    BEFORE_ANY_LOG,
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
)
from tests.support.visits import CAMPAIGN, button, html_texts, messages, titles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office


FIGURE = {"figure": "campaign_households"}


def addresses(app: AppTest) -> str:
    """Everything of our own that the page shows, as HTML."""
    return "".join(element.proto.body for element in app.html)


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_every_role_sees_the_figures(office: Office, viewer: Viewer):
    app = office.visit(viewer, CAMPAIGN)

    assert messages(app) == ["还没有办结的问题，尚无办结用时可算。"]
    assert titles(app) == ["专项行动"]
    (headline,) = html_texts(app, "headline")
    assert headline[1:] == [
        "专项行动入户：已走访 2 户，还有 2 户未到；合同期已满。",
        f"截至 {END} · 合同 4 户，名册 3 户；进度按合同户数算",
    ]
    _, row = html_texts(app, "row")
    assert row[:4] == ["专项行动入户", "▼ 滞后", "完成", "2"]


def test_while_the_contract_runs_it_says_what_a_day_must_bring(office: Office):
    (headline,) = html_texts(office.visit(LEADER, CAMPAIGN, as_of=str(MID_MONTH)), "headline")

    # 32 working days are left of 43, for three households.
    assert headline[1] == (
        "专项行动入户：已走访 1 户，还有 3 户未到；还剩 32 个工作日，每个工作日须走访 0.09 户。"
    )


def test_the_worst_localities_stand_first_and_lead_to_rows(office: Office):
    app = office.visit(LEADER, CAMPAIGN)

    explained, places = html_texts(app, "bars")
    assert explained == ["是", "2 户", "否", "0 户"]
    assert places == ["示西村", "0 / 1 户", "示东社区", "1 / 1 户", "示南村", "1 / 1 户"]
    assert f"rows?figure=campaign_households&amp;locality=L3&amp;as_of={END}" in addresses(app)
    assert f"locality?code=L3&amp;as_of={END}" in addresses(app)
    assert (
        "rows?figure=campaign_households&amp;kind=campaign&amp;field=explained&amp;value=%E6%98%AF"
        in addresses(app)
    )


def test_problems_stand_by_category_and_what_became_of_them(office: Office):
    found = {
        "发现问题": "学费",
        "问题类别": "教育",
        "跟进措施": "助学",
        "办结日期": date(2023, 4, 7),
    }
    visit = small_office.campaign(date(2023, 4, 3), "示员甲", "H2")
    office.post({"专项行动": [{**visit, **found}]})

    app = office.visit(LEADER, CAMPAIGN)

    (matrix,) = html_texts(app, "matrix")
    assert matrix == [
        *("问题类别", "发现", "已跟进", "未办结", "超期", "已办结"),
        *("合计", "2", "1", "1", "1", "1"),
        *("教育", "1", "1", "0", "0", "1"),
        *("未填类别", "1", "0", "1", "1", "0"),
    ]
    assert html_texts(app, "tile") == [
        ["办结用时（中位数）", "4", "天"],
        ["办结用时（最长）", "4", "天"],
    ]
    opened = "rows?figure=campaign_households&amp;state=open&amp;kind=campaign&amp;empty="
    assert f"{opened}problem_category&amp;as_of={END}" in addresses(app)


@pytest.mark.parametrize(
    ("viewer", "head"),
    [(LEADER, "示*"), (LEAD, "示*"), (ADMIN, "示*"), (REVIEWER, "示户恩")],
    ids=lambda each: getattr(each, "name", each),
)
def test_the_households_not_reached_are_listed(office: Office, viewer: Viewer, head: str):
    app = office.visit(viewer, CAMPAIGN)

    _, home = html_texts(app, "listed")
    assert home == ["H3", head, "示西村", "低保", "—"]
    download = f"unreached?figure=campaign_households&amp;as_of={END}"
    assert download in addresses(app)
    assert (f"{download}&amp;names=full" in addresses(app)) == (viewer is REVIEWER)


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (LEADER, set()),
        (ADMIN, set()),
        (LEAD, {"H1", "H3"}),
        (OTHER_LEAD, {"H2"}),
        (REVIEWER, {"H1", "H2", "H3"}),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_a_lead_sees_names_in_the_own_places_and_of_those_met(
    office: Office, viewer: Viewer, seen: set[str]
):
    """Before the first visit nobody is reached; whom a team met later it knows all along."""
    territories.assign(office.engine, office.stored, ADMIN, {"L3": FIRST_TEAM}, POSTED_AT)
    app = office.visit(viewer, CAMPAIGN, as_of=str(BEFORE_ANY_LOG))

    shown = {row[0]: row[1] for row in html_texts(app, "listed")[1:]}
    assert shown == {code: HEADS[code] if code in seen else "示*" for code in HEADS}


def test_the_list_is_narrowed_by_place_and_category_in_the_address(office: Office):
    app = office.visit(LEADER, CAMPAIGN)

    app.selectbox[0].set_value("L1").run()
    assert app.query_params["locality"] == "L1"
    assert not html_texts(app, "listed")
    assert messages(app)[0] == "没有符合条件的未走访家庭。"

    app.selectbox[0].set_value("").run()
    app.selectbox[1].set_value("低保").run()
    assert "locality" not in app.query_params
    assert app.query_params["category"] == "低保"
    assert len(html_texts(app, "listed")) == 2


def test_a_long_list_comes_in_pages(office: Office):
    homes = [
        {"户编号": f"H{n}", "户主姓名": f"示户{n}", "村(社区)": "示南村", "救助类别": "特困"}
        for n in range(4, 44)
    ]
    office.import_rosters(small_office.rosters() | {"困难家庭": homes})

    app = office.visit(LEADER, CAMPAIGN, category="特困")
    assert [row[0] for row in html_texts(app, "listed")[1:]] == [f"H{n}" for n in range(4, 24)]
    assert button(app, "上一页").disabled
    button(app, "下一页").click().run()

    assert app.query_params["page"] == "2"
    assert [row[0] for row in html_texts(app, "listed")[1:]] == [f"H{n}" for n in range(24, 44)]
    assert button(app, "下一页").disabled
    assert html_texts(app, "pager") == [["第 2 / 2 页"]]


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "9" * 400])
def test_a_page_that_is_not_there_leads_to_the_nearest(office: Office, page: str):
    assert len(html_texts(office.visit(LEADER, CAMPAIGN, page=page), "listed")) == 2


def test_before_the_contract_begins_nothing_is_due(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2023, 2, 20, 4, tzinfo=UTC))
    app = office.visit(LEADER, CAMPAIGN)

    _, row = html_texts(app, "row")
    assert row[:4] == ["专项行动入户", "○ 未到期", "完成", "0"]
    assert messages(app) == ["截至 2023-02-20 还没有发现问题的记录。"]


@pytest.mark.parametrize("part", ["locality=L9", "locality=-1", "category=高保", "category='"])
def test_what_is_not_there_is_not_found(office: Office, part: str):
    name, value = part.split("=")
    app = office.visit(LEADER, CAMPAIGN, **{name: value})

    assert titles(app) == ["找不到这个页面"]


def test_before_the_first_log_it_says_so(office: Office):
    app = office.visit(LEADER, CAMPAIGN, as_of=str(BEFORE_ANY_LOG))

    assert messages(app) == [f"截至 {BEFORE_ANY_LOG} 还没有发现问题的记录。"]
    assert html_texts(app, "headline")[0][1].startswith("专项行动入户：已走访 0 户，还有 4 户未到")
    assert len(html_texts(app, "listed")) == 4


def test_a_store_without_rosters_says_so(empty_office: Office):
    empty_office.add(LEADER)

    app = empty_office.visit(LEADER, CAMPAIGN)

    assert messages(app) == [
        f"截至 {END} 还没有发现问题的记录。",
        "名册中还没有困难家庭。请管理员先导入名册。",
    ]


def test_when_all_are_reached_it_says_so(office: Office):
    visits = [small_office.campaign(date(2023, 4, 3), "示员甲", "H3")]
    office.post({"专项行动": [{**visit, "政策宣讲": "否"} for visit in visits]})

    app = office.visit(LEADER, CAMPAIGN)

    assert messages(app)[0] == "名册中的家庭已全部走访。"
    assert html_texts(app, "summary")[-1] == ["各村（社区）已全部走访。"]
    assert html_texts(app, "bars")[0] == ["是", "2 户", "否", "1 户"]


def test_another_contract_without_households_says_so(other_terms: Office):
    other_terms.add(LEADER)

    app = other_terms.visit(LEADER, CAMPAIGN)

    assert messages(app) == ["本合同没有逐户走访的义务，这一页没有可看的内容。"]


@pytest.fixture
def other_terms(terms_file: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    """An office whose contract has trainings only."""
    terms = terms_file.read_text()
    first, *obligations = terms.split("[[obligation]]")
    (training,) = (each for each in obligations if 'measure = "events"' in each)
    thresholds = terms[terms.index("[thresholds]") :]
    terms_file.write_text(f"{first}[[obligation]]{training}{thresholds}")
    try:
        yield request.getfixturevalue("empty_office")
    finally:
        terms_file.write_text(terms)


@pytest.mark.parametrize(
    ("viewer", "asked", "head"),
    [
        (LEADER, {}, "示*"),
        (LEADER, {"names": "full"}, "示*"),
        (LEAD, {"names": "full"}, "示*"),
        (REVIEWER, {}, "示*"),
        (REVIEWER, {"names": "full"}, "示户恩"),
    ],
    ids=lambda each: getattr(each, "name", None) or str(each),
)
def test_the_list_leaves_masked_unless_a_reviewer_asks_otherwise(
    office: Office, viewer: Viewer, asked: dict[str, str], head: str
):
    answer = fetch(send_unreached, token(office, viewer), FIGURE | {"locality": "L3"} | asked)

    listed, question = load_workbook(io.BytesIO(answer.body)).worksheets
    assert [list(row) for row in listed.iter_rows(min_row=3, values_only=True)] == [
        ["序号", "村(社区)", "户编号", "户主姓名", "救助类别", "家庭人口"],
        [1, "示西村", "H3", head, "低保", None],
        ["合计", None, "1条", None, None, None],
    ]
    assert dict(question.iter_rows(max_row=6, values_only=True))["合计（户）"] == 1
    lines = office.audit("export_full_names")
    assert [line["subject"] for line in lines] == (
        ["unreached=campaign_households locality=L3"] if head != "示*" else []
    )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"figure": "patrol"},
        {"figure": "elder_months"},
        FIGURE | {"locality": "L9"},
        FIGURE | {"category": "高保"},
    ],
    ids=str,
)
def test_what_is_not_there_is_not_sent(office: Office, asked: dict[str, str]):
    assert fetch(send_unreached, token(office, REVIEWER), asked).status_code == 404


@pytest.mark.parametrize("cookie", [None, "", "garbage"])
def test_nobody_is_sent_a_list(office: Office, cookie: str | None):
    assert fetch(send_unreached, cookie, FIGURE).status_code == 404
