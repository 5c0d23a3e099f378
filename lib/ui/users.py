"""The users page's pieces: the list, adding, another role, disabling, a new password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import Role, Viewer
from lib.actions import accounts, password_rules
from lib.errors import RefusedError
from lib.store import accounts as stored_accounts
from lib.store.engine import reading
from lib.ui import acts, moment, parts, reads
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lib.store.accounts import Account

_SAID = "users_said"


def listed() -> Sequence[Account]:
    """All accounts by name, as they are in this run."""
    return moment.once("accounts", _listed)


def _listed() -> Sequence[Account]:
    here = office()
    with reading(here.engine) as connection:
        return stored_accounts.listed(connection, here.stored.id)


def said() -> None:
    """What the last act did, or why it was not done."""
    acts.told(_SAID)


def table() -> None:
    """The users at a glance."""
    parts.listing(
        [
            {
                "用户名": user.name,
                "角色": user.role.label,
                "小组": user.team or "",
                "状态": _state(user),
            }
            for user in listed()
        ]
    )


def _state(user: Account) -> str:
    state = "已停用" if user.disabled else "正常"
    return f"{state}，可看各合同" if user.oversees else state


def add_form(viewer: Viewer) -> None:
    """A form for one more user."""
    here, teams = office(), _teams()
    with st.form("add_user", clear_on_submit=True):
        name = st.text_input("用户名", max_chars=accounts.NAME_LIMIT, key="new_name")
        role = st.selectbox(
            "角色", [str(role) for role in Role], index=0, format_func=_label, key="new_role"
        )
        team = st.selectbox(
            "小组（仅项目组长）", teams, index=None, placeholder="请选择", key="new_team"
        )
        password = st.text_input(
            "初始密码",
            type="password",
            key="new_password",
            help=f"{password_rules.HELP}；请本人登录后自行修改",
        )
        if not st.form_submit_button("新增用户", type="primary"):
            return
    new = Viewer(accounts.account_name(name), Role(role), team)
    _say(
        f"已新增{Role(role).label}“{new.name}”。",
        lambda: accounts.add_account(here.engine, here.stored, viewer, new, password, clock.now()),
    )


def _teams() -> Sequence[str]:
    """The teams of the roster."""
    return reads.roster().teams


def _label(role: str) -> str:
    return Role(role).label


def change_form(viewer: Viewer) -> None:
    """Another role, disabling, a new password; open pages of the user end at the next click."""
    known = {user.name: user for user in listed()}
    name = st.selectbox("用户", list(known), index=None, placeholder="请选择", key="changed")
    if name is None:
        return
    _role_form(viewer, known[name])
    _password_form(viewer, name)
    _toggle(viewer, known[name])


def _role_form(viewer: Viewer, user: Account) -> None:
    here, teams = office(), _teams()
    with st.form("change_role"):
        role = st.selectbox(
            "角色",
            [str(role) for role in Role],
            index=list(Role).index(user.role),
            format_func=_label,
            key=f"role {user.name}",
        )
        team = st.selectbox(
            "小组（仅项目组长）",
            teams,
            index=teams.index(user.team) if user.team in teams else None,
            placeholder="请选择",
            key=f"team {user.name}",
        )
        if st.form_submit_button("改角色"):
            new = Role(role)
            chosen = team if new is Role.TEAM_LEAD else None
            _say(
                f"已把“{user.name}”改为{new.label}{f'（{chosen}）' if chosen else ''}，"
                "原有登录随即失效。",
                lambda: accounts.change_role(
                    here.engine, here.stored, viewer, user.name, new, chosen, clock.now()
                ),
            )


def _password_form(viewer: Viewer, name: str) -> None:
    here = office()
    with st.form("reset_password", clear_on_submit=True):
        password = st.text_input("新密码", type="password", key="reset", help=password_rules.HELP)
        if st.form_submit_button("重设密码"):
            _say(
                f"已重设“{name}”的密码，原有登录随即失效。",
                lambda: accounts.set_password(
                    here.engine, here.stored, viewer, name, password, clock.now()
                ),
            )


def _toggle(viewer: Viewer, user: Account) -> None:
    here, word = office(), "启用" if user.disabled else "停用"
    if st.button(word, key="toggle"):
        _say(
            f"已{word}“{user.name}”。",
            lambda: accounts.set_disabled(
                here.engine,
                here.stored,
                viewer,
                user.name,
                disabled=not user.disabled,
                now=clock.now(),
            ),
        )


def _say(sentence: str, act: Callable[[], None]) -> None:
    """Do an act, keep what came of it, and draw the page anew."""
    try:
        act()
        st.session_state[_SAID] = (True, sentence)
    except RefusedError as refusal:
        st.session_state[_SAID] = (False, refusal.sentence)
    st.rerun()
