"""Looking acts up: who may, what is found, where it leads, and the list as a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert

from lib import clock, settings
from lib.actions.withdraw import withdraw
from lib.store.engine import writing
from lib.store.schema import audit_line
from lib.ui.audit_file import send_audit_lines
from tests.support.downloads import fetch, token
from tests.support.small_office import (
    ADMIN,
    LEAD,
    LEADER,
    OPERATOR,
    PERSONAL_NAMES,
    POSTED_AT,
    REVIEWER,
)
from tests.support.visits import AUDIT, html_texts, is_sign_in_form, links, messages, sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
NO_FILE = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
WITHDRAWN = ["2023-05-04 10:00", "运维人员", "—", "撤回记录", "记录 1 第 1 版"]


@pytest.fixture
def busy(office: Office) -> Office:
    """An entry was withdrawn in the small office."""
    withdraw(office.engine, office.stored, OPERATOR, 1, reason="错录", now=POSTED_AT)
    return office


def acts(app: AppTest) -> list[str]:
    """What was done, line by line."""
    _, *rows = html_texts(app, "listed")
    return [row[3] for row in rows]


def total(app: AppTest) -> str:
    """How many lines the page says there are."""
    return next(texts[1] for texts in html_texts(app, "summary") if texts[0] == "共")


@pytest.mark.parametrize("viewer", [LEAD, LEADER, None], ids=["lead", "leader", "stranger"])
def test_who_neither_accepts_nor_administers_finds_nothing(busy: Office, viewer: Viewer | None):
    app = busy.visit(viewer, AUDIT)

    assert messages(app) == NOT_FOUND if viewer else is_sign_in_form(app)


@pytest.mark.parametrize("viewer", [REVIEWER, ADMIN], ids=lambda viewer: viewer.name)
def test_the_newest_acts_come_first_in_words(busy: Office, viewer: Viewer):
    app = busy.visit(viewer, AUDIT)

    assert acts(app)[:4] == ["登记合同条款", "开始在库外保存校验值", "登录", "撤回记录"]
    assert acts(app)[-2:] == ["过账", "导入名册"]
    assert html_texts(app, "listed")[0] == ["时间", "谁", "从哪里", "做了什么", "对象", "详情"]
    row = html_texts(app, "listed")[4]
    assert row == [
        *WITHDRAWN,
        *("第 8 行", "计入", "是 → 否", "原文", "withdraw entry 1 v1"),
    ]
    ((_, kept, _, verified, _, heads),) = html_texts(app, "facts")[:1]
    assert kept.startswith("自 2023-05-04 10:00 起，共 11 行。按规定至少保存六个月；本系统不删除。")
    assert (verified, heads) == ("还没有核验过", "已保存到第 11 行")
    assert not [name for name in PERSONAL_NAMES if name in sent(app)]


def test_a_line_leads_to_what_it_is_about_where_the_viewer_may_open_that(busy: Office):
    reviewer, admin = (links(busy.visit(viewer, AUDIT)) for viewer in (REVIEWER, ADMIN))

    assert ("entry?id=1", "记录 1 第 1 版") in reviewer
    assert ("entry?id=1", "记录 1 第 1 版") in admin
    assert ("receipt?id=1", "回执 2023-000001") in reviewer
    assert "回执 2023-000001" not in [text for _, text in admin]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"act": "withdraw"}, ["撤回记录"]),
        ({"act": "post", "month": "2023-05"}, ["过账"]),
        ({"act": "nothing", "month": "1999-13", "page": "2", "line": "-1"}, 11),
        ({"act": "' OR 1=1 --", "page": "0"}, 11),
        ({"page": "9" * 30}, 11),
        ({"page": "-1"}, 11),
    ],
    ids=["act", "act and month", "unknown", "quoted", "huge", "negative"],
)
def test_the_address_narrows_it(busy: Office, asked: Mapping[str, str], found: list[str] | int):
    app = busy.visit(REVIEWER, AUDIT, **asked)

    assert acts(app) == found if isinstance(found, list) else len(acts(app)) == found


def test_a_person_and_a_text_narrow_it_and_stand_in_no_address(busy: Office):
    app = busy.visit(ADMIN, AUDIT)
    app.selectbox[2].select("运维人员").run()
    assert set(acts(app)) == {"新增用户", "过账", "撤回记录", "导入名册"}

    app.text_input[0].set_value(" ENTRY 1 ").run()
    assert acts(app) == ["撤回记录"]
    assert dict(app.query_params) == {}

    app.text_input[0].set_value("%").run()
    assert messages(app) == ["没有符合条件的审计记录。可以放宽上面的条件。"]


def test_a_long_log_goes_by_pages_and_a_text_stays(busy: Office):
    facts = {"contract_id": busy.stored.id, "at": POSTED_AT, "by": "x", "act": "post", "hash": "x"}
    rows = [{**facts, "line_id": 100 + n, "subject": f"many {n:03}"} for n in range(120)]
    with writing(busy.engine) as connection:
        connection.execute(insert(audit_line), rows)
    app = busy.visit(REVIEWER, AUDIT)
    app.text_input[0].set_value("many").run()
    (after,) = (button for button in app.button if button.label == "下一页")
    after.click().run()

    assert total(app) == "120"
    assert html_texts(app, "pager") == [["第 2 / 3 页"]]
    assert [row[4] for row in html_texts(app, "listed")[1:]][::49] == ["many 069", "many 020"]
    assert dict(app.query_params) == {"page": "2"}


def test_heads_that_are_gone_are_said(busy: Office):
    app = busy.visit(REVIEWER, AUDIT)
    settings.audit_heads().write_text("")
    app.run()

    assert "最后保存的是第 0 行，与现在的第 11 行不符，请核验" in html_texts(app, "facts")[0]


@pytest.mark.parametrize(
    ("viewer", "asked", "status"),
    [
        (None, {}, 404),
        (LEAD, {}, 404),
        (LEADER, {}, 404),
        (REVIEWER, {}, 200),
        (ADMIN, {"act": "withdraw"}, 200),
        (REVIEWER, {"month": "'"}, 404),
        (REVIEWER, {"act": "nothing"}, 404),
    ],
)
def test_the_file_is_for_the_same_people(
    busy: Office, viewer: Viewer | None, asked: Mapping[str, str], status: int
):
    answer = fetch(send_audit_lines, token(busy, viewer) if viewer else "x", asked)

    assert answer.status_code == status
    assert status == 200 or answer.body.decode() == NO_FILE


def test_the_file_says_what_it_is_and_its_taking_is_on_record(busy: Office):
    answer = fetch(send_audit_lines, token(busy, REVIEWER), {"act": "withdraw"})
    book = load_workbook(io.BytesIO(answer.body))
    rows = [list(row) for row in book["审计记录"].iter_rows(values_only=True)]
    made = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True)}

    assert rows == [
        ["行号", "时间", "谁", "从哪里", "做了什么", "对象", "改动前", "改动后"],
        [8, *WITHDRAWN[:2], None, *WITHDRAWN[3:], "计入：是", "计入：否"],
    ]
    assert (made["行数"], made["合计（行数）"], made["做了什么"]) == (1, 1, "撤回记录")
    assert made["导出"].startswith(str(clock.business_today()))
    assert answer.headers["cache-control"] == "no-store"
    assert [(line["by"], line["subject"]) for line in busy.audit("export")] == [
        ("reviewer", "audit=all act=withdraw")
    ]


def test_an_open_page_shows_what_was_done_since(office: Office):
    app = office.visit(REVIEWER, AUDIT)
    withdraw(office.engine, office.stored, OPERATOR, 1, reason="重复", now=POSTED_AT)
    (_, newest, *_) = html_texts(app.run(), "listed")
    assert newest[: len(WITHDRAWN)] == WITHDRAWN
