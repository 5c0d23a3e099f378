"""Long lists by pages: which one the address asks for, and the way to its neighbours."""

from __future__ import annotations

import streamlit as st

from lib.ui import links, pieces
from lib.ui.links import Link


def asked(part: str, number: int, size: int) -> int:
    """The page that a part of the address asks for, the nearest one there is."""
    wanted = links.number_in(st.query_params.get(part, "")) or 1
    return min(wanted, _last(number, size))


def ways(page: str, part: str, current: int, number: int, size: int) -> None:
    """Links to the pages before and after; nothing where all stands on one."""
    last = _last(number, size)
    if last == 1:
        return
    here = st.query_params.to_dict()
    around = (("上一页", current - 1), ("下一页", current + 1))
    words = [
        Link(word, links.to(page, **{**here, part: to})).markup
        for word, to in around
        if 1 <= to <= last
    ]
    pieces.draw(f'<p class="pager">第 {current} / {last} 页 · {" · ".join(words)}</p>')


def buttons(part: str, current: int, number: int, size: int) -> None:
    """Buttons in place of links: they keep what was typed, which stands in no address."""
    last = _last(number, size)
    if last == 1:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for word, to in (("上一页", current - 1), ("下一页", current + 1)):
            st.button(word, disabled=not 1 <= to <= last, on_click=_go_to, args=(part, to))
        st.html(f'<p class="pager">第 {current} / {last} 页</p>')


def _go_to(part: str, page: int) -> None:
    st.query_params[part] = str(page)


def _last(number: int, size: int) -> int:
    return max(-(-number // size), 1)
