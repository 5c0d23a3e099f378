"""What stands above every page, and the edge at which errors end."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date
from html import escape
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.errors import StreamlitAPIException

from lib import clock
from lib.errors import ContractError, RefusedError, StoreError, logged
from lib.periods import Period
from lib.ui import as_of, handed_in, links, menu, navigation, pieces
from lib.ui.links import Link
from lib.ui.resources import is_demonstration, office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.navigation.page import StreamlitPage

    from lib.access import Viewer

_SHOWN = "page_shown"
_MADE_UP = "⚠ 演示数据：人名、地名和数字均为虚构"
_NOT_FOUND = "找不到这个页面"
_IS_HEADED = ContextVar("is_headed", default=False)  # whether the page has its header already
_LOG = logging.getLogger(__name__)


@contextmanager
def edge() -> Iterator[None]:
    """Where a refusal becomes its sentence, and a bug a number that stands in the log too.

    What is wrong with store or contract file is for the operator: only the log says it.
    """
    try:
        yield
    except (ContractError, StoreError) as refusal:
        _LOG.error("cannot serve: %s", refusal.sentence)
        _keep_typed()
        st.error("现在打不开系统的数据。请稍后再试；若一直这样，请告诉管理员。")
    except RefusedError as refusal:
        st.error(refusal.sentence)
    except Exception as error:  # noqa: BLE001 - the edge: logged with a number, shown as that
        st.error(f"程序出错，没有保存任何内容。请把编号 {logged(error)} 告诉管理员。")


def _keep_typed() -> None:
    """Keep what stands in fields that this run could not draw: Streamlit would forget it.

    Not what a press or a chosen file left behind, which nobody but their own widget may set.
    """
    for key, value in st.session_state.to_dict().items():
        parts = value if isinstance(value, list) else [value]
        if all(isinstance(part, (str, int, float, date)) for part in parts) and value is not True:
            with suppress(StreamlitAPIException):  # of a field that was drawn
                st.session_state[key] = value


def run(page: StreamlitPage, viewer: Viewer) -> None:
    """Run the page that was asked for below the menu, or say that there is none."""
    _IS_HEADED.set(False)
    _begin(page)
    pieces.draw(menu.markup(viewer, page.url_path))
    try:
        page.run()
    except navigation.NotFoundError:
        if _IS_HEADED.get():
            pieces.draw(_title(_NOT_FOUND))
        else:
            header(_NOT_FOUND)
        st.warning("网址可能有误，或者您的角色不使用这一页。")
        pieces.draw(Link("回到合同总览", links.OVERVIEW).markup)


def _begin(page: StreamlitPage) -> None:
    """Let a page begin with nothing of the one before it, as loading its address does."""
    if st.session_state.get(_SHOWN, page.url_path) != page.url_path:
        st.session_state.clear()
        handed_in.let_go_of_all()
    st.session_state[_SHOWN] = page.url_path


def dated_header(title: str, within: tuple[date, date] | None = None) -> date:
    """The header of a page of figures; the day they are shown for, which the address names.

    It is one of the contract's days, or one `within` the first and the last of other days.
    """
    days = Period(*(within or _days()))
    day = _shown(days)
    header(title, as_of.control(day, days))
    return day


def header(title: str, beside: str = "") -> None:
    """The title, and HTML that stands beside it; above them it is said if the data is made up."""
    _IS_HEADED.set(True)
    made_up = f'<p class="note">{_MADE_UP}</p>' if is_demonstration() else ""
    pieces.draw(f'<div>{made_up}<div class="header">{_title(title)}{beside}</div></div>')


def _title(words: str) -> str:
    return f'<h1 class="title">{escape(words)}</h1>'


def _days() -> tuple[date, date]:
    """From the contract's start to its end, or to today."""
    contract = office().contract
    latest = contract.as_of(None, clock.business_today())
    return min(contract.start, latest), latest


def _shown(days: Period) -> date:
    """The day that the address names, if it is one of these; else the last of them."""
    asked = as_of.asked()
    return asked if asked and asked in days else days.last or days.first


def day_asked() -> date:
    """The as-of day that the address names, on a page without a control for it; else the newest."""
    contract, today = office().contract, clock.business_today()
    day = contract.as_of(as_of.asked(), today)
    return max(day, min(contract.start, contract.as_of(None, today)))
