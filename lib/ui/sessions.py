"""The page of who is signed in: ending it, and the wrong tries of the last hours."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions import sessions, sign_in
from lib.errors import RefusedError
from lib.ui import acts, session
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from lib.access import Viewer
    from lib.actions.sign_in import Waiting
    from lib.store.accounts import Live

_SAID = "sessions_said"


def said() -> None:
    """What the last act did, or why it was not done."""
    acts.told(_SAID)


def signed_in(viewer: Viewer) -> None:
    """Who is signed in, a block a user, with buttons that end it at the next click."""
    here = office()
    found = sessions.live(here.engine, here.stored, viewer, clock.now())
    groups = [list(own) for _, own in groupby(found, lambda each: each.viewer.name)]
    st.caption(
        f"现在 {len(groups)} 人登录着，共 {len(found)} 处。结束之后，对方点下一下就要重新登录；"
        "两小时没有操作，或登录满十二小时，会自己结束。"
    )
    for own in groups:
        _of_user(viewer, own)


def _of_user(viewer: Viewer, own: Sequence[Live]) -> None:
    name = own[0].viewer.name
    with st.container(border=True):
        with _line():
            _words(f"<b>{escape(name)}</b> {escape(_who(own[0].viewer))}")
            if len(own) > 1 and name != viewer.name:
                _button("全部结束", f"all_{name}", lambda: _end_all(viewer, name))
        for each in own:
            _of_session(viewer, each)


def _of_session(viewer: Viewer, each: Live) -> None:
    is_here = each.session_id == session.current()
    begun, seen = clock.local_text(each.begun_at), clock.local_text(each.seen_at)
    day, _, time = seen.partition(" ")
    where = f"来自 {escape(each.origin)}" if each.origin else "没有记下地址"
    with _line():
        _words(
            f"{begun} 登录 · 最近操作 {time if begun.startswith(day) else seen} · "
            f"{where}{'（您现在用的）' if is_here else ''}"
        )
        if not is_here:
            _button("结束", f"end_{each.session_id}", lambda: _end(viewer, each.session_id))


def _end(viewer: Viewer, session_id: int) -> str:
    here = office()
    name = sessions.end(here.engine, here.stored, viewer, session_id, clock.now())
    return f"已结束“{name}”的这次登录。"


def _end_all(viewer: Viewer, name: str) -> str:
    here = office()
    count = sessions.end_all(here.engine, here.stored, viewer, name, clock.now())
    return f"已结束“{name}”的 {count} 处登录。"


def wrong_tries(viewer: Viewer) -> None:
    """The wrong passwords of the last hours, which names and addresses wait, and letting them."""
    here = office()
    found = sign_in.recent(here.engine, here.stored, viewer, clock.now())
    st.caption(
        f"同一用户名输错 {sign_in.OF_ACCOUNT.free} 次、同一地址输错 {sign_in.OF_ADDRESS.free} 次"
        "之后要等待，越错等得越久；十二小时不再输错就不再计。"
        "用户本人在最近一个月登录过的地址另计，别处有人乱试不影响本人。"
    )
    if not found.of_known and not found.of_nobody:
        st.success("最近没有人输错密码。")
    for each in found.of_known:
        _of_key(viewer, each)
    if found.of_nobody:
        st.info(
            f"另有 {found.of_nobody} 次输的用户名并不存在。输的是什么不保存：可能是误填的密码。"
        )


def _of_key(viewer: Viewer, each: Waiting) -> None:
    subject = each.key.name or each.key.address
    what = f"{'用户' if each.key.name else '地址'} <b>{escape(subject)}</b>"
    where = f"（在本人常用的 {escape(each.key.address)}）" if all(each.key) else ""
    last = clock.local_text(each.failed_at)
    wait = f"；<b>{clock.local_text(each.until)} 以后才能再试</b>" if each.until else ""
    with st.container(border=True), _line():
        _words(f"{what}{where}：输错 {each.failures} 次，最近 {last}{wait}")
        _button("解除", f"lift_{' '.join(each.key)}", lambda: _lift(viewer, subject))


def _lift(viewer: Viewer, subject: str) -> str:
    here = office()
    sign_in.lift(here.engine, here.stored, viewer, subject, clock.now())
    return f"“{subject}”可以马上再试了。"


def _line() -> DeltaGenerator:
    """Words with their button behind them."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def _words(markup: str) -> None:
    st.html(f'<p class="summary">{markup}</p>')


def _button(label: str, key: str, act: Callable[[], str]) -> None:
    """Do an act when pressed, keep what came of it, and draw the page anew."""
    if st.button(label, key=key):
        try:
            st.session_state[_SAID] = (True, act())
        except RefusedError as refusal:
            st.session_state[_SAID] = (False, refusal.sentence)
        st.rerun()


def _who(of: Viewer) -> str:
    role = of.role.label if of.role else ""
    return f"{role}（{of.team}）" if of.team else role
