"""Seeing the staff: who worked how much on what, by month and day by day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support import small_office
from tests.support.row_links import misfits
from tests.support.small_office import (
    ADMIN,
    BEFORE_ANY_LOG,
    END,
    FIRST_TEAM,
    LEAD,
    LEADER,
    MID_MONTH,
    OTHER_LEAD,
    REVIEWER,
    SECOND_TEAM,
    STAFF,
)
from tests.support.visits import PEOPLE, html_texts, links, messages, sent, titles

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

ITEMS = ["业务协办", "家计调查", "对象排查", "业务培训", "专项行动", "特困老人定期核查"]
MASKED = dict.fromkeys(STAFF, "示*")
FIRST_ROWS = [
    [FIRST_TEAM, "5", "1.5", "0.5", "1", "2", "0", "0"],
    [FIRST_TEAM, "3", "1.5", "0.5", "0", "0", "1", "0"],
]
SECOND_ROWS = [
    [SECOND_TEAM, "3", "1", "0", "0", "0", "0", "2"],
    [SECOND_TEAM, "3", "0", "0", "1", "0", "1", "1"],
]


def table(app: AppTest, width: int) -> list[list[str]]:
    """The matrix's rows of so many texts, the headings the first."""
    (texts,) = html_texts(app, "matrix")
    return [texts[at : at + width] for at in range(0, len(texts), width)]


def tiles(app: AppTest) -> list[list[str]]:
    """What stands in the tiles."""
    return html_texts(app, "tile")


@pytest.mark.parametrize("viewer", [LEADER, REVIEWER, ADMIN], ids=lambda viewer: viewer.name)
def test_everybodys_person_days_stand_by_item(office: Office, viewer: Viewer):
    app = office.visit(viewer, PEOPLE, as_of=str(END))
    assert not messages(app)
    names = STAFF if viewer is REVIEWER else MASKED
    labels = [f"{code} {name}" for code, name in names.items()]
    (texts,) = html_texts(app, "matrix")
    people = [[label, *row] for label, row in zip(labels, [*FIRST_ROWS, *SECOND_ROWS], strict=True)]
    assert texts == [
        *("服务人员", "小组", "合计", *ITEMS),
        *(text for row in people for text in row),
        *("合计", "14", "4", "1", "2", "2", "2", "3"),
        *("应达", "50", "20", "8", "12", "—", "4", "6"),
        *("合同", "50", "20", "8", "12", "—", "4", "6"),
    ]


@pytest.mark.parametrize(
    ("viewer", "team", "codes", "rows", "sums"),
    [
        (LEAD, "", ("G1", "G2"), FIRST_ROWS, ["8", "3", "1", "1", "2", "1", "0"]),
        (LEAD, FIRST_TEAM, ("G1", "G2"), FIRST_ROWS, ["8", "3", "1", "1", "2", "1", "0"]),
        (OTHER_LEAD, "", ("G3", "G4"), SECOND_ROWS, ["6", "1", "0", "1", "0", "1", "3"]),
        (REVIEWER, SECOND_TEAM, ("G3", "G4"), SECOND_ROWS, ["6", "1", "0", "1", "0", "1", "3"]),
    ],
)
def test_a_team_is_shown_alone_with_its_names(
    office: Office,
    viewer: Viewer,
    team: str,
    codes: tuple[str, str],
    rows: list[list[str]],
    sums: list[str],
):
    app = office.visit(viewer, PEOPLE, as_of=str(END), team=team)
    (texts,) = html_texts(app, "matrix")
    people = [[f"{code} {STAFF[code]}", *row[1:]] for code, row in zip(codes, rows, strict=True)]
    assert texts == [
        *("服务人员", "合计", *ITEMS),
        *(text for row in people for text in row),
        *("本组合计", *sums),
    ]
    for code in set(STAFF) - set(codes):
        assert STAFF[code] not in sent(app)
        assert code not in sent(app)


@pytest.mark.parametrize(
    ("viewer", "team"), [(LEAD, SECOND_TEAM), (LEADER, "无此组"), (LEADER, "' OR 1=1 --")]
)
def test_a_team_that_is_not_there_or_not_the_leads_is_not_found(
    office: Office, viewer: Viewer, team: str
):
    app = office.visit(viewer, PEOPLE, team=team)
    assert titles(app) == ["找不到这个页面"]


def test_a_chosen_team_stands_in_the_address(office: Office):
    app = office.visit(LEADER, PEOPLE, as_of=str(END))
    app.selectbox[0].set_value(SECOND_TEAM).run()
    assert app.query_params["team"] == SECOND_TEAM
    assert [row[0] for row in table(app, 8)[1:3]] == ["G3 示*", "G4 示*"]


def test_person_days_stand_by_month(office: Office):
    app = office.visit(LEADER, PEOPLE, as_of=str(END), show="months")
    (texts,) = html_texts(app, "matrix")
    assert texts == [
        *("服务人员", "小组", "合计", "2023-03", "2023-04"),
        *("G1 示*", FIRST_TEAM, "5", "5", "0"),
        *("G2 示*", FIRST_TEAM, "3", "3", "0"),
        *("G3 示*", SECOND_TEAM, "3", "3", "0"),
        *("G4 示*", SECOND_TEAM, "3", "3", "0"),
        *("合计", "14", "14", "0"),
        *("已过工作日", "43", "23", "20"),
    ]


def test_a_month_is_shown_day_by_day(office: Office):
    app = office.visit(LEADER, PEOPLE, as_of=str(MID_MONTH), show="days")
    (texts,) = html_texts(app, "matrix")
    assert texts[:8] == [
        "服务人员",
        "1\n三",
        "2\n四",
        "3\n五",
        "4\n六\n休",
        "5\n日\n休",
        "6\n一",
        "7\n二",
    ]
    assert texts[32:] == [
        *("G1 示*", *"00012011001"),
        *("G2 示*", *"00002000110"),
        *("G3 示*", *"00010000000"),
        *("G4 示*", *"00000010000"),
    ]
    assert ("rows?day=2023-03-07&staff=G1&as_of=2023-03-15", "2") in links(app)
    body = next(h.proto.body for h in app.html if "G1 示*" in h.proto.body)
    assert 'title="业务协办 1 条、家计调查 1 条"' in body


def test_holidays_and_made_up_workdays_are_marked_in_words(office: Office):
    (texts,) = html_texts(office.visit(LEADER, PEOPLE, as_of=str(END), show="days"), "matrix")
    assert (texts[5], texts[22], texts[23]) == ("5\n三\n休", "22\n六\n休", "23\n日\n班")


@pytest.mark.parametrize(
    ("day", "team", "shown"),
    [
        (
            END,
            "",
            [
                ["4", "人", "全部小组"],
                ["14", "人天"],
                ["0", "人天"],
                ["4", "人", "请催报：G1、G2、G3、G4"],
            ],
        ),
        (
            MID_MONTH,
            "",
            [
                ["4", "人", "全部小组"],
                ["10", "人天"],
                ["10", "人天"],
                ["0", "人", "在岗的人都有记录"],
            ],
        ),
        (
            MID_MONTH,
            SECOND_TEAM,
            [
                ["2", "人", SECOND_TEAM],
                ["2", "人天"],
                ["2", "人天"],
                ["0", "人", "在岗的人都有记录"],
            ],
        ),
    ],
)
def test_at_a_glance_it_says_who_is_missing(office: Office, day, team, shown):
    app = office.visit(LEADER, PEOPLE, as_of=str(day), team=team)
    labels = ["在岗人员", "累计人天", "本月人天", "本月尚无记录"]
    assert tiles(app) == [[label, *rest] for label, rest in zip(labels, shown, strict=True)]


@pytest.mark.parametrize("show", ["items", "months", "days"])
@pytest.mark.parametrize("viewer", [LEADER, LEAD], ids=lambda viewer: viewer.name)
def test_every_number_is_what_its_rows_come_to(office: Office, viewer: Viewer, show: str):
    app = office.visit(viewer, PEOPLE, as_of=str(END), show=show)
    assert misfits(office, app, END) == []


def test_months_away_from_the_post_are_blank(office: Office):
    sheets = {**small_office.rosters()}
    first, *others = sheets["服务人员"]
    office.import_rosters(
        {**sheets, "服务人员": [*others, {**first, "离岗日期": date(2023, 3, 31)}]}
    )
    app = office.visit(LEADER, PEOPLE, as_of=str(END), show="months")
    (texts,) = html_texts(app, "matrix")
    assert texts[5:9] == ["G1 示*（已离岗）", FIRST_TEAM, "5", "5"]
    assert texts[9] == "G2 示*"
    assert tiles(app)[0] == ["在岗人员", "3", "人", "全部小组"]


def test_before_the_first_log_a_sentence_says_so(office: Office):
    app = office.visit(LEADER, PEOPLE, as_of=str(BEFORE_ANY_LOG))
    assert messages(app) == ["截至 2023-03-03 还没有日志，所以没有人天。可以换一个截至日期。"]


def test_without_a_roster_a_sentence_says_what_to_do(empty_office: Office):
    empty_office.add(LEADER)
    app = empty_office.visit(LEADER, PEOPLE)
    assert messages(app) == ["名册里还没有服务人员。请管理员先导入名册。"]
