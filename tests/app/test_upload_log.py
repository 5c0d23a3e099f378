"""Uploading a workbook: the plan, what was wrong by cell, posting, the receipt (spec §3, §6)."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from lib.store.engine import reading
from lib.store.schema import receipt
from tests.support.small_office import (
    ADMIN,
    EAST,
    FIRST_LOG,
    FIRST_ROW,
    LEAD,
    LEADER,
    OTHER_LEAD,
    REVIEWER,
    WEST,
    book,
    case,
    elder_check,
    patrol,
)
from tests.support.visits import (
    ACCEPTANCE,
    AUDIT,
    FINDING,
    FINDINGS,
    LOGS,
    OBLIGATIONS,
    PAGES,
    PASSWORD,
    PROGRESS,
    RECEIPT,
    RECEIPTS,
    ROSTERS,
    SAMPLE,
    SESSIONS,
    SETTLEMENT,
    TERRITORIES,
    UPLOAD,
    USERS,
    WORKLIST,
    button,
    choose,
    hand_in,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    notes,
    press,
    titles,
)

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

APRIL = date(2023, 4, 3)
OUTSIDE = "不在合同期 2023-03-01 至 2023-04-30 内"
UNKNOWN = "服务人员名册中没有此人；您是不是要填“示员甲”？"
NOWHERE = "村（社区）名册中没有此处；您是不是要填“示西村”？"
NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
EVERYBODYS = {*PROGRESS, PASSWORD, WORKLIST, OBLIGATIONS, SETTLEMENT, FINDINGS}
ALL_OF_ACCEPTANCE = {*ACCEPTANCE} - {FINDING, SAMPLE}  # neither is there
PERMITTED = {
    LEADER: {*EVERYBODYS, *ALL_OF_ACCEPTANCE},
    LEAD: {*EVERYBODYS, *LOGS} - {RECEIPT},  # the one asked for is no team's
    OTHER_LEAD: {*EVERYBODYS, *LOGS} - {RECEIPT},
    REVIEWER: {*EVERYBODYS, *ALL_OF_ACCEPTANCE, RECEIPTS, RECEIPT, AUDIT},
    ADMIN: {*EVERYBODYS, *ALL_OF_ACCEPTANCE, ROSTERS, TERRITORIES, USERS, SESSIONS, AUDIT},
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("viewer", PERMITTED, ids=lambda viewer: viewer.name)
def test_a_page_opens_for_its_roles_and_is_not_found_by_others(
    office: Office, viewer: Viewer, page: str
):
    app = office.visit(viewer, page)
    found = page in PERMITTED[viewer]
    assert (messages(app) == NOT_FOUND) is not found
    assert (titles(app) != ["找不到这个页面"]) is found
    assert not app.error


def test_a_role_that_may_not_upload_has_no_uploader(office: Office):
    app = office.visit(LEADER, UPLOAD)
    assert messages(app) == NOT_FOUND
    assert not app.file_uploader
    assert not app.dataframe


def counts(app: AppTest) -> dict[str, str]:
    """The plan's rows by outcome."""
    return {label: value for label, value, *_ in html_texts(app, "tile")}


GOOD = {
    "业务协办": [case(APRIL, "示员甲", "示申009"), case(FIRST_LOG, "示员甲", "示申001")],
    "对象排查": [patrol(APRIL, "示员乙", WEST)],
}
SPOILED = {
    "业务协办": [
        *GOOD["业务协办"],
        case(date(2023, 5, 2), "示员甲", "示申010"),
        case(APRIL, "示员田", "示申011"),
    ],
    "对象排查": [*GOOD["对象排查"], patrol(APRIL, "示员甲", "示西材")],
}


def test_the_plan_counts_every_row(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    assert counts(app) == {"新增": "2", "更正": "0", "未变": "1", "退回": "3"}
    assert not office.audit("post")[1:], "nothing is posted yet"


def test_every_spoiled_cell_is_named(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, SPOILED)
    assert html_texts(app, "problems") == [
        [f"“业务协办”第 {FIRST_ROW + 2} 行“日期”：填的是“2023-05-02”，{OUTSIDE}。"],
        [f"“业务协办”第 {FIRST_ROW + 3} 行“服务人员”：填的是“示员田”，{UNKNOWN}"],
        [f"“对象排查”第 {FIRST_ROW + 1} 行“村(社区)”：填的是“示西材”，{NOWHERE}"],
    ]
    assert "退回 3 行：改这些单元格" in [heading.value for heading in app.subheader]


def test_posting_gives_a_receipt_and_moves_the_figures_by_exactly_that(office: Office):
    before = office.measures(APRIL)
    app = office.visit(LEAD, UPLOAD)
    data = hand_in(app, SPOILED)
    press(app, "过账 2 行")
    (receipt,) = app.success
    assert receipt.value.startswith("已过账，回执号 ")
    assert receipt.value.endswith("：新增 2 行，更正 0 行，未变 1 行，退回 3 行。")
    after = office.measures(APRIL)
    moved = {
        code: after["person_days"][code]["delivered"] - figure["delivered"]
        for code, figure in before["person_days"].items()
    }
    assert moved == {
        "case_handling": 1,
        "home_survey": 0,
        "patrol": 1,
        "campaign": 0,
        "elder_check": 0,
    }
    assert after["new_applications"] == {"required": 4, "delivered": 1}
    assert after["patrol_localities"]["2023-04"] == 1

    line = office.audit("post")[-1]
    assert line["by"] == LEAD.name
    assert line["subject"] in receipt.value
    assert line["after"] == {
        "sha256": hashlib.sha256(data).hexdigest(),
        "new": 2,
        "corrected": 0,
        "unchanged": 1,
        "refused": 3,
    }
    (headings, newest) = html_texts(app, "listed")
    assert headings == ["回执号", "时间", "文件", "上传人", "新增", "更正", "未变", "退回"]
    assert newest[0] == line["subject"]
    assert newest[2:] == ["四月.xlsx", LEAD.name, "2", "0", "1", "3"]


def test_after_posting_the_same_file_has_nothing_new(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    press(app, "过账 2 行")
    assert "没有需要过账的新内容。" not in messages(app)  # the receipt says enough
    assert not [each for each in app.button if each.label.startswith("过账")]
    assert counts(app) == {"新增": "0", "更正": "0", "未变": "3", "退回": "0"}


def test_the_same_file_again_says_when_and_by_whom(office: Office):
    app = office.visit(LEAD, UPLOAD)
    data = hand_in(app, GOOD)
    press(app, "过账 2 行")
    again = office.visit(LEAD, UPLOAD)
    choose(again, "改了名.xlsx", data)
    posted = office.audit("post")[-1]["subject"]
    (said,) = [words for words in messages(again) if words.startswith("同一份文件已于 ")]
    assert said.endswith(f" 由 lead1 上传，回执 {posted}。")
    assert len(office.audit("post")) == 2


def test_posted_from_two_windows_counts_once(office: Office):
    first, second = office.visit(LEAD, UPLOAD), office.visit(LEAD, UPLOAD)
    data = hand_in(first, GOOD)
    choose(second, "四月.xlsx", data)
    press(first, "过账 2 行")
    press(second, "过账 2 行")
    assert len(office.audit("post")) == 2, "the one of the small office and one more"
    assert messages(second) == messages(first), "the same file is one upload, with one receipt"
    assert not [each for each in second.button if each.label.startswith("过账")]


def test_the_same_rows_from_two_files_count_once(office: Office):
    first, second = office.visit(LEAD, UPLOAD), office.visit(LEAD, UPLOAD)
    hand_in(first, GOOD)
    hand_in(second, {**GOOD, "家计调查": []})
    press(first, "过账 2 行")
    press(second, "过账 2 行")
    assert len(office.audit("post")) == 2, "the one of the small office and one more"
    assert "没有需要过账的新内容。" in messages(second)
    assert not second.error


def test_a_correction_is_shown_old_beside_new_and_posted(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, {"业务协办": [case(FIRST_LOG, "示员甲", "示申001", 救助类别="特困")]})
    assert counts(app) == {"新增": "0", "更正": "1", "未变": "0", "退回": "0"}
    assert html_texts(app, "listed")[:2] == [
        ["行", "记录", "改动"],
        [
            f"“业务协办”第 {FIRST_ROW} 行",
            f"{FIRST_LOG} · 示申001 · 受理",
            "救助类别：低保 → 特困",
        ],
    ]
    app.pills(key=f"reason_{number_of(app)}").set_value("当时填错").run()
    press(app, "过账 1 行")
    assert app.success[0].value.endswith("：新增 0 行，更正 1 行，未变 0 行，退回 0 行。")
    assert reasons(office) == [None, "当时填错"]


def test_a_correction_without_a_reason_is_not_posted(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, {"业务协办": [case(FIRST_LOG, "示员甲", "示申001", 救助类别="特困")]})
    press(app, "过账 1 行")
    assert len(office.audit("post")) == 1
    button(app, "过账 1 行").click().run()
    assert "请先选一个更正原因，或写明原因，再过账。" in messages(app)
    app.text_input(key=f"reason_text_{number_of(app)}").set_value(" 邻居核实 ").run()
    press(app, "过账 1 行")
    assert reasons(office) == [None, "邻居核实"]


def number_of(app: AppTest) -> str:
    """The number of the upload that the page shows."""
    return str(app.query_params["upload"])


def reasons(office: Office) -> list[str | None]:
    """The reasons of all receipts, in order."""
    with reading(office.engine) as connection:
        query = select(receipt.c.reason).order_by(receipt.c.receipt_id)
        return list(connection.execute(query).scalars())


def test_another_teams_rows_are_refused(office: Office):
    app = office.visit(OTHER_LEAD, UPLOAD)
    hand_in(app, GOOD | {"特困老人核查": [elder_check(APRIL, "示员丙", "T1")]})
    assert counts(app)["退回"] == "3"
    words = "没有示二组的人员，请由所在小组上传。"
    assert html_texts(app, "problems") == [
        [f"“业务协办”：出现 2 次，{words}第 {FIRST_ROW}、{FIRST_ROW + 1} 行"],
        [f"“对象排查”第 {FIRST_ROW} 行：{words}"],
    ]
    press(app, "过账 1 行")
    assert office.audit("post")[-1]["after"]["new"] == 1


def test_receipts_of_other_teams_are_not_listed(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    press(app, "过账 2 行")
    other = office.visit(OTHER_LEAD, UPLOAD)
    assert "本组还没有过账记录。" in notes(other)
    assert not html_texts(other, "listed")


def test_what_is_listed_is_no_markup(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD, name="<b>四月</b>&.xlsx")
    press(app, "过账 2 行")
    assert html_texts(app, "listed")[1][2] == "<b>四月</b>&.xlsx"


def test_the_template_holds_the_kinds_that_are_chosen(office: Office):
    app = office.visit(LEAD, UPLOAD)
    (chosen,) = app.pills
    assert chosen.value == list(office.stored.terms.kinds)
    chosen.set_value(["patrol"]).run()
    assert ("template?kinds=patrol", "下载空白模板（.xlsx）") in links(app)
    app.pills[0].set_value([]).run()
    assert not [text for _, text in links(app) if "空白模板" in text]


REFUSED = {
    "空.xlsx": (b"", "文件是空的，请重新保存后再传。"),
    "文字.xlsx": (b"a,b\n1,2\n", "不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。"),
    "截断.xlsx": (book(GOOD)[:2000], "文件"),
    "名册.xlsx": (
        book({"村(社区)": [{"编码": "L1", "名称": EAST, "类别": "社区", "街道": "示河街道"}]}),
        "没有认识的工作表，文件里有：“村(社区)”；工作表名应为：",
    ),
    "只有表头.xlsx": (book({"业务协办": []}), "表中没有数据行，填写后再传。"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_refused_whole_is_answered_in_one_sentence_and_recorded(office: Office, name: str):
    data, words = REFUSED[name]
    app = office.visit(LEAD, UPLOAD)
    choose(app, name, data)
    (error,) = app.error
    assert error.value.startswith(f"文件整份退回：{words}")
    assert not [each for each in app.button if each.label.startswith("过账")]
    app.run()
    (line,) = office.audit("upload_refused")
    assert (line["by"], line["subject"]) == (LEAD.name, hashlib.sha256(data).hexdigest())
    assert (line["after"]["file"], line["after"]["size"]) == (name, len(data))
    assert error.value == f"文件整份退回：{line['after']['reason']}"


def test_a_file_of_which_every_row_is_refused_is_recorded_too(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, {"对象排查": [patrol(APRIL, "示员田", WEST)]})
    assert counts(app)["退回"] == "1"
    app.run()
    (line,) = office.audit("upload_refused")
    assert (line["by"], line["after"]["reason"]) == (LEAD.name, "1 行全部退回。")


def test_a_good_file_after_a_refused_one(office: Office):
    app = office.visit(LEAD, UPLOAD)
    choose(app, "空.xlsx", b"")
    hand_in(app, GOOD)
    assert not app.error
    assert counts(app)["新增"] == "2"


def test_the_receipt_of_one_file_is_not_shown_above_the_next(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    press(app, "过账 2 行")
    hand_in(app, {"对象排查": [patrol(date(2023, 4, 4), "示员乙", WEST)]})
    assert not app.success


def test_disabled_with_a_plan_on_screen_nothing_is_posted(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    office.disable(LEAD)
    press(app, "过账 2 行")
    assert is_sign_in_form(app)
    assert len(office.audit("post")) == 1


def test_three_clicks_post_once(office: Office):
    app = office.visit(LEAD, UPLOAD)
    hand_in(app, GOOD)
    post_button = button(app, "过账 2 行")
    post_button.click().run()
    for _ in range(2):
        app.run()
    assert len(office.audit("post")) == 2
