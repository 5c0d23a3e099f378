"""Mending refused rows on the upload page: by a tap, in the table; taking it back (spec §8)."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from lib.store.engine import reading
from lib.store.schema import entry, mend, pending_upload
from lib.ui.downloads import send_marked, send_mended
from tests.support.downloads import fetch, token
from tests.support.small_office import (
    ADMIN,
    FIRST_ROW,
    LEAD,
    LEADER,
    OTHER_LEAD,
    REVIEWER,
    WEST,
    case,
    patrol,
)
from tests.support.visits import (
    HISTORY,
    UPLOAD,
    hand_in,
    html_texts,
    links,
    messages,
    press,
    settled,
)
from tests.unit.test_text import NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from starlette.responses import Response
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from lib.ui.sending import Endpoint
    from tests.support.visits import Office

APRIL = date(2023, 4, 3)
SPOILED = {
    "业务协办": [
        case(APRIL, "示员甲", "示申009"),
        case(APRIL, "示员田", "示申010"),
        case(date(2023, 5, 2), "示员乙、示员甲", "示申011"),
    ],
    "对象排查": [patrol(APRIL, "示员甲", "示西材"), patrol(APRIL, "示员乙 示员田", WEST)],
}
UNKNOWN = "服务人员名册中没有此人；您是不是要填“示员甲”？"
SECOND, THIRD = FIRST_ROW + 1, FIRST_ROW + 2


def outcomes(app: AppTest) -> dict[str, str]:
    """The plan's rows by outcome."""
    return {label: value for label, value, *_ in html_texts(app, "tile")}


def kept(office: Office) -> Sequence[tuple[object, ...]]:
    """The mends that are kept with the only upload: sheet, row, field, found, put."""
    with reading(office.engine) as connection:
        (mends,) = connection.execute(select(pending_upload.c.mends)).scalars()
    return [
        tuple(each[name] for name in ("sheet", "row", "field", "found", "put")) for each in mends
    ]


def in_ledger(office: Office) -> Sequence[tuple[object, ...]]:
    """The mends that the ledger keeps: receipt, sheet, row, field, found, put."""
    columns = (column for column in mend.c if column.name != "contract_id")
    with reading(office.engine) as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]


def table(app: AppTest) -> Any:  # noqa: ANN401 - a frame
    """The rows that can be written over, as they were drawn."""
    (drawn,) = app.dataframe
    return drawn.value


def write(app: AppTest, edited: Mapping[int, Any], **more: object) -> AppTest:
    """Send an edit of the table as a browser does; `edited` by position and column."""
    key = app.session_state["mending_drawn"].key
    app.session_state[key] = {"edited_rows": edited, "added_rows": [], "deleted_rows": [], **more}
    return app.run()


def test_a_tap_puts_a_name_right(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    assert outcomes(app) == {"新增": "1", "更正": "0", "未变": "0", "退回": "4"}
    press(app, "改为“示西村”")
    assert outcomes(app) == {"新增": "2", "更正": "0", "未变": "0", "退回": "3"}
    assert kept(office) == [("对象排查", FIRST_ROW, "locality", "示西材", "示西村")]


def test_the_other_people_of_the_cell_stay(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, {"对象排查": SPOILED["对象排查"][1:]})
    press(app, "改为“示员甲”")
    assert kept(office) == [("对象排查", FIRST_ROW, "people", "示员乙 示员田", "示员乙 示员甲")]
    assert outcomes(app)["新增"] == "1"


def test_one_tap_for_many_rows_alike(office: Office):
    days = [date(2023, 4, day) for day in range(3, 22)]
    app = office.visit(LEAD, UPLOAD)
    hand_in(
        app,
        {
            "对象排查": [
                patrol(APRIL, "示员乙", "示北"),
                *(patrol(day, "示员田", WEST) for day in days),
            ]
        },
    )
    first, second = html_texts(app, "problems")
    named = "、".join(str(FIRST_ROW + 1 + number) for number in range(10))
    assert first == [f"“对象排查”“服务人员”：“示员田”出现 19 次，{UNKNOWN}第 {named} 等 19 行"]
    assert second[0].startswith(f"“对象排查”第 {FIRST_ROW} 行“村(社区)”：填的是“示北”，")
    press(app, "改为“示员甲”")
    assert outcomes(app) == {"新增": "19", "更正": "0", "未变": "0", "退回": "1"}


def test_all_that_is_sure_at_once(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    (every,) = (each for each in app.button if each.label.startswith("全部采纳"))
    assert every.label == "全部采纳：有把握的 3 项、3 行一次改好"
    press(app, every.label)
    assert outcomes(app) == {"新增": "4", "更正": "0", "未变": "0", "退回": "1"}


def test_what_nobody_can_guess_is_written_once_for_all_alike(office: Office):
    rows = [case(APRIL, "示员甲", f"示申{n}", 救助类别="？") for n in range(3)]
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, {"业务协办": rows})
    (blank,) = (each for each in app.text_input if each.label == "改为")
    settled(blank.set_value(" 低保 ").run())
    assert outcomes(app)["新增"] == "3"
    assert {each[-1] for each in kept(office)} == {"低保"}


def test_the_table_says_what_is_wrong_beside_each_row(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    shown = table(app)
    assert list(shown["行"]) == [SECOND, THIRD]
    assert shown["问题"][0].startswith("⚠ 服务人员：填的是“示员田”，")
    assert list(shown["people"]) == ["示员田", "示员乙、示员甲"]
    assert list(shown["day"]) == ["2023-04-03", "2023-05-02"]


def test_a_cell_written_over_counts_and_the_receipt_keeps_it(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    settled(write(app, {1: {"day": "2023年4月4日"}}))
    assert table(app)["问题"][1] == "✓ 已改好"
    assert outcomes(app)["新增"] == "2"
    press(app, "过账 2 行")
    receipt_id = 2
    assert in_ledger(office) == [
        (receipt_id, "业务协办", THIRD, "day", "2023-05-02", "2023年4月4日")
    ]


def test_the_entry_says_which_cell_was_mended(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, {"业务协办": [case(APRIL, "示员田", "示申010")]})
    press(app, "改为“示员甲”")
    press(app, "过账 1 行")
    with reading(office.engine) as connection:
        newest = connection.execute(select(func.max(entry.c.entry_id))).scalar_one()
    own, others = (office.visit(viewer, HISTORY, id=str(newest)) for viewer in (LEAD, LEADER))
    assert "服务人员：原文件填“示员田”，过账前在页面上改为“示员甲”" in html_texts(own, "facts")[1]
    assert "服务人员：原文件填“示*”，过账前在页面上改为“示*”" in html_texts(others, "facts")[1]


def test_mends_of_rows_that_stay_refused_are_not_the_receipts(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    write(app, {1: {"remark": "见附件"}})
    press(app, "过账 1 行")
    assert in_ledger(office) == []
    assert kept(office) == [("业务协办", THIRD, "remark", "", "见附件")]


def test_what_was_posted_can_be_followed_by_what_is_mended_later(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    press(app, "过账 1 行")
    press(app, "改为“示西村”")
    assert outcomes(app) == {"新增": "1", "更正": "0", "未变": "1", "退回": "3"}
    press(app, "过账 1 行")
    assert [line["after"]["new"] for line in office.audit("post")[1:]] == [1, 1]


def test_a_mend_is_taken_back(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    press(app, "改为“示西村”")
    write(app, {0: {"remark": "见附件"}})
    assert [each.label for each in app.expander if "已改" in each.label] == [
        "已改 2 格（可以撤销）"
    ]
    settled(app.button(key=f"take_back/对象排查/{FIRST_ROW}").click().run())
    assert kept(office) == [("业务协办", SECOND, "remark", "", "见附件")]
    press(app, "全部撤销")
    assert kept(office) == []
    assert outcomes(app)["退回"] == "4"


def test_the_files_own_text_written_again_is_no_mend(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    settled(write(app, {0: {"people": "示员甲"}}))
    assert len(kept(office)) == 1
    write(app, {0: {"people": "示员田"}})
    assert kept(office) == []


def test_an_identity_number_is_cut_before_it_is_kept(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    write(app, {0: {"remark": f"证件 {NUMBER}"}})
    (only,) = kept(office)
    assert only[-1] == f"证件 {NUMBER[:3]}{'*' * 11}{NUMBER[-4:]}"


def test_too_long_a_text_is_refused_and_what_stood_there_stays(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    write(app, {0: {"remark": "长" * 501}})
    assert messages(app) == ["一格最多 500 字，这次修改没有保存，请精简后再填。"]
    assert kept(office) == []


FORGED = {
    "a row that is right": ({7: {"people": "示员甲"}}, {}),
    "before the first": ({-1: {"people": "示员甲"}}, {}),
    "the row's own number": ({0: {"行": 4}}, {}),
    "a column that there is not": ({0: {"natural_key": "x"}}, {}),
    "no text": ({0: {"people": ["示员甲"]}}, {}),
    "no cells": ({0: "示员甲"}, {}),
    "a row more": ({}, {"added_rows": [{"people": "示员甲"}]}),
    "a row less": ({}, {"deleted_rows": [0]}),
    "one good cell and one that is not": ({0: {"people": "示员甲"}, 9: {"people": "x"}}, {}),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_message_keeps_nothing_and_is_recorded(office: Office, name: str):
    edited, more = FORGED[name]
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    write(app, edited, **more)
    assert messages(app) == ["这次修改与页面上的内容对不上，没有保存。请刷新页面后再改。"]
    assert kept(office) == []
    (line,) = office.audit("forged_edit")
    assert line["by"] == LEAD.name
    assert "示员" not in str(line)
    settled(app)
    assert len(office.audit("forged_edit")) == 1, "the message is not read a second time"


def number_of(app: AppTest) -> str:
    """The number of the upload that the page shows."""
    return str(app.query_params["upload"])


def cells_of(answer: Response, sheet: str) -> dict[str, tuple[object, str]]:
    """The cells of a workbook that was sent: value and note."""
    workbook = load_workbook(io.BytesIO(bytes(answer.body)))
    found = (cell for row in workbook[sheet] for cell in row)
    return {
        cell.coordinate: (cell.value, cell.comment.text if cell.comment else "") for cell in found
    }


def test_the_files_that_are_fetched_are_mended_and_marked(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    press(app, "改为“示西村”")
    asked = {"upload": number_of(app)}
    assert links(app)[-2:] == [
        (f"marked?upload={asked['upload']}", "下载标出错误的文件"),
        (f"mended?upload={asked['upload']}", "下载改好的文件"),
    ]
    marked = fetch(send_marked, token(office, LEAD), asked)
    mended = fetch(send_mended, token(office, LEAD), asked)
    place, people = f"D{FIRST_ROW}", f"C{SECOND}"
    assert cells_of(mended, "对象排查")[place] == ("示西村", "")
    assert cells_of(mended, "业务协办")[people] == ("示员田", "")
    assert cells_of(marked, "对象排查")[place] == ("示西村", "")
    value, note = cells_of(marked, "业务协办")[people]
    assert value == "示员田"
    assert note.endswith(f"填的是“示员田”，{UNKNOWN}")
    assert [line["by"] for line in office.audit("fetch_upload")] == [LEAD.name, LEAD.name]
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    assert headers.items() <= dict(marked.headers).items()


@pytest.mark.parametrize("route", [send_marked, send_mended])
@pytest.mark.parametrize("viewer", [OTHER_LEAD, LEADER, REVIEWER, ADMIN, None])
def test_nobody_else_fetches_them(office: Office, viewer: Viewer | None, route: Endpoint):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    cookie = token(office, viewer) if viewer else None
    assert fetch(route, cookie, {"upload": number_of(app)}).status_code == 404
    assert office.audit("fetch_upload") == []
