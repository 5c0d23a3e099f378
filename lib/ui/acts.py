"""An act that says what it will do before it is done, asks for the reason, and for one more press.

Which act is being looked at stands in the address, so that a reload loses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.actions.reasons import LIMIT
from lib.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

_ACT = "act"


def looked_at() -> str:
    """The act that is being looked at, empty when none is."""
    return st.query_params.get(_ACT, "")


def way(act: str, label: str) -> None:
    """A button that leads to an act; nothing is done by it."""
    if st.button(label, key=f"open_{act}"):
        st.query_params[_ACT] = act
        st.rerun()


def leave() -> None:
    """Look at the page without the act again, as it is now."""
    st.query_params.pop(_ACT, None)
    st.rerun()


def refused(sentence: str) -> None:
    """Say why the act cannot be done, and lead back."""
    st.warning(sentence)
    _back("返回")


def _back(label: str) -> None:
    if st.button(label, key="leave_act"):
        leave()


def ask(press: str, common: tuple[str, ...], do: Callable[[str], object]) -> None:
    """A form for the reason, common ones offered; `press` does the act with it.

    What `do` refuses is said below the form, and nothing that was written is lost.
    """
    with st.form("act"):
        chosen = st.pills("原因", common, key="act_common", wrap=True)
        written = st.text_input(
            "补充说明，或另写原因（不要写人名）", max_chars=LIMIT, key="act_reason"
        )
        pressed = st.form_submit_button(press, type="primary")
    if pressed:
        try:
            do("：".join(filter(None, (chosen, written.strip()))))
        except RefusedError as refusal:
            st.error(refusal.sentence)
        else:
            leave()
    _back("不做了，返回")


def seen_before(subject: str, state: str) -> str:
    """The state that was on the page when its user pressed; `state` is what is there now.

    A press runs the page anew: what is read then may be somebody else's doing since.
    """
    key = f"seen_{subject}"
    before = str(st.session_state.get(key, state))
    st.session_state[key] = state
    return before


def told(key: str) -> None:
    """What an act of the run before did, or why it was not done: kept under a key, said once."""
    outcome: tuple[bool, str] | None = st.session_state.pop(key, None)
    if outcome:
        done, sentence = outcome
        (st.success if done else st.error)(sentence)
