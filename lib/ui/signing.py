"""Signing a month on its page, and opening it again: what it does is said first."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review
from lib.actions import close_month
from lib.errors import RefusedError
from lib.kpi.closing import Stage
from lib.kpi.scope import Scope
from lib.kpi.settlement import last_day
from lib.periods import Month, local_text
from lib.store import signatures
from lib.store.engine import reading
from lib.ui import acts, links, parts
from lib.ui.resources import office
from lib.ui.settlement import ABOUT_TO_SIGN

if TYPE_CHECKING:
    from lib.access import Viewer
    from lib.kpi.closing import MonthStanding
    from lib.store.signatures import Signature
    from lib.ui.settlement import Shown

_REOPEN = "reopen"
_COMMON = ("发现漏记，需要补录", "记录有误，需要更正", "名册或合同文件有误")
_HASH_SHOWN = 12  # characters, enough to tell one from another


def seal(held: Signature) -> None:
    """A signature that holds: who, when, over how many rows, and its hash."""
    whole = (
        f"<details><summary>完整校验值</summary><code>签认 {held.hash}</code>"
        f"<code>记录 {held.entries_hash}</code>"
        f"<code>上月 {held.previous_hash or '（无，首月）'}</code></details>"
    )
    st.html(
        f'<div class="seal" role="status"><b>{held.month} 已签认</b>'
        f"<p>{escape(held.signed_by)}　{local_text(held.signed_at)}</p>"
        f"<p>记录 {held.entries:,} 条，已封存　校验值 {held.hash[:_HASH_SHOWN]}</p>{whole}</div>"
    )


def standing(viewer: Viewer, month: MonthStanding) -> None:
    """The seal of a signed month; whoever was about to sign it is told who did."""
    held = month.signature
    if held is None:
        return
    seal(held)
    if st.session_state.get(ABOUT_TO_SIGN) == held.month:
        st.session_state.pop(ABOUT_TO_SIGN)
        if held.signed_by != viewer.name:
            st.info(f"{held.month} 已由 {held.signed_by} 签认，您不用再签。")


def act(month: Shown) -> None:
    """What a reviewer can do with the month now, or why it is not signed yet."""
    viewer, found = month.viewer, month.standing
    if acts.looked_at() == _REOPEN and may_review(viewer):
        _reopen(viewer, found)
    elif found.signature:
        if may_review(viewer):
            address = links.to("settlement", month=found.month, act=_REOPEN)
            parts.ways((f"重新打开 {found.month}…", address))
    elif found.stage is Stage.READY and may_review(viewer):
        _sign_form(month)
    else:
        st.info(_not_yet(found))


def _not_yet(standing: MonthStanding) -> str:
    """Why the month is not signed, as a sentence."""
    month = standing.month
    match standing.stage:
        case Stage.RUNNING:
            last = last_day(Scope(office().stored, clock.business_today()), month)
            return f"{month} 还没有结束，{last} 过后由验收人员签认。"
        case Stage.WAITING:
            return f"{month} 还没有签认：各月按顺序签认，前面还有没签认的月份。"
        case _:
            return f"{month} 还没有签认，等待验收人员签认。"


def _sign_form(month: Shown) -> None:
    """What signing does, the password again, and the press."""
    number = month.standing.month
    looked_at = acts.seen_before(f"sign_{number}", month.now.shown)
    st.session_state[ABOUT_TO_SIGN] = str(number)
    st.subheader(f"签认 {number}", anchor=False)
    st.markdown(
        f"签认后，本月 {month.entries:,} 条记录**封存**：不能再更正、撤回、补录，也不能加照片。"
        "以上数字、计算所用的合同条款、工作日和名册，以及每条记录的校验值一并保存，以后随时可以核验。"
        "确需改动，只能由验收人员说明原因，重新打开该月。"
    )
    if month.settled.undecided:
        st.warning(
            f"还有 {month.settled.undecided} 个疑点没有定论。仍可签认，这个数会如实写进签认里。"
        )
    with st.form("sign", clear_on_submit=True):
        password = st.text_input(
            "再输入一次您的登录密码", type="password", autocomplete="current-password"
        )
        pressed = st.form_submit_button(f"签认 {number}", type="primary")
    if pressed:
        _signed(month.viewer, number, password, looked_at)


def _signed(viewer: Viewer, month: Month, password: str, looked_at: str) -> None:
    here = office()
    try:
        with st.spinner("正在签认……"):
            close_month.sign(
                here.engine,
                here.stored,
                viewer,
                month,
                password=password,
                shown=looked_at,
                now=clock.now(),
                today=clock.business_today(),
            )
    except RefusedError as refusal:
        st.error(refusal.sentence)
    else:
        st.query_params["month"] = str(month)
        st.rerun()


def _reopen(viewer: Viewer, standing: MonthStanding) -> None:
    """Say which months opening this one opens, ask why, and do it."""
    here, month = office(), standing.month
    with reading(here.engine) as connection:
        closed = signatures.closed(connection, here.stored.id)
        missing = close_month.not_closed(connection, here.stored, month)
    held = closed.get(str(month))
    if held is None:
        acts.refused(missing)
        return
    looked_at = acts.seen_before(f"{_REOPEN}_{month}", str(held.signature_id))
    later = [each.month for each in close_month.to_reopen(closed, str(month)) if each is not held]
    st.subheader(f"重新打开 {month}", anchor=False)
    also = f"后面已签认的 {'、'.join(later)} 也一并重新打开，" if later else ""
    st.warning(
        f"重新打开后，{month} 的记录又可以更正、撤回和补录；{also}"
        "都要重新签认。原来的签认、打开的人、时间和原因永久保留，所有人都能看到。"
    )
    acts.ask(
        f"确认重新打开 {month}",
        _COMMON,
        lambda reason: close_month.reopen(
            here.engine,
            here.stored,
            viewer,
            month,
            reason=reason,
            now=clock.now(),
            shown=int(looked_at),
        ),
    )
