"""Importing the rosters: the administrator alone; what changes, what is missing, what is wrong."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib import clock
from lib.actions import import_rosters
from lib.store import rosters as stored_rosters
from lib.store.engine import reading
from lib.workbooks.own import read_own_workbook
from tests.support.small_office import (
    ADMIN,
    EAST,
    ELDERS,
    EVERYONE,
    FIRST_ROW,
    HEADS,
    MID_MONTH,
    POSTED_AT,
    REVIEWER,
    STAFF,
    XLSX,
    book,
    rosters,
)
from tests.support.visits import LOCALITY, ROSTERS, button, html_texts, messages, sent

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from lib.rosters import Roster
    from tests.support.visits import Office

HOUSEHOLDS_DIFFER = "与合同不一致：困难家庭：合同 4，名册 3。以合同数为分母，名册数并列显示。"


def imported(office: Office) -> Roster:
    """The rosters in the store."""
    with reading(office.engine) as connection:
        return stored_rosters.load(connection, office.stored.id)


def choose(app: AppTest, data: bytes, name: str = "名册.xlsx") -> AppTest:
    """Choose a roster workbook on the page."""
    return app.file_uploader[0].set_value((name, data, XLSX)).run()


@pytest.mark.parametrize("viewer", [v for v in EVERYONE if v != ADMIN], ids=lambda v: v.name)
def test_other_roles_do_not_find_the_page(office: Office, viewer: Viewer):
    app = office.visit(viewer, ROSTERS)
    assert messages(app) == ["网址可能有误，或者您的角色不使用这一页。"]
    assert not app.file_uploader


def test_the_page_shows_figures_beside_the_contracts(office: Office):
    app = office.visit(ADMIN, ROSTERS)
    assert html_texts(app, "tile") == [
        ["村(社区)", "3"],
        ["服务人员", "4", "今日在岗"],
        ["特困人员", "2", "今日在册"],
        ["困难家庭", "3"],
    ]
    assert messages(app) == [HOUSEHOLDS_DIFFER]


def test_who_has_left_is_counted_apart(office: Office, monkeypatch: pytest.MonkeyPatch):
    changed = rosters()
    changed["服务人员"][0] |= {"离岗日期": date(2023, 3, 14)}
    changed["服务人员"][1] |= {"到岗日期": date(2023, 3, 16)}
    changed["特困人员"][0] |= {"退出日期": date(2023, 3, 15)}
    workbook = read_own_workbook("名册.xlsx", book(changed))
    import_rosters.import_rosters(office.engine, office.stored, ADMIN, workbook, POSTED_AT)
    monkeypatch.setattr(clock, "business_today", lambda: MID_MONTH)
    assert html_texts(office.visit(ADMIN, ROSTERS), "tile")[1:3] == [
        ["服务人员", "2", "今日在岗，名册共 4"],
        ["特困人员", "2", "今日在册"],
    ]
    monkeypatch.setattr(clock, "business_today", lambda: date(2023, 3, 16))
    assert html_texts(office.visit(ADMIN, ROSTERS), "tile")[1:3] == [
        ["服务人员", "3", "今日在岗，名册共 4"],
        ["特困人员", "1", "今日在册，名册共 2"],
    ]


def test_the_administrator_is_sent_masked_names_only(office: Office):
    app = office.visit(ADMIN, ROSTERS)
    names = [table.value for table in app.dataframe]
    assert names[1]["姓名"].tolist() == ["示*"] * 4
    assert names[2]["姓名"].tolist() == ["示*"] * 2
    assert names[3]["户主姓名"].tolist() == ["示*"] * 3
    everyone = (*STAFF.values(), *ELDERS.values(), *HEADS.values())
    assert not [name for name in everyone if name in sent(app)]


def test_into_an_empty_store(empty_office: Office):
    empty_office.add(ADMIN)
    app = empty_office.visit(ADMIN, ROSTERS)
    assert "名册还是空的，请先导入。" in messages(app)
    choose(app, book(rosters()))
    plan = app.dataframe[0].value.set_index("名册")
    assert plan["新增"].to_dict() == {"村(社区)": 3, "服务人员": 4, "特困人员": 2, "困难家庭": 3}
    assert not imported(empty_office).staff, "nothing is imported before the button"
    button(app, "导入 12 条").click().run()
    assert "名册已导入：新增 12 条，变更 0 条，旧内容已留存。" in messages(app)
    assert {code: staff.name for code, staff in imported(empty_office).staff.items()} == STAFF
    (line,) = empty_office.audit("import_rosters")
    assert (line["by"], line["subject"]) == (ADMIN.name, "名册.xlsx")


def test_the_same_workbook_again_changes_nothing(office: Office):
    app = choose(office.visit(ADMIN, ROSTERS), book(rosters()))
    assert "名册没有变化。" in messages(app)
    assert not [each for each in app.button if each.label.startswith("导入")]
    assert len(office.audit("import_rosters")) == 1


def test_changed_and_missing_rows_are_told_apart(office: Office):
    changed = rosters()
    changed["服务人员"][0] = {**changed["服务人员"][0], "小组": "示二组"}
    del changed["困难家庭"][2]
    app = choose(office.visit(ADMIN, ROSTERS), book(changed))
    plan = app.dataframe[0].value.set_index("名册")
    assert plan.loc["服务人员"].to_dict() == {
        "新增": 0,
        "变更": 1,
        "未变": 3,
        "退回": 0,
        "表中没有（保留）": 0,
    }
    assert plan.loc["困难家庭", "表中没有（保留）"] == 1
    assert "困难家庭：表中没有这些编号，名册里仍保留：H3" in messages(app)
    button(app, "导入 1 条").click().run()
    roster = imported(office)
    assert roster.staff["G1"].team == "示二组"
    assert "H3" in roster.households


def test_wrong_rows_are_named_and_the_others_imported(office: Office):
    spoiled = rosters()
    spoiled["特困人员"][0] = {**spoiled["特困人员"][0], "村(社区)": "示南材"}
    spoiled["特困人员"].append({**spoiled["特困人员"][1], "编号": "T9", "自理能力": "半自理"})
    spoiled["困难家庭"].append({**spoiled["困难家庭"][0], "户编号": "H4", "户主姓名": "示户帆"})
    app = choose(office.visit(ADMIN, ROSTERS), book(spoiled))
    wrong = app.dataframe[1].value
    assert wrong[["名册", "行", "列"]].to_numpy().tolist() == [
        ["特困人员", FIRST_ROW, "村(社区)"],
        ["特困人员", FIRST_ROW + 2, "自理能力"],
    ]
    assert "您是不是要填“示南村”？" in wrong["问题"][0]
    button(app, "导入 1 条").click().run()
    assert set(imported(office).households) == {"H1", "H2", "H3", "H4"}
    assert set(imported(office).elders) == {"T1", "T2"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的，请重新保存后再传。"),
        (b"<html></html>", "不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。"),
        (
            book({"业务协办": []}),
            "没有名册工作表，工作表名应为：“村(社区)”、“服务人员”、“特困人员”、“困难家庭”。",
        ),
    ],
    ids=["empty", "html", "a log"],
)
def test_a_file_refused_whole(office: Office, data: bytes, words: str):
    app = choose(office.visit(ADMIN, ROSTERS), data)
    assert [error.value for error in app.error] == [f"文件整份退回：{words}"]
    assert not [each for each in app.button if each.label.startswith("导入")]
    assert set(imported(office).staff) == set(STAFF)
    (line,) = office.audit("upload_refused")
    assert (line["by"], line["after"]["reason"]) == (ADMIN.name, words)


def test_a_file_of_which_every_row_is_refused_is_recorded_too(office: Office):
    spoiled = [{**row, "到岗日期": "三月"} for row in rosters()["服务人员"]]
    app = choose(office.visit(ADMIN, ROSTERS), book({"服务人员": spoiled}))
    assert not app.error
    app.run()
    (line,) = office.audit("upload_refused")
    assert (line["by"], line["after"]["reason"]) == (ADMIN.name, "4 行全部退回。")


def test_what_changed_is_shown_at_once_by_pages_that_were_open(office: Office):
    app = office.visit(REVIEWER, LOCALITY, code="L1")
    assert EAST in sent(app)
    changed = rosters()
    changed["村(社区)"][0]["名称"] = "示新社区"
    for row in (*changed["特困人员"], *changed["困难家庭"]):
        row["村(社区)"] = row["村(社区)"].replace(EAST, "示新社区")
    office.import_rosters(changed)
    assert "示新社区" in sent(app.run())
    assert EAST not in sent(app)
