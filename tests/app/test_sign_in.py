"""Signing in and out, and how a session ends while a page is open (spec §8)."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import streamlit as st
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from lib import clock
from lib.actions import accounts
from lib.store import contracts
from lib.store.engine import writing
from lib.ui import resources
from lib.ui.gate.owners import user_of
from lib.ui.routes import LEAVE
from tests.support import small_office
from tests.support.downloads import ask, token
from tests.support.small_office import EVERYONE, LEADER, OPERATOR, PASSWORD
from tests.support.visits import (
    ENTRY,
    TIMEOUT,
    USERS,
    Office,
    html_texts,
    is_sign_in_form,
    links,
    messages,
    notes,
    sent,
    sign_in,
    titles,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lib.access import Viewer

WRONG = "用户名或密码不正确。连续输错 10 次后要等一会儿才能再试，越错等得越久；急用请联系管理员。"
MADE_UP = "⚠ 演示数据：人名、地名和数字均为虚构"


@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_the_right_password_opens_the_overview(office: Office, viewer: Viewer):
    app = sign_in(office.visit(None), viewer.name, PASSWORD)
    assert titles(app) == ["合同总览"]
    assert html_texts(app, "headline")
    assert [line["subject"] for line in office.audit("sign_in")] == [viewer.name]


@pytest.mark.parametrize("name", ["LEADER", " leader ", "ｌｅａｄｅｒ", "Ｌｅａｄｅｒ\u3000"])
def test_capitals_widths_and_blanks_in_the_name_do_not_matter(office: Office, name: str):
    app = sign_in(office.visit(None), name, PASSWORD)
    assert titles(app) == ["合同总览"]
    assert [line["subject"] for line in office.audit("sign_in")] == ["leader"]


def test_a_wrong_password_counts_however_the_name_is_written(office: Office):
    app = sign_in(office.visit(None), "ｌｅａｄｅｒ", "云杉-口令-2024")
    assert messages(app) == [WRONG]
    assert [line["subject"] for line in office.audit("sign_in_failed")] == ["leader"]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("leader", "云杉-口令-2024"),
        ("nobody", PASSWORD),
        ("nobody", "云杉-口令-2024"),
        ("leader", "a" * 73),
        ("leader", "密" * 25),
        ("leader", " " * 12),
        ("leader", ""),
        ("leader", "a\0b" * 4),
        ("leader", "a" * 100_000),
        ("nobody", "a" * 73),
        ("' or 1=1 --", "' or 1=1 --"),
        ("l" * 5000, PASSWORD),
    ],
)
def test_whatever_is_wrong_the_sentence_is_the_same(office: Office, name: str, password: str):
    app = sign_in(office.visit(None), name, password)
    assert messages(app) == [WRONG]
    assert is_sign_in_form(app)
    assert not office.audit("sign_in")


def test_nothing_filled_in_is_no_attempt(office: Office):
    app = sign_in(office.visit(None), "", "")
    assert is_sign_in_form(app)
    assert not office.audit("sign_in_failed")


def test_after_ten_wrong_passwords_the_right_one_has_to_wait(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    app = office.visit(None)
    for _ in range(10):
        assert messages(sign_in(app, "leader", "云杉-口令-2024")) == [WRONG]
    assert messages(sign_in(app, "leader", "云杉-口令-2024")) == [WRONG]
    assert messages(sign_in(app, "leader", PASSWORD)) == [WRONG]
    assert messages(sign_in(office.visit(None), "leader", PASSWORD)) == [WRONG]
    assert len(office.audit("sign_in_failed")) == 10
    assert titles(sign_in(office.visit(None), "admin", PASSWORD)), "others are not locked out"

    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert titles(sign_in(office.visit(None), "leader", PASSWORD))


def test_signing_in_forgets_the_wrong_passwords(office: Office):
    app = office.visit(None)
    for _ in range(9):
        sign_in(app, "leader", "云杉-口令-2024")
    sign_in(app, "leader", PASSWORD)
    assert messages(sign_in(office.visit(None), "leader", "云杉-口令-2024")) == [WRONG]
    assert titles(sign_in(office.visit(None), "leader", PASSWORD))


def test_a_disabled_user_is_told_no_more_than_a_stranger(office: Office):
    office.disable(LEADER)
    app = sign_in(office.visit(None), "leader", PASSWORD)
    assert messages(app) == [WRONG]
    assert is_sign_in_form(app)


def give_new_password(office: Office, viewer: Viewer) -> None:
    accounts.set_password(
        office.engine, office.stored, OPERATOR, viewer.name, "云杉-新口令-2023", clock.now()
    )


@pytest.mark.parametrize("end", [Office.disable, give_new_password])
@pytest.mark.parametrize("viewer", EVERYONE, ids=lambda viewer: viewer.name)
def test_disabled_or_given_a_new_password_the_next_click_ends_it(
    office: Office, viewer: Viewer, end: Callable[[Office, Viewer], None]
):
    app = office.visit(viewer)
    assert not is_sign_in_form(app)
    end(office, viewer)
    app.run()
    assert is_sign_in_form(app)
    assert shows_no_figure(app)


def test_signed_out_in_another_window_the_next_click_ends_it(office: Office):
    app = office.visit(LEADER)
    accounts.end_session(office.engine, office.stored, int(app.user["session"]), clock.now())
    app.run()
    assert is_sign_in_form(app)
    assert shows_no_figure(app)


@pytest.mark.parametrize("idle", [timedelta(hours=2), timedelta(hours=13)])
def test_a_page_left_alone_for_hours_asks_to_sign_in(
    office: Office, idle: timedelta, monkeypatch: pytest.MonkeyPatch
):
    app = office.visit(LEADER)
    later = clock.now() + idle
    monkeypatch.setattr(clock, "now", lambda: later)
    app.run()
    assert is_sign_in_form(app)
    assert shows_no_figure(app)


def test_a_session_ends_after_half_a_day_though_it_was_used(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    app = office.visit(LEADER)
    begun = clock.now()
    for hours in range(1, 12):
        monkeypatch.setattr(clock, "now", lambda hours=hours: begun + timedelta(hours=hours))
        assert not is_sign_in_form(app.run())
    monkeypatch.setattr(clock, "now", lambda: begun + timedelta(hours=12, minutes=1))
    assert is_sign_in_form(app.run())


def test_signing_out_ends_the_session_and_takes_the_cookie_away(office: Office):
    app = office.visit(LEADER)
    held = token(office, LEADER)
    answer = ask(LEAVE, cookie=held, method="POST")
    assert (answer.status, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/")
    assert answer.headers["set-cookie"].startswith('session=""; ')
    assert accounts.session_of(office.engine, office.stored, held, clock.now()) is None
    assert [line["subject"] for line in office.audit("sign_out")] == ["leader"]
    assert titles(app.run()) == ["合同总览"]  # another browser's session goes on


@pytest.mark.parametrize("cookie", [None, "x" * 43, "garbage"])
def test_who_is_not_signed_in_is_led_to_the_form(office: Office, cookie: str | None):
    answer = ask(LEAVE, cookie=cookie, method="POST")
    assert (answer.status, answer.headers["location"]) == (HTTPStatus.SEE_OTHER, "/")
    assert office.audit("sign_out") == []


def test_a_run_asks_who_comes_only_where_the_gate_did_not_just_look(office: Office):
    held = token(office, LEADER)
    app = office.visit(None)
    app.user = user_of(resources.let_in(held))
    asked: list[str] = []
    event.listen(
        resources.office().engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: asked.append(statement),
    )

    after = []
    for _ in range(2):
        assert titles(app.run()) == ["合同总览"]
        after.append(sum("FROM session" in statement for statement in asked))

    assert after == [0, 1]


def test_who_is_disabled_after_the_gate_looked_sees_nothing(office: Office):
    held = token(office, LEADER)
    app = office.visit(None)
    app.user = user_of(resources.let_in(held))
    accounts.set_disabled(
        office.engine, office.stored, OPERATOR, "leader", disabled=True, now=clock.now()
    )

    assert is_sign_in_form(app.run())
    assert shows_no_figure(app)
    assert resources.let_in(held) is None


@pytest.mark.parametrize("session", [0, -1, 2, 10**12])
def test_a_session_that_never_began_signs_nobody_in(office: Office, session: int):
    app = office.visit(None)
    app.user = user_of(session)
    app.run()
    assert is_sign_in_form(app)
    assert shows_no_figure(app)


@pytest.mark.parametrize("user", [{}, {"session": None}, {"session": ""}, {"email": "leader"}])
def test_who_comes_without_a_session_of_ours_is_a_stranger(office: Office, user: dict):
    app = office.visit(None)
    app.user = user
    assert is_sign_in_form(app.run())
    assert shows_no_figure(app)


def test_the_page_on_which_somebody_signed_in_shows_nothing_of_the_office(office: Office):
    app = office.visit(None, USERS, as_of="2023-03-15", show="a&b")
    app.text_input[0].set_value("admin")
    app.text_input[1].set_value(PASSWORD)
    app.button[0].click().run()
    (form,) = [element.proto.body for element in app.html if 'id="onward"' in element.proto.body]
    assert "正在打开…" in form
    assert 'name="to" value="/users?as_of=2023-03-15&amp;show=a%26b"' in form
    assert not titles(app)
    assert shows_no_figure(app)
    assert is_sign_in_form(app.run())


def test_signing_in_again_where_a_session_ended_leads_on(office: Office):
    app = office.visit(LEADER)
    accounts.end_session(office.engine, office.stored, int(app.user["session"]), clock.now())
    sign_in(app.run(), "leader", PASSWORD)
    assert titles(app) == ["合同总览"]


def redeem(office: Office, ticket: str) -> str | None:
    """What the browser is given for a ticket."""
    return accounts.redeem_ticket(office.engine, office.stored, ticket, clock.now())


def test_a_ticket_is_good_once_and_soon(office: Office, monkeypatch: pytest.MonkeyPatch):
    begun = accounts.begin_session(office.engine, office.stored, LEADER.name, clock.now())
    assert redeem(office, "garbage") is None
    assert redeem(office, begun.ticket)
    assert redeem(office, begun.ticket) is None
    late = accounts.begin_session(office.engine, office.stored, LEADER.name, clock.now())
    afterwards = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: afterwards)
    assert redeem(office, late.ticket) is None


def test_a_page_of_others_leaves_the_viewer_a_way_out(office: Office):
    app = office.visit(LEADER, USERS)
    assert titles(app) == ["找不到这个页面"]
    assert links(app) == [("./", "回到合同总览")]
    assert "退出登录" in sent(app)


def test_the_banner_follows_what_the_store_says(office: Office):
    app = office.visit(LEADER)
    assert MADE_UP not in notes(app)
    with writing(office.engine) as connection:
        contracts.mark_demonstration(connection, office.stored.id)
    assert MADE_UP in notes(app.run())


def test_the_form_says_where_accounts_come_from(office: Office):
    app = office.visit(None)
    assert is_sign_in_form(app)
    assert [caption.value for caption in app.caption] == [
        "账号由管理员建立；忘记密码请联系管理员重设。"
    ]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:///{folder}/empty.db", "数据库结构不是最新的，请先运行 python -m lib migrate。"),
        (
            "sqlite:///{folder}/none/store.db",
            "连不上数据库，或不能写入：请核对 DATABASE_URL 和权限，或稍后再试。",
        ),
        (
            "postgresql://nobody@127.0.0.1:1/none",
            "连不上数据库，或不能写入：请核对 DATABASE_URL 和权限，或稍后再试。",
        ),
        ("nonsense", "DATABASE_URL 的写法不对，应为 sqlite:///… 或 postgresql://…"),
    ],
    ids=["not migrated", "no folder", "out of reach", "no address"],
)
def test_of_a_store_that_cannot_be_used_the_log_says_why_and_the_page_whom_to_tell(
    url: str,
    reason: str,
    terms_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setenv("DATABASE_URL", url.format(folder=tmp_path))
    monkeypatch.setenv("CONTRACT", str(terms_file))
    st.cache_resource.clear()
    app = AppTest.from_file(ENTRY, default_timeout=TIMEOUT).run()
    assert messages(app) == ["现在打不开系统的数据。请稍后再试；若一直这样，请告诉管理员。"]
    assert not app.exception
    assert not app.text_input
    assert reason in caplog.text


def shows_no_figure(app) -> bool:
    """Whether nothing of the overview, no name and no error reached the browser."""
    words = ("人天", "应达", "回执", "leader", *small_office.PERSONAL_NAMES)
    return not any(word in sent(app) for word in words) and not app.error


def test_the_form_brings_nothing_that_runs_the_script_by_itself(office: Office):
    """A component would, as soon as its frame has loaded, and a press until then be lost."""
    assert not office.visit(None).get("component_instance")
