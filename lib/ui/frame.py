"""What stands above every page, and the edge at which errors end."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.errors import StreamlitAPIException

from lib import clock
from lib.errors import ContractError, RefusedError, StoreError, logged
from lib.periods import Month, Period
from lib.ui import navigation, session
from lib.ui.resources import is_demonstration, office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.navigation.page import StreamlitPage

    from lib.access import Viewer

_AS_OF, _ACCOUNT = "as_of", "account"
_CHANGE_PASSWORD, _SIGN_OUT = "修改密码", "退出登录"
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
    """Run the page that was asked for, or say that there is none."""
    try:
        page.run()
    except navigation.NotFoundError:
        header(viewer, "找不到这个页面")
        st.warning("网址可能有误，或者您的角色不使用这一页。")
        navigation.link("progress/overview", "回到合同总览")


def header(viewer: Viewer, title: str) -> None:
    """Title at the left, the signed-in user at the right; a banner over made-up data."""
    _banner()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False)
        _account(viewer)


def dated_header(viewer: Viewer, title: str, within: tuple[date, date] | None = None) -> date:
    """The header of a page of figures; the day they are shown for.

    It is one of the contract's days, or one `within` the first and the last of other days.
    """
    _banner()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False)
        day = _as_of(*(within or _days()))
        _account(viewer)
    return day


def _banner() -> None:
    if is_demonstration():
        st.caption("⚠ 演示数据：人名、地名和数字均为虚构")


def _account(viewer: Viewer) -> None:
    role = viewer.role.label if viewer.role else ""
    chosen = st.menu_button(
        viewer.name,
        (_CHANGE_PASSWORD, _SIGN_OUT),
        key=_ACCOUNT,
        help=f"{role} {viewer.team or ''}".rstrip(),
        on_click=_sign_out_if_asked,
    )
    if chosen == _CHANGE_PASSWORD:
        navigation.go("account/password")


def _sign_out_if_asked() -> None:
    """Before anything of the page runs: it is no longer the viewer's."""
    if st.session_state[_ACCOUNT] == _SIGN_OUT:
        session.sign_out()


def _days() -> tuple[date, date]:
    """From the contract's start to its end, or to today."""
    contract = office().contract
    latest = contract.as_of(None, clock.business_today())
    return min(contract.start, latest), latest


def _as_of(earliest: date, latest: date) -> date:
    """The as-of day, kept in the address so that the link can be sent."""
    around, within = Month.of(_to_be_shown(earliest, latest)), Period(earliest, latest)
    with st.container(horizontal=True, width="content", gap="xsmall"):
        _month_end("上月", around.previous, within)
        asked = st.date_input(
            "截至日期",
            value=latest,
            min_value=earliest,
            max_value=latest,
            key=_AS_OF,
            bind="query-params",
            format="YYYY-MM-DD",
            label_visibility="collapsed",
            help="按这一天计算各项数字",
            width=135,
        )
        _month_end("下月", around.next, within)
    return min(asked, latest)


def _to_be_shown(earliest: date, latest: date) -> date:
    """The day that the control is about to show: its own, at first the one in the address."""
    asked: date | None = st.session_state.get(_AS_OF) or _in_address()
    return asked if asked and earliest <= asked <= latest else latest


def day_asked() -> date:
    """The as-of day that the address names, on a page without a control for it; else the newest."""
    contract, today = office().contract, clock.business_today()
    day = contract.as_of(_in_address(), today)
    return max(day, min(contract.start, contract.as_of(None, today)))


def _in_address() -> date | None:
    try:
        return date.fromisoformat(st.query_params.get(_AS_OF, ""))
    except ValueError:
        return None


def _month_end(label: str, month: Month, within: Period) -> None:
    """A button to a month's last day, or the last that there is of it."""
    first, last = max(month.first, within.first), min(month.last, within.last or month.last)
    st.button(
        label,
        key=f"month_end_{label}",  # the same in every month: a new button moves its neighbours
        disabled=first > last,
        on_click=_go_to,
        args=(last,),
        help=f"看到 {month} 月末",
    )


def _go_to(day: date) -> None:
    st.session_state[_AS_OF] = day
