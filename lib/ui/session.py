"""Who is looking: signing in, and the guard that is every page's first statement.

streamlit-authenticator draws the sign-in form; the password is checked by `actions.sign_in`, and
no cookie of its own is written. The session that follows is ours, a row in the store that the gate
finds by the browser's cookie. It is looked up for every run, by the gate at the word that asks for
it or by the run itself, so that disabling an account, another role, a new password or signing out
end it at the next click.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from lib import clock
from lib.actions import accounts, password_rules, sign_in
from lib.errors import RefusedError
from lib.ui import moment, navigation, parts, scripts
from lib.ui.authenticator import Authenticator
from lib.ui.gate.callers import ADDRESS_HEADER
from lib.ui.gate.owners import SESSION_KEY
from lib.ui.resources import arrived, office
from lib.ui.routes import ENTER

if TYPE_CHECKING:
    from lib.access import Viewer

_TICKET, _ENDED = "session_ticket", "session_ended"
_FIELDS = {"Form name": "登录", "Username": "用户名", "Password": "密码", "Login": "登录"}


def viewer() -> Viewer | None:
    """Who is signed in as of this run; None when nobody is, or no longer."""
    return moment.once("viewer", _viewer)


def _viewer() -> Viewer | None:
    session_id = current()
    if session_id is None:
        return None
    found = arrived(session_id)
    if found is None:
        _forget()
        return None
    return replace(found.viewer, origin=address())


def current() -> int | None:
    """The session in which the gate let this page be opened."""
    number = st.user.get(SESSION_KEY)
    return int(str(number)) if number else None


def _forget() -> None:
    """Let go, once, of all that the page holds of whoever was signed in."""
    if not st.session_state.get(_ENDED):
        st.session_state.clear()
        st.session_state[_ENDED] = True


def address() -> str:
    """Where the visitor comes from, as the gate found it; empty where there is none."""
    return st.context.headers.get(ADDRESS_HEADER) or ""


def guard(page: str) -> Viewer:
    """The viewer, when signed in and allowed to open the page; otherwise the run ends here.

    A stranger gets the sign-in form, a role that has no such page NotFoundError.
    `page` is the page's file below `pages/`, without `.py`.
    """
    found = viewer()
    if found is None:
        sign_in_page()
        st.stop()
    if not navigation.may_open(found, page):
        raise navigation.NotFoundError
    return found


def sign_in_page(asked: str = "/") -> None:
    """The sign-in form, or the form for the first administrator while there is no user.

    After the right password the browser is led on to a fresh page: this one was opened by a
    stranger. `asked` is the path of the page that was asked for.
    """
    st.set_page_config(page_title=navigation.tab("登录"))
    here = office()
    with parts.narrow():
        parts.brand(here.contract)
        if ticket := st.session_state.pop(_TICKET, None):
            query = urlencode(st.query_params.to_dict())
            _onward(ticket, f"{asked}?{query}" if query else asked)
        elif accounts.needs_first_admin(here.engine, here.stored):
            _first_admin_form()
        else:
            _sign_in_form()


def _onward(ticket: str, to: str) -> None:
    """Let the browser send a form of its own: only an answer to that can change a cookie.

    Its button is for browsers in which no script sends it, and shows up only then.
    """
    st.html(
        f'<form id="onward" class="onward" method="post" action="{ENTER}">'
        f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
        f'<input type="hidden" name="to" value="{escape(to)}">'
        f"<p>正在打开…</p><button>没有反应？点这里继续</button></form>{scripts.ONWARD}",
        unsafe_allow_javascript=True,
    )


def _first_admin_form() -> None:
    st.info("还没有任何用户。请先建立第一个管理员账号；建好后此页不再出现。")
    with st.form("first_admin"):
        name = st.text_input("用户名", max_chars=accounts.NAME_LIMIT)
        first = st.text_input("密码", type="password", help=password_rules.HELP)
        second = st.text_input("再输一遍密码", type="password")
        if not st.form_submit_button("建立管理员", type="primary", width="stretch"):
            return
    if first != second:
        st.error("两次输入的密码不一样。")
        return
    here = office()
    try:
        accounts.add_first_admin(here.engine, here.stored, name, first, clock.now(), address())
        _begin(accounts.account_name(name))
    except RefusedError as refusal:
        st.error(refusal.sentence)


def _sign_in_form() -> None:
    """Draw the form; begin a session when name and password were right.

    What is wrong is answered alike, whether there is such a name or not.
    """
    try:
        Authenticator(_is_right).login(fields=_FIELDS, key="sign_in", clear_on_submit=True)
    except RefusedError as refusal:  # too many try at once
        st.error(refusal.sentence)
        return
    status = st.session_state.get("authentication_status")
    if status:
        _begin(str(st.session_state["username"]))
    elif status is False:
        st.error(_WRONG)
    else:
        st.caption("账号由管理员建立；忘记密码请联系管理员重设。")


# Not a word more where the name is right: it would tell which names there are.
_WRONG = (
    f"用户名或密码不正确。连续输错 {sign_in.OF_ACCOUNT.free} 次后要等一会儿才能再试，越错等得越久；"
    "急用请联系管理员。"
)


def _is_right(name: str, password: str) -> bool:
    here = office()
    return sign_in.is_right(here.engine, here.stored, name, password, address(), clock.now())


def _begin(name: str) -> None:
    """Begin our session, forget the library's, and lead on to the page that was asked for."""
    here, now = office(), clock.now()
    st.session_state.clear()
    st.session_state[_ENDED] = True
    begun = accounts.begin_session(here.engine, here.stored, name, now, address())
    st.session_state[_TICKET] = begun.ticket
    st.rerun()
