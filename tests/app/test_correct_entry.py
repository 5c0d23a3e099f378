"""Correcting one entry on its form: what decides which it is stays, old beside new, a reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from lib import clock
from lib.actions.withdraw import withdraw
from lib.kpi.versions import versions
from lib.logs import LOG_KINDS
from lib.store.engine import reading
from lib.store.schema import entry
from lib.ui.quick_entry import REASON
from tests.support.forms import asked, fill, heading
from tests.support.small_office import (
    ADMIN,
    LEAD,
    LEADER,
    OTHER_LEAD,
    REVIEWER,
    SOUTH,
    elder_check,
    patrol,
)
from tests.support.visits import QUICK_ENTRY, button, html_texts, is_sign_in_form, messages

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from lib.kpi.versions import Version
    from tests.support.visits import Office

NOT_FOUND = ["网址可能有误，或者您的角色不使用这一页。"]
VISIT = LOG_KINDS["elder_check"]
DAY = date(2023, 4, 3)


@pytest.fixture
def entry_id(office: Office) -> int:
    """A visit that the lead's team posted by workbook."""
    office.post({"特困老人核查": [elder_check(DAY, "示员甲", "T1")]})
    return newest(office)


def newest(office: Office) -> int:
    """The entry that was posted last."""
    with reading(office.engine) as connection:
        return connection.execute(select(func.max(entry.c.entry_id))).scalar_one()


def history(office: Office, entry_id: int) -> list[Version]:
    """Every version of the entry, the newest first."""
    with reading(office.engine) as connection:
        return list(versions(connection, office.stored.id, entry_id))


def opened(office: Office, entry_id: object, viewer: Viewer | None = LEAD) -> AppTest:
    """The form that corrects an entry."""
    return office.visit(viewer, QUICK_ENTRY, entry=str(entry_id))


def confirm(app: AppTest, reason: str) -> AppTest:
    """Submit, say why, and confirm."""
    button(app, "提交").click().run()
    asked(app.text_input, REASON).set_value(reason)
    return button(app, "确认更正").click().run()


def test_the_form_holds_the_entry_and_locks_which_it_is(office: Office, entry_id: int):
    app = opened(office, entry_id)
    widgets = [*app.date_input, *app.pills, *app.selectbox]
    assert [(heading(each), each.value, each.disabled) for each in widgets] == [
        ("日期", DAY, True),
        ("服务人员", ["G1"], False),
        ("生活状况", "良好", False),
        ("健康状况", "一般", False),
        ("居住安全", None, False),
        ("照料落实", None, False),
        ("特困人员编号", "T1", True),
    ]
    (said,) = app.info
    assert said.value.endswith("日期、特困人员编号决定是哪一条；要改它们请撤回后重录。")


def test_it_counts_when_it_is_confirmed_with_a_reason(office: Office, entry_id: int):
    app = fill(opened(office, entry_id), VISIT, {"living": "较差", "problem": "屋顶漏水"})
    button(app, "提交").click().run()
    assert html_texts(app, "facts") == [
        ["生活状况", "原来“良好”，现在“较差”", "发现问题", "原来“（空）”，现在“屋顶漏水”"]
    ]
    assert len(history(office, entry_id)) == 1
    for nothing in ("", " "):
        asked(app.text_input, REASON).set_value(nothing)
        button(app, "确认更正").click().run()
        assert [each.value for each in app.error] == ["“原因”必须填写。"]
    asked(app.text_input, REASON).set_value("填错了")
    button(app, "确认更正").click().run()
    newest, first = history(office, entry_id)
    assert (newest.details, newest.posted_by, newest.source) == (
        {"living": "较差", "health": "一般", "problem": "屋顶漏水"},
        LEAD.name,
        "form",
    )
    assert first.details == {"living": "良好", "health": "一般"}
    assert app.success[0].value.startswith("已更正，回执 ")


def test_nothing_changed_is_said(office: Office, entry_id: int):
    app = button(opened(office, entry_id), "提交").click().run()
    assert "这一条已在台账，没有重复计算。" in messages(app)
    assert len(history(office, entry_id)) == 1


def test_what_is_locked_stays_whatever_a_browser_says(office: Office, entry_id: int):
    app = opened(office, entry_id)
    for widgets, slug, forged in (
        (app.date_input, "day", date(2023, 4, 4)),
        (app.selectbox, "elder", "T2"),
    ):
        app.session_state[asked(widgets, VISIT.by_slug[slug]).key] = forged
    confirm(fill(app, VISIT, {"living": "较差"}), "填错了")
    assert [(each.day, each.elder) for each in history(office, entry_id)] == [(DAY, "T1")] * 2


def test_a_withdrawn_entry_counts_again_once_corrected(office: Office, entry_id: int):
    withdraw(office.engine, office.stored, LEAD, entry_id, reason="误传", now=clock.now())
    app = fill(opened(office, entry_id), VISIT, {"living": "较差"})
    button(app, "提交").click().run()
    assert "这一条已被撤回，不再计入；确认后重新计入。" in messages(app)
    asked(app.text_input, REASON).set_value("去过")
    button(app, "确认更正").click().run()
    assert [each.withdrawn_at is None for each in history(office, entry_id)] == [True, False]


@pytest.mark.parametrize("viewer", [LEADER, OTHER_LEAD, REVIEWER, ADMIN, None], ids=str)
def test_nobody_else_corrects_it(office: Office, entry_id: int, viewer: Viewer | None):
    app = opened(office, entry_id, viewer)
    assert messages(app) == NOT_FOUND if viewer else is_sign_in_form(app)
    assert not app.pills


@pytest.mark.parametrize("asked_for", ["0", "-1", "9999999999", "1 or 1=1", "１", "x"])
def test_an_entry_that_is_not_there_is_not_found(office: Office, asked_for: str):
    assert messages(opened(office, asked_for)) == NOT_FOUND


def test_all_that_decides_which_entry_it_is_is_locked(office: Office):
    office.post({"对象排查": [patrol(DAY, "示员甲", SOUTH)]})
    app = opened(office, newest(office))
    widgets = [*app.date_input, *app.pills, *app.selectbox, *app.text_input]
    assert {heading(each) for each in widgets if each.disabled} == {"日期", "服务人员", "村(社区)"}
