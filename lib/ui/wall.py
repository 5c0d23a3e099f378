"""The overview for a screen on the wall: nothing to click, new every minute."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import streamlit as st

from lib import clock
from lib.kpi.overview import headline, worst
from lib.ui import frame, overview_tiles, parts, reads, session

_STYLE = Path(__file__).with_name("wall.css")
_EVERY = timedelta(minutes=1)


@st.fragment(run_every=_EVERY)
def screen() -> None:
    """The whole screen; whoever is no longer signed in sees the sign-in form at the next minute.

    It says when it was drawn, so that a screen that stands still is seen to.
    """
    if session.viewer() is None:
        st.rerun()
    st.html(_STYLE)
    found = reads.overview(frame.day_asked())
    drawn = clock.local_text(clock.now())
    with st.container(key="wall"):
        small = f"截至 {found.as_of} · 画面更新于 {drawn}，每分钟自动更新"
        parts.headline(worst(found), headline(found), small)
        parts.tiles(overview_tiles.of(found))
        progress, beside = st.columns([7, 3], gap="large")
        with progress:
            parts.bullets(found.lines, found.workdays)
        with beside:
            st.subheader("先看这些", anchor=False)
            parts.attention(found.attention, found.as_of)
