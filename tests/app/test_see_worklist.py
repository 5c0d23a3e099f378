"""Seeing what is still owed, by kind and village: every role and team, on screen and paper."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from lib.actions import territories
from lib.kpi.owed import owed
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection
from lib.kpi.worklist import of_team
from lib.store import territories as stored_territories
from lib.store.engine import reading
from lib.ui.links import to_rows
from tests.support.small_office import (
    ADMIN,
    BEFORE_ANY_LOG,
    EAST,
    ELDERS,
    END,
    FIRST_TEAM,
    HEADS,
    LEAD,
    LEADER,
    OTHER_LEAD,
    PERSONAL_NAMES,
    POSTED_AT,
    REVIEWER,
    SECOND_TEAM,
    SOUTH,
    TERMS,
    WEST,
)
from tests.support.visits import (
    QUICK_ENTRY,
    WORKLIST,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    sent,
    titles,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

MARCH_22 = date(2023, 3, 22)  # a Wednesday


@pytest.fixture
def office(office: Office) -> Office:
    """The small office: east is the first team's, south the second's, west nobody's."""
    teams = {"L1": FIRST_TEAM, "L2": SECOND_TEAM}
    territories.assign(office.engine, office.stored, ADMIN, teams, POSTED_AT)
    return office


def visit(
    office: Office, viewer: Viewer = LEADER, day: date = MARCH_22, /, **asked: str
) -> AppTest:
    """The page as of a day."""
    return office.visit(viewer, WORKLIST, as_of=str(day), **asked)


EAST_LINES = [EAST, "▲ 急 1", "新申请入户调查 2 件"]
EAST_ALL = [
    *EAST_LINES,
    *(EAST, "的各项情况", "对象", "事项", "上次", "已过"),
    *("示申002", "新申请入户调查", "2023-03-07 受理", "▲ 急，15 天"),
    *("示申003", "新申请入户调查", "2023-03-20 受理", "2 天"),
]
SOUTH_ALL = [
    *(SOUTH, "特困老人月访 1 人次", SOUTH, "的各项情况", "对象", "事项", "上次", "已过"),
    *("T2 示*", "特困老人月访", "2023-03-22", "0 天"),
]
WEST_ALL = [
    *(WEST, "专项行动入户 1 户 · 排查到村 1 个村（社区）"),
    *(WEST, "的各项情况", "对象", "事项", "上次", "已过"),
    *("H3 示*", "专项行动入户", "从未", "—"),
    *("本村（社区）走访", "排查到村", "从未", "21 天"),
]


def named(lines: list[str], code: str, name: str) -> list[str]:
    """The lines with a name in full."""
    return [f"{code} {name}" if each.startswith(f"{code} ") else each for each in lines]


def recorded(lines: list[str]) -> list[str]:
    """The lines as a lead sees them, who can record each from here."""
    head = lines.index("已过") + 1
    found = [*lines[:head], "录入"]
    for at in range(head, len(lines), 4):
        found += [*lines[at : at + 4], "记一次"]
    return found


@pytest.mark.parametrize(
    ("viewer", "villages"),
    [
        (LEADER, [EAST_ALL, SOUTH_ALL, WEST_ALL]),
        (ADMIN, [EAST_ALL, SOUTH_ALL, WEST_ALL]),
        (
            REVIEWER,
            [
                EAST_ALL,
                named(SOUTH_ALL, "T2", ELDERS["T2"]),
                named(WEST_ALL, "H3", HEADS["H3"]),
            ],
        ),
        (LEAD, [recorded(EAST_ALL), recorded(WEST_ALL)]),
        (OTHER_LEAD, [recorded(named(SOUTH_ALL, "T2", ELDERS["T2"])), recorded(WEST_ALL)]),
    ],
    ids=lambda each: each.name if hasattr(each, "name") else "",
)
def test_village_by_village(office: Office, viewer: Viewer, villages: list[list[str]]):
    app = visit(office, viewer)
    assert not messages(app)
    assert titles(app) == ["待办清单"]
    assert html_texts(app, "village") == villages


def test_a_lead_sees_names_of_the_own_territory_only(office: Office):
    app = visit(office, LEAD, team="all")
    assert html_texts(app, "village") == [*map(recorded, (EAST_ALL, SOUTH_ALL, WEST_ALL))]
    app = visit(office, LEAD, team=SECOND_TEAM)
    assert html_texts(app, "village") == [*map(recorded, (SOUTH_ALL, WEST_ALL))]
    territories.assign(office.engine, office.stored, ADMIN, {"L3": FIRST_TEAM}, POSTED_AT)
    west = named(WEST_ALL, "H3", HEADS["H3"])
    assert html_texts(visit(office, LEAD), "village") == [recorded(EAST_ALL), recorded(west)]


@pytest.mark.parametrize("viewer", [LEADER, ADMIN], ids=lambda viewer: viewer.name)
@pytest.mark.parametrize("show", ["list", "planned", "paper"])
def test_those_who_need_not_know_get_no_name(office: Office, viewer: Viewer, show: str):
    text = sent(visit(office, viewer, END, show=show))
    assert [name for name in PERSONAL_NAMES if name in text] == []


def dues(app: AppTest) -> Sequence[list[str]]:
    """The lines of the table of what is owed by when."""
    return html_texts(app, "listed")[1:5]


def test_by_when_and_how_much_a_day(office: Office):
    app = visit(office, LEADER)
    headings = html_texts(app, "listed")[0]
    assert headings == ["事项", "还欠", "急", "本周（到 03-24）须完成", "每个工作日须", "期限"]
    assert dues(app) == [
        ["专项行动入户", "1 户", "0", "1", "不到 0.1", "合同剩 27 个工作日"],
        ["特困老人月访", "1 人次", "0", "1", "0.1", "本月剩 7 个工作日"],
        ["新申请入户调查", "2 件", "1", "2", "—", "受理后 3 个工作日内"],
        ["排查到村（管理指标）", "1 个村（社区）", "0", "1", "0.1", "本月剩 7 个工作日"],
    ]
    assert dues(visit(office, LEAD))[1:3] == [
        ["特困老人月访", "0 人次", "0", "0", "0", "本月剩 7 个工作日"],
        ["新申请入户调查", "2 件", "1", "2", "—", "受理后 3 个工作日内"],
    ]


def test_at_the_end_of_a_week_the_next_one_counts(office: Office):
    app = visit(office, LEADER, date(2023, 3, 24))
    assert html_texts(app, "listed")[0][3] == "下周（到 03-31）须完成"
    app = visit(office, LEADER, date(2023, 3, 31))
    assert html_texts(app, "listed")[0][3] == "下周（到 04-07）须完成"
    assert dues(app)[1] == ["特困老人月访", "1 人次", "0", "—", "—", "本月已无工作日"]


def test_all_teams_beside_each_other(office: Office):
    assert html_texts(visit(office, REVIEWER), "listed")[5:9] == [
        ["小组", "专项行动入户", "特困老人月访", "新申请入户调查", "排查到村"],
        [FIRST_TEAM, "0 户", "0 人次", "2 件", "0 个村（社区）"],
        [SECOND_TEAM, "0 户", "1 人次", "0 件", "0 个村（社区）"],
        ["未分工的村（社区）", "1 户", "0 人次", "0 件", "1 个村（社区）"],
    ]


def test_where_to_go_next(office: Office):
    (said,) = html_texts(visit(office, LEADER), "headline")
    assert said == [
        *("03-23（周四）建议先去：", EAST, "（急 1）", "、", WEST, "、", SOUTH),
        "“急”是老人或村（社区）超过 30 天未走访，申请受理超过 3 个工作日未调查。",
    ]


def test_lines_lead_to_elder_village_and_entries(office: Office):
    found = links(visit(office, LEADER))
    assert (f"elder?code=T2&as_of={MARCH_22}", "T2 示*") in found
    assert (f"locality?code=L3&as_of={MARCH_22}", WEST) in found
    waiting = Selection(figure="new_applications", state="waiting", application="示申002")
    assert (to_rows(waiting, MARCH_22), "示申002") in found


def test_a_lead_records_each_line_on_its_form(office: Office):
    shown = links(visit(office, LEAD, team="all"))
    found = [unquote(address) for address, text in shown if text == "记一次"]
    assert found == [
        "quick_entry?kind=home_survey&locality=L1&application=示申002",
        "quick_entry?kind=home_survey&locality=L1&application=示申003",
        "quick_entry?kind=elder_check&elder=T2",
        "quick_entry?kind=campaign&household=H3",
        "quick_entry?kind=patrol&locality=L3",
    ]
    for address in found:
        asked = dict(part.split("=") for part in address.partition("?")[2].split("&"))
        form = office.visit(LEAD, QUICK_ENTRY, **asked)
        assert titles(form) == ["快速录入"]


@pytest.mark.parametrize("viewer", [LEADER, LEAD, OTHER_LEAD], ids=lambda viewer: viewer.name)
@pytest.mark.parametrize("day", [BEFORE_ANY_LOG, MARCH_22, END], ids=str)
def test_the_numbers_are_those_owed(office: Office, viewer: Viewer, day: date):
    """By figure in the table, and on paper line by line."""
    with reading(office.engine) as connection:
        teams = stored_territories.load(connection, office.stored.id)
        expected = owed(connection, Scope(office.stored, day))
    if viewer.team:
        expected = of_team(expected, teams, viewer.team)
    app = visit(office, viewer, day)
    obligations = {each.name: each.code for each in office.stored.terms.obligation}
    for name, number, urgent, *_ in dues(app):
        mine = [
            each
            for each in expected
            if each.figure == obligations[name.removesuffix("（管理指标）")]
        ]
        assert int(number.split()[0]) == sum(each.times for each in mine)
        assert int(urgent) == sum(each.urgent for each in mine)
    on_paper = html_texts(visit(office, viewer, day, show="paper"), "owed")
    assert len(on_paper) == len(expected)
    for cells, each in zip(on_paper, expected, strict=True):
        who = each.elder or each.household or each.application or "本村（社区）走访"
        assert any(cell.split()[0] == who for cell in cells)
        assert ("▲ 急" in cells) == each.urgent
        assert any(cell.startswith(str(each.since or "从未")) for cell in cells)


def test_on_paper_every_village_has_its_table(office: Office):
    app = visit(office, OTHER_LEAD, show="paper")
    ((heading, *tables),) = html_texts(app, "paper")
    assert heading.startswith(
        f"示例小区2023年救助服务 · {SECOND_TEAM} · 全部还欠的村（社区） · 截至 2023-03-22，制表 "
    )
    assert tables == [
        *(f"{SOUTH}（示河街道）", "特困老人月访 1 人次"),
        *("办", "对象", "事项", "上次", "备注"),
        *("☐", f"T2 {ELDERS['T2']}", "特困老人月访", "2023-03-22"),
        *(f"{WEST}（示河街道）", "专项行动入户 1 户 · 排查到村 1 个村（社区）"),
        *("办", "对象", "事项", "上次", "备注"),
        *("☐", "H3 示*", "专项行动入户", "从未"),
        *("☐", "本村（社区）走访", "排查到村", "从未"),
    ]


def test_without_a_plan_there_is_nothing_to_print_of_it(office: Office):
    app = visit(office, LEAD, show="planned")
    assert messages(app) == ["还没有计划去的村（社区）。先在“清单”里安排，再来打印。"]


def test_after_the_contract_nothing_is_planned(office: Office):
    app = visit(office, LEAD, END)
    assert messages(app) == ["截至 2023-04-30，合同期内已没有工作日；下面是仍然欠着的。"]
    assert not app.expander


@pytest.mark.parametrize(
    "asked", [{"team": "没有的组"}, {"show": "x"}, {"page": "0"}, {"trip": "x"}]
)
def test_what_is_not_there_leads_to_the_own_list(office: Office, asked: dict[str, str]):
    app = visit(office, LEAD, **asked)
    assert not messages(app)
    assert html_texts(app, "village") == [recorded(EAST_ALL), recorded(WEST_ALL)]


def test_a_team_stays_in_the_address(office: Office):
    app = visit(office, LEAD)
    app.selectbox[0].set_value("all").run()
    assert app.query_params["team"] == "all"
    assert html_texts(app, "village") == [*map(recorded, (EAST_ALL, SOUTH_ALL, WEST_ALL))]


def test_a_stranger_gets_the_sign_in_form(office: Office):
    assert is_sign_in_form(office.visit(None, WORKLIST))


def test_without_a_roster_it_says_so(empty_office: Office):
    empty_office.add(LEADER)
    app = empty_office.visit(LEADER, WORKLIST)
    assert messages(app) == ["名册里还没有村（社区）。请管理员先导入名册。"]


class TestWithoutElders:
    """Another contract, which asks for no visits and no campaign, only for cases."""

    @pytest.fixture
    def terms_file(self, tmp_path: Path) -> Path:
        """The other contract's file."""
        begin = TERMS.index('[[obligation]]\ncode = "campaign_households"')
        keep = TERMS.index('[[obligation]]\ncode = "new_applications"')
        end = TERMS.index('[[obligation]]\ncode = "patrol_localities"')
        after = TERMS.index("[thresholds]")
        path = tmp_path / "contract.toml"
        path.write_text(TERMS[:begin] + TERMS[keep:end] + TERMS[after:])
        return path

    def test_only_what_it_asks_for_is_listed(self, empty_office: Office):
        """Nothing is owed on its roster."""
        empty_office.import_rosters()
        empty_office.add(LEAD)
        app = visit(empty_office, LEAD)
        assert messages(app) == ["这里已经没有还欠的走访。"]
        assert [line[0] for line in html_texts(app, "listed")] == ["事项", "新申请入户调查"]


class TestWithoutObligations:
    """A contract that owes nobody a visit."""

    @pytest.fixture
    def terms_file(self, tmp_path: Path) -> Path:
        """Its file."""
        begin, after = TERMS.index("[[obligation]]"), TERMS.index("[thresholds]")
        path = tmp_path / "contract.toml"
        path.write_text(TERMS[:begin] + TERMS[after:])
        return path

    def test_the_page_says_so(self, empty_office: Office):
        """It does not break."""
        empty_office.import_rosters()
        empty_office.add(LEADER)
        for show in ("list", "paper"):
            app = visit(empty_office, LEADER, show=show)
            assert "这里已经没有还欠的走访。" in messages(app)
        assert "本合同没有要逐一走访的事项。" in messages(visit(empty_office))
