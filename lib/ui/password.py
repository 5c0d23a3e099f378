"""Changing one's own password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions import accounts, password_rules
from lib.errors import RefusedError
from lib.ui import parts
from lib.ui.resources import office

if TYPE_CHECKING:
    from lib.access import Viewer


def change_form(viewer: Viewer) -> bool:
    """The present password, and the new one twice; whether it was changed just now.

    Every session has then ended, this one too: the next click asks to sign in.
    """
    with parts.narrow(), st.form("change_password"):
        present = st.text_input("现在的密码", type="password")
        first = st.text_input("新密码", type="password", help=password_rules.HELP)
        second = st.text_input("再输一遍新密码", type="password")
        sent = st.form_submit_button("修改密码", type="primary")
        return sent and _changed(viewer, present, first, second)


def _changed(viewer: Viewer, present: str, first: str, second: str) -> bool:
    if first != second:
        st.error("两次输入的新密码不一样。")
        return False
    here = office()
    try:
        accounts.change_own_password(here.engine, here.stored, viewer, present, first, clock.now())
    except RefusedError as refusal:
        st.error(refusal.sentence)
        return False
    st.success("密码已修改，请用新密码重新登录。")
    return True
