"""Planning trips, under a contract that runs today: by taps, taken back, and those not made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lib import clock
from lib.actions import post, promises
from lib.kpi.scope import Scope
from lib.kpi.workdays import workdays
from lib.store import promises as stored_promises
from lib.store.engine import reading, writing
from lib.store.promises import Promise
from lib.ui.worklist import day_name
from lib.workbooks.own import read_own_workbook
from tests.support.small_office import (
    ADMIN,
    EAST,
    EVERYONE,
    FIRST_TEAM,
    LEAD,
    LEADER,
    OPERATOR,
    OTHER_LEAD,
    SECOND_TEAM,
    SOUTH,
    TERMS,
    WEST,
    book,
    campaign,
    patrol,
)
from tests.support.visits import WORKLIST, button, headings, html_texts, links, messages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.small_office import Cells
    from tests.support.visits import Office

TODAY = clock.business_today()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(scope="session")
def terms_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office's contract, from three weeks ago to three weeks ahead."""
    first, last = (TODAY + timedelta(weeks=number) for number in (-3, 3))
    terms = TERMS.replace("start = 2023-03-01", f"start = {first}")
    path = tmp_path_factory.mktemp("today") / "contract.toml"
    path.write_text(terms.replace("end = 2023-04-30", f"end = {last}"))
    return path


@pytest.fixture
def office(empty_office: Office) -> Office:
    """The small office with rosters and users, and an empty ledger."""
    empty_office.import_rosters()
    for viewer in EVERYONE:
        empty_office.add(viewer)
    return empty_office


@pytest.fixture
def coming(office: Office) -> Sequence[date]:
    """The working days to come."""
    with reading(office.engine) as connection:
        days = workdays(connection, Scope(office.stored, TODAY))
    return [day for day in days.working if day > TODAY]


def held(office: Office) -> list[Promise]:
    """All trips promised from today on."""
    now = clock.now() + timedelta(seconds=1)
    with reading(office.engine) as connection:
        return list(stored_promises.ahead(connection, office.stored.id, TODAY, now))


def plan(office: Office, viewer: Viewer, day: date, *places: str) -> None:
    """Promise trips as the viewer's team."""
    promises.plan(office.engine, office.stored, viewer, day, places, today=TODAY, now=clock.now())


def promised_before(office: Office, team: str, day: date, *places: str) -> None:
    """Trips that were promised for a day that is over."""
    trips = [Promise(team, day, code) for code in places]
    with writing(office.engine) as connection:
        stored_promises.add(connection, office.stored.id, trips, at=clock.now(), by="lead")


def places(app: AppTest) -> list[str]:
    """The places that can be tapped; the pills before them are the views and the days."""
    return app.pills[-1].options


def folded(app: AppTest) -> list[str]:
    """What is said of the plans where they are folded; nothing where they cannot be changed."""
    return [each.label for each in app.expander]


def saved(app: AppTest, day: date, *codes: str, found: Sequence[str] = ()) -> AppTest:
    """The page after these places were tapped, these found among the others, and all saved."""
    app.pills[-1].set_value(list(codes))
    if found:
        app.multiselect[0].set_value(list(found))
    return button(app, f"保存 {day_name(day)} 的计划").click().run()


def test_a_lead_plans_the_next_working_day_by_a_few_taps(office: Office, coming: Sequence[date]):
    app = office.visit(LEAD, WORKLIST)
    assert places(app) == [EAST, SOUTH, WEST]
    assert not app.multiselect
    assert folded(app) == ["安排出行：还没有计划"]
    saved(app, coming[0], "L3", "L1")
    assert messages(app) == [f"已保存：{day_name(coming[0])}去 2 个村（社区）。"]
    assert held(office) == [
        Promise(FIRST_TEAM, coming[0], "L1"),
        Promise(FIRST_TEAM, coming[0], "L3"),
    ]
    assert html_texts(app, "headline")[0][:4] == [
        f"{day_name(coming[0])}计划去：",
        EAST,
        "、",
        WEST,
    ]
    assert app.pills[-1].value == ["L1", "L3"]
    assert folded(app) == [f"安排出行：{day_name(coming[0])}计划去 2 处"]
    (line,) = office.audit("promise_trips")
    assert (line["by"], line["after"]) == ("lead1", {"localities": ["L1", "L3"]})


def test_a_plan_is_taken_back_while_the_day_is_not_over(office: Office, coming: Sequence[date]):
    plan(office, LEAD, coming[0], "L1", "L2")
    app = saved(office.visit(LEAD, WORKLIST), coming[0], "L2")
    assert held(office) == [Promise(FIRST_TEAM, coming[0], "L2")]
    saved(app, coming[0])
    assert messages(app) == [f"已保存：{day_name(coming[0])}不出行。"]
    assert held(office) == []


def test_another_day_is_planned_and_the_others_stay(office: Office, coming: Sequence[date]):
    plan(office, LEAD, coming[0], "L1")
    app = office.visit(LEAD, WORKLIST, trip=str(coming[2]))
    assert app.pills[-1].value == []
    saved(app, coming[2], "L3")
    assert held(office) == [
        Promise(FIRST_TEAM, coming[0], "L1"),
        Promise(FIRST_TEAM, coming[2], "L3"),
    ]
    days = "；".join(f"{day_name(coming[each])}计划去 1 处" for each in (0, 2))
    assert folded(app) == [f"安排出行：{days}"]


def test_the_most_pressing_places_are_tapped_and_all_others_found(
    office: Office, coming: Sequence[date]
):
    """Ten villages more, the last with two households, all others with one."""
    villages = [
        {"编码": f"V{each:02d}", "名称": f"示{each}村", "类别": "村", "街道": "示河街道"}
        for each in range(1, 11)
    ]
    homes = [
        {"户编号": f"J{each}", "户主姓名": "示户某", "村(社区)": place, "救助类别": "低保"}
        for each, place in enumerate([*(each["名称"] for each in villages), "示10村"])
    ]
    office.import_rosters({"村(社区)": villages, "困难家庭": homes})
    app = office.visit(LEAD, WORKLIST)
    assert places(app) == [EAST, SOUTH, "示10村", WEST, *(f"示{each}村" for each in range(1, 5))]
    assert app.multiselect[0].options == [f"示{each}村" for each in range(5, 10)]
    saved(app, coming[0], "L3", found=["V09", "V06"])
    assert [each.locality for each in held(office)] == ["L3", "V06", "V09"]
    assert app.pills[-1].value == ["L3", "V06", "V09"]
    assert places(app)[8:] == ["示6村", "示9村"]
    assert app.multiselect[0].options == ["示5村", "示7村", "示8村"]
    saved(app, coming[0], "L3", "V09")
    assert [each.locality for each in held(office)] == ["L3", "V09"]


def test_saved_three_times_it_is_one_plan(office: Office, coming: Sequence[date]):
    pages = [office.visit(LEAD, WORKLIST) for _ in range(3)]
    for app in pages:
        saved(app, coming[0], "L1")
    assert held(office) == [Promise(FIRST_TEAM, coming[0], "L1")]
    assert len(office.audit("promise_trips")) == 1


@pytest.mark.parametrize(
    ("viewer", "asked"),
    [
        (LEADER, {}),
        (ADMIN, {}),
        (LEADER, {"team": FIRST_TEAM}),
        (LEAD, {"team": SECOND_TEAM}),
        (LEAD, {"team": "all"}),
        (LEAD, {"as_of": str(YESTERDAY)}),
    ],
)
def test_the_plan_is_changed_by_the_own_lead_on_the_newest_day_only(
    office: Office, coming: Sequence[date], viewer: Viewer, asked: dict[str, str]
):
    plan(office, LEAD, coming[0], "L1")
    plan(office, OTHER_LEAD, coming[0], "L2")
    app = office.visit(viewer, WORKLIST, **asked)
    assert [each.label for each in app.button if "保存" in each.label] == []
    assert folded(app) == []


def test_all_plans_beside_each_other(office: Office, coming: Sequence[date]):
    plan(office, LEAD, coming[0], "L1", "L3")
    plan(office, OTHER_LEAD, coming[1], "L2")
    app = office.visit(LEADER, WORKLIST)
    assert [line for line in html_texts(app, "summary") if "：" in line[1]] == [
        [day_name(coming[0]), f"{FIRST_TEAM}：", EAST, "、", WEST],
        [day_name(coming[1]), f"{SECOND_TEAM}：", SOUTH],
    ]
    opened = [texts for texts in html_texts(app, "village") if f"计划 {coming[1]:%m-%d}" in texts]
    assert [texts[0] for texts in opened] == [SOUTH]


def missed(app: AppTest) -> list[list[str]]:
    """The lines of the trips not made."""
    first = headings(app)[:1]
    if not first or not first[0].startswith("答应去"):
        return []
    number = int(first[0].rpartition("：")[2])
    return html_texts(app, "listed")[1 : number + 1]


def test_what_was_promised_and_not_done_comes_first(office: Office, coming: Sequence[date]):
    promised_before(office, FIRST_TEAM, YESTERDAY, "L1", "L2")
    promised_before(office, SECOND_TEAM, YESTERDAY, "L3")
    plan(office, LEAD, coming[1], "L2")
    assert missed(office.visit(LEAD, WORKLIST)) == [
        [EAST, f"▲ {day_name(YESTERDAY)}", "—"],
        [SOUTH, f"▲ {day_name(YESTERDAY)}", day_name(coming[1])],
    ]
    assert [line[0] for line in missed(office.visit(LEADER, WORKLIST))] == [
        FIRST_TEAM,
        FIRST_TEAM,
        SECOND_TEAM,
    ]


def posted(office: Office, **rows: list[Cells]) -> None:
    """Post today's rows by sheet; none may be refused."""
    workbook = read_own_workbook("日志.xlsx", book(rows))
    done = post.post(
        office.engine, office.stored, OPERATOR, [workbook], today=TODAY, now=clock.now()
    )
    assert not done[0].plan.refusals


def test_what_was_done_since_is_not_shown(office: Office):
    promised_before(office, FIRST_TEAM, YESTERDAY, "L1", "L2")
    posted(office, 对象排查=[patrol(TODAY, "示员甲", EAST), patrol(TODAY, "示员丙", SOUTH)])
    assert [line[0] for line in missed(office.visit(LEAD, WORKLIST))] == [SOUTH]


def test_a_day_that_is_not_over_is_not_missed(office: Office):
    plan(office, LEAD, TODAY, "L1")
    assert missed(office.visit(LEAD, WORKLIST)) == []


def test_the_plan_of_the_next_day_is_printed_or_that_of_another(
    office: Office, coming: Sequence[date]
):
    plan(office, LEAD, TODAY, "L3")
    plan(office, LEAD, coming[0], "L2")
    app = office.visit(LEAD, WORKLIST, show="planned")
    ((heading, *tables),) = html_texts(app, "paper")
    assert f"{day_name(coming[0])}计划去的村（社区）" in heading
    assert tables[0] == f"{SOUTH}（示河街道）"
    app = office.visit(LEAD, WORKLIST, show="planned", trip=str(TODAY))
    assert html_texts(app, "paper")[0][1] == f"{WEST}（示河街道）"


def test_a_planned_place_where_nothing_is_owed_is_planned_and_printed_all_the_same(
    office: Office, coming: Sequence[date]
):
    plan(office, LEAD, coming[0], "L3")
    posted(
        office,
        对象排查=[patrol(TODAY, "示员甲", WEST)],
        专项行动=[campaign(TODAY, "示员甲", "H3")],
    )
    app = office.visit(LEAD, WORKLIST)
    assert (places(app), app.pills[-1].value) == ([EAST, SOUTH, WEST], ["L3"])
    app = office.visit(LEAD, WORKLIST, show="planned")
    assert html_texts(app, "owed") == [["☐", "没有还欠的走访"]]


def test_the_ways_on_are_a_leads(office: Office):
    found = [text for _, text in links(office.visit(LEAD, WORKLIST))]
    ways = found.index("下载预填的工作簿")
    assert found[ways : ways + 3] == ["下载预填的工作簿", "上传日志", "快速录入"]
    assert set(found[:ways]) == {EAST, SOUTH, WEST}
    assert ("upload", "上传日志") not in links(office.visit(LEADER, WORKLIST))
