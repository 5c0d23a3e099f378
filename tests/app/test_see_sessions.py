"""登录情况: who is signed in, ending it at the next click, wrong passwords, letting try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from streamlit.runtime.context import ContextProxy

from lib import clock
from lib.actions import accounts, sessions, sign_in
from lib.errors import NotPermittedError, RefusedError
from lib.ui.session import ADDRESS_HEADER
from tests.support.small_office import ADMIN, EVERYONE, LEAD, LEADER, PASSWORD
from tests.support.visits import (
    SESSIONS,
    html_texts,
    is_sign_in_form,
    messages,
    sent,
    sign_out,
    titles,
)
from tests.support.visits import (
    sign_in as signed_in,
)

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from lib.access import Viewer
    from tests.support.visits import Office

NOT_ADMIN = [viewer for viewer in EVERYONE if viewer != ADMIN]
WRONG = "云杉-口令-2024"


@pytest.fixture(autouse=True)
def _from_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visitor comes from one address, as the gate says."""
    come_from(monkeypatch, "10.0.0.1")


def come_from(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Visitors come from that address from now on."""
    monkeypatch.setattr(ContextProxy, "headers", {ADDRESS_HEADER: address})


def lines(app: AppTest) -> list[str]:
    """What the page says line by line, without the times."""
    return [" ".join(words) for words in html_texts(app, "summary")]


def blocks(app: AppTest) -> list[str]:
    """Who is signed in, by block."""
    return [line for line in lines(app) if "登录 ·" not in line and "输错" not in line]


def press(app: AppTest, key: str) -> AppTest:
    """Press the button of that key."""
    return app.button(key=key).click().run()


@pytest.mark.parametrize("viewer", NOT_ADMIN, ids=lambda viewer: viewer.name)
def test_other_roles_neither_find_the_page_nor_act_past_it(office: Office, viewer: Viewer):
    app = office.visit(viewer, SESSIONS)
    assert messages(app) == ["网址可能有误，或者您的角色不使用这一页。"]
    engine, stored, now = office.engine, office.stored, clock.now()
    theirs = office.begin_session(ADMIN)
    with pytest.raises(NotPermittedError):
        sessions.live(engine, stored, viewer, now)
    with pytest.raises(NotPermittedError):
        sessions.end(engine, stored, viewer, theirs, now)
    with pytest.raises(NotPermittedError):
        sessions.end_all(engine, stored, viewer, "admin", now)
    assert accounts.viewer_of(engine, stored, theirs, now) == ADMIN


def test_who_is_signed_in_stands_there_with_address_and_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    signed_in(office.visit(None), "leader", PASSWORD)
    come_from(monkeypatch, "<b>2001:db8::7")
    signed_in(office.visit(None), "lead1", PASSWORD)
    app = office.visit(ADMIN, SESSIONS)
    begun = clock.local_text(clock.now())[:10]
    assert blocks(app) == ["admin 管理员", "lead1 项目组长（示一组）", "leader 区局领导"]
    own, lead, leader = (line for line in lines(app) if "登录 ·" in line)
    assert own.startswith(begun)
    assert own.endswith("没有记下地址（您现在用的）")
    assert lead.endswith("来自 <b>2001:db8::7"), "as it is, not as markup"
    assert leader.endswith("来自 10.0.0.1")
    assert [each.label for each in app.button if each.key and each.key.startswith("end_")] == [
        "结束",
        "结束",
    ]


def test_one_session_is_ended_and_the_other_goes_on(office: Office):
    here, there = office.visit(LEADER), office.visit(LEADER)
    live = sessions.live(office.engine, office.stored, ADMIN, clock.now())
    first = min(each.session_id for each in live)
    app = press(office.visit(ADMIN, SESSIONS), f"end_{first}")
    assert messages(app)[0] == "已结束“leader”的这次登录。"
    assert is_sign_in_form(here.run())
    assert not is_sign_in_form(there.run())
    (line,) = office.audit("end_sessions")
    assert (line["by"], line["subject"], line["after"]) == ("admin", "leader", {"sessions": 1})
    assert line["origin"] == "10.0.0.1"


def test_all_sessions_of_a_user_are_ended_and_nobody_elses(office: Office):
    theirs, others = [office.visit(LEADER) for _ in range(2)], office.visit(LEAD)
    app = press(office.visit(ADMIN, SESSIONS), "all_leader")
    assert messages(app)[0] == "已结束“leader”的 2 处登录。"
    assert blocks(app) == ["admin 管理员", "lead1 项目组长（示一组）"]
    assert all(is_sign_in_form(each.run()) for each in theirs)
    assert not is_sign_in_form(others.run())
    assert [line["after"] for line in office.audit("end_sessions")] == [{"sessions": 2}]


def test_what_has_ended_meanwhile_is_gone_and_no_act(office: Office):
    theirs = office.begin_session(LEADER)
    app = office.visit(ADMIN, SESSIONS)
    accounts.end_session(office.engine, office.stored, theirs, clock.now())
    assert blocks(press(app, f"end_{theirs}")) == ["admin 管理员"]
    assert not office.audit("end_sessions")


@pytest.mark.parametrize("session_id", [0, -1, 999, 10**12])
def test_a_session_that_never_was_cannot_be_ended(office: Office, session_id: int):
    with pytest.raises(RefusedError) as refusal:
        sessions.end(office.engine, office.stored, ADMIN, session_id, clock.now())
    assert refusal.value.sentence == "这次登录已经结束了。"


def test_wrong_passwords_stand_there_without_what_was_typed_for_a_name(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    app = office.visit(None)
    signed_in(app, PASSWORD, "leader")  # the password where the name belongs
    for _ in range(10):
        signed_in(app, "leader", WRONG)
    come_from(monkeypatch, "10.0.0.2")
    page = office.visit(ADMIN, SESSIONS)
    tries = [line for line in lines(page) if "输错" in line]
    assert [line.partition("，最近")[0] for line in tries] == [
        "地址 10.0.0.1 ：输错 11 次",
        "用户 leader ：输错 10 次",
    ]
    assert tries[1].endswith("以后才能再试")
    assert messages(page) == ["另有 1 次输的用户名并不存在。输的是什么不保存：可能是误填的密码。"]
    assert PASSWORD not in sent(page)


def test_the_administrator_lets_try_again(office: Office):
    app = office.visit(None)
    for _ in range(10):
        signed_in(app, "leader", WRONG)
    assert is_sign_in_form(signed_in(office.visit(None), "leader", PASSWORD))
    page = press(office.visit(ADMIN, SESSIONS), "lift_leader ")
    assert messages(page)[0] == "“leader”可以马上再试了。"
    assert titles(signed_in(office.visit(None), "leader", PASSWORD))
    assert [line["subject"] for line in office.audit("lift_sign_in_limit")] == ["leader"]


def test_where_nobody_erred_it_is_said(office: Office):
    assert messages(office.visit(ADMIN, SESSIONS)) == ["最近没有人输错密码。"]


def test_the_address_stands_in_the_audit_log(office: Office):
    signed_in(office.visit(None), "leader", WRONG)
    app = signed_in(office.visit(None), "leader", PASSWORD)
    sign_out(office, app)
    acts = office.audit("sign_in_failed", "sign_in")
    assert [(line["act"], line["origin"]) for line in acts] == [
        ("sign_in_failed", "10.0.0.1"),
        ("sign_in", "10.0.0.1"),
    ]


def test_from_the_own_office_one_signs_in_whatever_others_try_elsewhere(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    signed_in(office.visit(None), "leader", PASSWORD)
    come_from(monkeypatch, "203.0.113.7")
    attacker = office.visit(None)
    for _ in range(sign_in.OF_ACCOUNT.free):
        signed_in(attacker, "leader", WRONG)
    assert is_sign_in_form(signed_in(attacker, "leader", PASSWORD))
    come_from(monkeypatch, "10.0.0.1")
    assert titles(signed_in(office.visit(None), "leader", PASSWORD))
