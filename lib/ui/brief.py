"""The one-page briefing: the overview's content for a sheet of paper."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.kpi.overview import headline, worst
from lib.ui import overview_tiles, parts, pieces, reads
from lib.ui.resources import office

if TYPE_CHECKING:
    from datetime import date

    from lib.kpi.overview import Overview

_STYLE = Path(__file__).with_name("brief.css")


def sheet(found: Overview) -> None:
    """The sheet: what leadership wants to know, and how the figures were made."""
    contract = office().contract
    st.html(_STYLE)
    st.caption("用浏览器的“打印”即可打印成一页 A4 纸，或存为 PDF 文件。")
    with st.container(key="brief"), pieces.together():
        pieces.draw(f'<p class="summary">{escape(contract.name)} · {escape(contract.buyer)}</p>')
        pieces.kept(_figures, found.as_of)
        pieces.draw(f'<p class="summary">{escape(_made(found))}</p>')


def _figures(day: date) -> None:
    found = reads.overview(day)
    parts.headline(worst(found), headline(found), f"截至 {found.as_of}")
    parts.tiles(overview_tiles.of(found))
    pieces.heading("先看这些")
    parts.attention(found.attention, found.as_of)
    pieces.heading("各项进度")
    parts.bullets(found.lines, found.workdays)


def _made(found: Overview) -> str:
    posted = found.last_posted_at
    newest = f"最近一次过账 {clock.local_text(posted)}" if posted else "尚无日志过账"
    return (
        f"全部数字由日志逐条计算，截至 {found.as_of}，{newest}；"
        f"制表时间 {clock.local_text(clock.now())}。"
    )
