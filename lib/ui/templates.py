"""Workbooks to fill in: an empty one, and one in which the team's open work stands already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.logs import LOG_KINDS
from lib.reports import prefilled
from lib.ui import links, reads
from lib.ui.links import Link
from lib.ui.resources import office
from lib.ui.routes import PREFILLED, TEMPLATE

if TYPE_CHECKING:
    from lib.access import Viewer
    from lib.reports.prefilled import Share


def prefilled_download(viewer: Viewer) -> None:
    """What the team's workbook holds as of today, and the way to it."""
    day = office().contract.as_of(None, clock.business_today())
    held = _words(reads.of(prefilled.share, day, viewer.team or ""))
    if not held:
        st.html(f'<p class="summary">截至 {day}，本组没有待办的走访和调查。</p>')
        return
    way = Link("下载预填的工作簿（.xlsx）", links.to(PREFILLED.removeprefix("/")))
    rest = "已列在里面，只需填日期、人员和结果；没填的行上传时不算错。"
    st.html(f'<p class="summary">{way.markup}：截至 {day}，本组待办的{held}，{rest}</p>')


def _words(share: Share) -> str:
    """What a workbook holds, in words; empty when that is nothing."""
    numbers = (
        ("特困老人", share.elders, "人"),
        ("困难家庭", share.households, "户"),
        ("待调查的申请", share.applications, "件"),
        ("本月未走访的村（社区）", share.places, "个"),
    )
    return "、".join(f"{name} <b>{number:,}</b> {unit}" for name, number, unit in numbers if number)


def blank_download() -> None:
    """The empty workbook, with the kinds that are wanted."""
    contract = office().contract
    chosen = st.pills(
        "空白模板中的工作表（点一下选上或去掉）",
        contract.kinds,
        selection_mode="multi",
        default=contract.kinds,
        format_func=lambda slug: LOG_KINDS[slug].sheet,
    )
    if chosen:
        address = links.to(TEMPLATE.removeprefix("/"), kinds=links.listed(chosen))
        way = Link("下载空白模板（.xlsx）", address)
        st.html(f'<p class="summary blank">{way.markup}</p>')
