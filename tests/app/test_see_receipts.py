"""Seeing what was posted, receipt by receipt, and what each receipt changed: every role."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from lib.actions import undo, withdraw
from lib.store import contracts, ledger, schema
from lib.store.engine import reading, writing
from tests.support.small_office import (
    EAST,
    END,
    FIRST_TEAM,
    LEAD,
    OTHER_LEAD,
    POSTED_AT,
    REVIEWER,
    SECOND_TEAM,
    SOUTH,
    WEST,
    patrol,
)
from tests.support.visits import (
    RECEIPT,
    RECEIPTS,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    sent,
)

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
WHEN = "2023-05-04 10:00"
FIRST_DAY, APRIL = date(2023, 3, 9), date(2023, 4, 3)
HEADINGS = [
    "回执号",
    "时间",
    "来源",
    "文件",
    "经办",
    "撤销",
    "原因",
    "新增",
    "更正",
    "未变",
    "退回",
    "撤回",
]


def post(office: Office) -> None:
    """Receipt 2 of the first team (a new patrol, a corrected one), receipt 3 of the second."""
    office.post(
        {
            "对象排查": [
                patrol(APRIL, "示员乙", WEST),
                patrol(FIRST_DAY, "示员甲", EAST, "屋顶漏水"),
            ]
        },
        LEAD,
    )
    office.post({"对象排查": [patrol(APRIL, "示员丙", SOUTH)]}, OTHER_LEAD)


def undone(office: Office, receipt_id: int = 2) -> None:
    """Undo a receipt of the first team, which gives the next number."""
    undo.undo(office.engine, office.stored, LEAD, receipt_id, reason="传错了文件", now=POSTED_AT)


def listed(app: AppTest) -> list[list[str]]:
    """The rows of all lists, headings among them."""
    return html_texts(app, "listed")


def line(number: int, viewer: Viewer, *counts: int, side: str = "—") -> list[str]:
    """A workbook's receipt as the list shows it."""
    team = f"{viewer.name}（{viewer.team}）" if viewer.team else viewer.name
    told = [f"2023-{number:06d}", WHEN, "上传文件", "日志.xlsx", team, side, "—"]
    return [*told, *map(str, counts), "0"]


# The list.


def test_a_lead_sees_the_own_teams_receipts(office: Office):
    post(office)
    app = office.visit(LEAD, RECEIPTS)

    assert html_texts(app, "summary") == [["共", "1", "张回执，点回执号看它改动了哪些记录"]]
    assert listed(app) == [HEADINGS, line(2, LEAD, 1, 1, 0, 0)]
    assert ("receipt?id=2", "2023-000002") in links(app)


def test_a_reviewer_sees_all_the_newest_first(office: Office):
    post(office)
    app = office.visit(REVIEWER, RECEIPTS)

    headings, third, second, first = listed(app)
    assert headings == HEADINGS
    assert [third, second] == [line(3, OTHER_LEAD, 1, 0, 0, 0), line(2, LEAD, 1, 1, 0, 0)]
    assert (first[0], first[4], first[7]) == ("2023-000001", "运维人员", "14")


@pytest.mark.parametrize(
    ("team", "numbers"),
    [(FIRST_TEAM, ["2023-000002"]), (SECOND_TEAM, ["2023-000003"]), ("-", ["2023-000001"])],
)
def test_a_reviewer_chooses_a_team(office: Office, team: str, numbers: list[str]):
    post(office)
    app = office.visit(REVIEWER, RECEIPTS)
    assert app.selectbox[0].options == ["全部小组", FIRST_TEAM, SECOND_TEAM, "命令行导入"]

    app.selectbox[0].set_value(team).run()
    assert [row[0] for row in listed(app)[1:]] == numbers
    assert app.query_params["team"] == team


def test_no_choice_of_a_team_opens_another_teams_receipts_to_a_lead(office: Office):
    post(office)
    app = office.visit(LEAD, RECEIPTS, team=SECOND_TEAM)

    assert [row[0] for row in listed(app)[1:]] == ["2023-000002"]


def test_a_lead_narrows_to_the_own_receipts(office: Office):
    post(office)
    keep(office, {"posted_by": "前任组长"})
    app = office.visit(LEAD, RECEIPTS)
    assert [row[0] for row in listed(app)[1:]] == ["2023-000004", "2023-000002"]

    app = office.visit(LEAD, RECEIPTS, whose="own")
    assert [row[0] for row in listed(app)[1:]] == ["2023-000002"]


def keep(office: Office, *receipts: dict[str, Any]) -> None:
    """Receipts of the first team as if they had been posted; their facts where they matter."""
    with writing(office.engine) as connection:
        for facts in receipts:
            sha256 = connection.scalar(select(schema.upload_file.c.sha256).limit(1))
            common = {"posted_at": POSTED_AT, "posted_by": LEAD.name, "team": LEAD.team}
            counts = dict.fromkeys(("added", "corrected", "unchanged", "refused"), 0)
            told = {"file_name": "日志.xlsx", "sha256": sha256, **counts}
            ledger.add_receipt(connection, office.stored.id, {**common, **told, **facts})


def test_a_month_begins_and_ends_in_beijing(office: Office):
    moments = (
        datetime(2023, 3, 31, 15, 59, tzinfo=UTC),
        datetime(2023, 3, 31, 16, tzinfo=UTC),
        datetime(2023, 4, 30, 15, 59, tzinfo=UTC),
        datetime(2023, 4, 30, 16, tzinfo=UTC),
    )
    keep(office, *({"posted_at": moment} for moment in moments))
    app = office.visit(LEAD, RECEIPTS)
    assert app.selectbox[0].options == ["全部月份", "2023-05", "2023-04", "2023-03"]

    app = office.visit(LEAD, RECEIPTS, month="2023-04")
    assert [row[:2] for row in listed(app)[1:]] == [
        ["2023-000004", "2023-04-30 23:59"],
        ["2023-000003", "2023-04-01 00:00"],
    ]


@pytest.mark.parametrize(
    ("page", "first", "number"),
    [("1", "2023-000036", 30), ("2", "2023-000006", 5), ("0", "2023-000036", 30)],
)
def test_a_long_list_comes_in_pages(office: Office, page: str, first: str, number: int):
    keep(office, *[{}] * 35)
    rows = listed(office.visit(LEAD, RECEIPTS, page=page))[1:]

    assert (rows[0][0], len(rows)) == (first, number)


def test_without_any_receipt_a_sentence_says_so(office: Office):
    assert messages(office.visit(LEAD, RECEIPTS)) == ["还没有过账记录。"]


def test_the_list_says_what_was_undone_and_why(office: Office):
    post(office)
    undone(office)
    rows = listed(office.visit(LEAD, RECEIPTS))[1:]

    assert rows == [
        [
            "2023-000004",
            WHEN,
            "撤销回执",
            "撤销回执_2023-000002.jsonl",
            f"lead1（{FIRST_TEAM}）",
            "撤销了 2023-000002",
            "传错了文件",
            *("0", "1", "0", "0", "1"),
        ],
        line(2, LEAD, 1, 1, 0, 0, side="已撤销，见 2023-000004"),
    ]


# One receipt.


def test_a_receipt_says_what_it_changed(office: Office):
    post(office)
    app = office.visit(LEAD, RECEIPT, id="2")

    assert html_texts(app, "facts") == [
        ["时间", WHEN, "经办", f"lead1（{FIRST_TEAM}）", "来源", "上传文件", "原文件", "日志.xlsx"]
    ]
    assert html_texts(app, "tile") == [
        ["新增", "1", "条"],
        ["更正", "1", "条"],
        ["未变", "0", "条"],
        ["退回", "0", "条"],
    ]
    assert [heading.value for heading in app.subheader] == [
        "回执 2023-000002",
        "新增 1 条",
        "更正 1 条",
        "照片和扫描件",
    ]
    assert listed(app) == [
        ["日期", "项目", "服务人员", "村（社区）", "内容", "文件行"],
        ["2023-04-03", "对象排查", "示员乙", WEST, "排查情况：一切如常", "4"],
        ["日期", "项目", "服务人员", "村（社区）", "原来", "现在"],
        ["2023-03-09", "对象排查", "示员甲", EAST, "排查情况：一切如常", "排查情况：屋顶漏水"],
    ]
    assert {address for address, _ in links(app)} == {
        "file?receipt=2",
        "entry?id=15",
        "entry?id=6",
    }


def test_a_receipt_says_what_became_of_its_entries(office: Office):
    post(office)
    office.post({"对象排查": [patrol(FIRST_DAY, "示员甲", EAST, "已修好")]}, LEAD)
    withdraw.withdraw(office.engine, office.stored, LEAD, 15, reason="录错了", now=POSTED_AT)
    app = office.visit(REVIEWER, RECEIPT, id="2")

    assert listed(app)[-2:] == [
        ["回执号", "时间", "来源", "经办", "涉及条数"],
        ["2023-000004", WHEN, "上传文件", f"lead1（{FIRST_TEAM}）", "1"],
    ]
    assert app.caption[-1].value == "另有 1 条后来单独撤回。"


def test_another_teams_later_receipt_is_named_and_not_opened(office: Office):
    both = patrol(APRIL, "示员甲、示员丙", WEST)
    office.post({"对象排查": [both]}, LEAD)
    office.post({"对象排查": [{**both, "排查情况": "屋顶漏水"}]}, OTHER_LEAD)
    app = office.visit(LEAD, RECEIPT, id="2")

    assert listed(app)[-1] == ["2023-000003", WHEN, "上传文件", f"lead2（{SECOND_TEAM}）", "1"]
    assert "receipt?id=3" not in dict(links(app))
    assert "receipt?id=3" in dict(links(office.visit(REVIEWER, RECEIPT, id="2")))


def test_an_undone_receipt_and_its_undoing_lead_to_each_other(office: Office):
    post(office)
    undone(office)
    app = office.visit(REVIEWER, RECEIPT, id="2")
    assert messages(app) == [f"这张回执已于 {WHEN} 由 lead1 撤销。"]
    assert html_texts(app, "facts")[0][-4:] == [
        "撤销",
        "已撤销，见 2023-000004",
        "撤销原因",
        "传错了文件",
    ]
    assert ("receipt?id=4", "已撤销，见 2023-000004") in links(app)
    assert listed(app)[-1] == ["2023-000004", WHEN, "撤销回执", f"lead1（{FIRST_TEAM}）", "2"]

    app = office.visit(REVIEWER, RECEIPT, id="4")
    assert not messages(app)
    assert ("receipt?id=2", "撤销了 2023-000002") in links(app)
    assert html_texts(app, "tile") == [
        ["撤回", "1", "条"],
        ["恢复原内容", "1", "条"],
        ["保持不变", "0", "条"],
    ]
    assert listed(app) == [
        ["日期", "项目", "服务人员", "村（社区）", "原来", "现在"],
        ["2023-03-09", "对象排查", "示员甲", EAST, "排查情况：屋顶漏水", "排查情况：一切如常"],
        ["日期", "项目", "服务人员", "村（社区）", "内容", "文件行"],
        ["2023-04-03", "对象排查", "示员乙", WEST, "排查情况：一切如常", "4"],
    ]


def test_a_receipt_shows_the_cells_that_were_mended(office: Office):
    post(office)
    mend = {"sheet": "对象排查", "row": 4, "field": "people", "found": "示员已", "put": "示员乙"}
    with writing(office.engine) as connection:
        ledger.add_mends(connection, office.stored.id, 2, [mend])
    app = office.visit(LEAD, RECEIPT, id="2")

    assert listed(app)[-2:] == [
        ["工作表", "行", "列", "文件中", "过账为"],
        ["对象排查", "4", "服务人员", "示员已", "示员乙"],
    ]


def test_the_entries_of_a_receipt_come_in_pages(office: Office):
    app = office.visit(REVIEWER, RECEIPT, id="1")
    assert len(listed(app)) == 15

    many = [
        patrol(date(2023, 4, day), "示员乙", place) for day in range(1, 31) for place in (EAST,)
    ]
    office.post({"对象排查": [*many, patrol(APRIL, "示员甲", WEST)]}, LEAD)
    rows = listed(office.visit(LEAD, RECEIPT, id="2", new="2"))[1:]
    assert [row[:4] for row in rows] == [["2023-04-03", "对象排查", "示员甲", WEST]]


@pytest.mark.parametrize("viewer", [LEAD, OTHER_LEAD, REVIEWER], ids=lambda viewer: viewer.name)
def test_a_receipt_opens_for_its_own_team_and_reviewers(office: Office, viewer: Viewer):
    post(office)
    opened = [
        number
        for number in ("1", "2", "3")
        if messages(office.visit(viewer, RECEIPT, id=number)) != NOT_FOUND
    ]
    assert opened == {LEAD: ["2"], OTHER_LEAD: ["3"], REVIEWER: ["1", "2", "3"]}[viewer]


@pytest.mark.parametrize("asked", ["0", "-1", "4", "99999999999999999999", "2 or 1=1", "２", "2'"])
@pytest.mark.parametrize("act", ["", "undo"])
def test_a_receipt_that_is_not_there_is_not_found(office: Office, asked: str, act: str):
    post(office)
    app = office.visit(REVIEWER, RECEIPT, id=asked, act=act)
    assert messages(app) == NOT_FOUND
    assert "日志.xlsx" not in sent(app)


@pytest.mark.parametrize("page", [RECEIPTS, RECEIPT])
def test_a_stranger_finds_the_sign_in_form(office: Office, page: str):
    assert is_sign_in_form(office.visit(None, page))


def state(office: Office) -> tuple[int, dict[str, Any]]:
    """The store's revision, and every figure."""
    with reading(office.engine) as connection:
        return contracts.revision(connection, office.stored.id), office.measures(END)


def test_looking_is_not_an_act(office: Office):
    post(office)
    office.visit(REVIEWER, RECEIPTS)  # the first visit puts the contract's terms on record
    before = state(office)
    office.visit(REVIEWER, RECEIPTS)
    office.visit(LEAD, RECEIPT, id="2", act="undo")

    assert state(office) == before
    assert not office.audit("undo", "withdraw", "restore", "fetch_file")
