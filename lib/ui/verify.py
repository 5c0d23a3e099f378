"""Verifying on a page: one press, and the answer in words: all as it was signed, or what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions import verify
from lib.kpi.verification import Part, Verification
from lib.store.engine import reading
from lib.ui import links, parts
from lib.ui.parts import Tile
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer
    from lib.kpi.verification import Check

_FOUND = "verified"
_MONTHLY = (Part.SIGNATURE, Part.ROWS, Part.FIGURES)
_WHAT = (
    "核验把审计记录逐行与库外保存的校验值、把每个已签认月份的记录逐条与签认时留下的校验值重新核对，"
    "再按签认时的口径重算数字。绕过本系统直接改动数据库，哪怕只改一个字，也会在这里指出来。"
)


def verifying(viewer: Viewer) -> None:
    """What verifying is, when it was done last, and doing it now."""
    st.caption(_WHAT)
    pressed = st.button("现在核验", type="primary")
    answer = st.container()
    if pressed:
        with answer:
            st.session_state[_FOUND] = _verified(viewer), clock.local_text(clock.now())
    found, when = st.session_state.get(_FOUND, (None, ""))
    if found:
        with answer:
            _answer(found, when)
            _checks(found)
    else:
        _last()


def _verified(viewer: Viewer) -> Verification:
    """Verify, saying all the while what is being looked at."""
    here, bar = office(), st.progress(0.0, "正在核验……")

    def tell(what: str, done: int, total: int) -> None:
        bar.progress(done / total, f"正在核对：{what}")

    found = verify.verify(here.engine, here.stored, viewer, clock.now, tell)
    bar.empty()
    return found


def _answer(found: Verification, when: str) -> None:
    """The result at a glance; `when` it was found, since it stays on the page."""
    if found.differences:
        first = found.differences[0]
        st.error(f"不一致：{_sentence(first)}。（{when} 核验）")
        more = len(found.differences) - 1
        st.warning(f"{verify.ADVICE}{f'另有 {more} 处，见下表。' if more else ''}")
        if first.entry_id:
            parts.ways(("打开这条记录", links.to("entry", id=first.entry_id)))
    elif found.months:
        st.success(f"一致：审计记录和已签认的月份都与签认时相同。（{when} 核验）")
    else:
        st.success(f"一致：审计记录没有被改动；还没有签认封存的月份。（{when} 核验）")
    for notice in found.notices:
        st.warning(f"{notice.rstrip('。')}。")
    parts.tiles(
        [
            Tile("已封存月份", f"{found.months:,}", "个"),
            Tile("核对记录", f"{found.number(Part.ROWS):,}", "条"),
            Tile("核对审计记录", f"{found.number(Part.LOG):,}", "行"),
            Tile("核对库外校验值", f"{found.number(Part.HEADS):,}", "个"),
        ]
    )


def _sentence(check: Check) -> str:
    return f"{check.month} {check.difference}" if check.month else check.difference


def _checks(found: Verification) -> None:
    """Month by month, what was compared and how it stands."""
    months = {check.signature_id: check.month for check in found.checks if check.month}
    if not months:
        return
    st.subheader("逐月结果", anchor=False)
    parts.listing([_month(found, number, month) for number, month in months.items()])


def _month(found: Verification, signature_id: int, month: str) -> Mapping[str, str]:
    """A signature's line: how itself, its rows and its figures stand."""
    of_it = {check.part: check for check in found.checks if check.signature_id == signature_id}
    closed = Part.ROWS in of_it
    return {
        "月份": month if closed else f"{month}（已重新打开）",
        **{
            part.label: _stands(of_it.get(part), closed=closed) for part in Part if part in _MONTHLY
        },
    }


def _stands(check: Check | None, *, closed: bool) -> str:
    """How one part of a signature stands; rows and figures of an opened month are free again."""
    if check is None:
        return "有不一致，没有核对" if closed else "—"
    count = f"（{check.number:,} {check.part.unit}）" if check.part is not Part.SIGNATURE else ""
    return check.difference or f"一致{count}"


def _last() -> None:
    """When it was done last, by whom, and how it ended."""
    here = office()
    with reading(here.engine) as connection:
        last = verify.last_verified(connection, here.stored)
    if last:
        word = "一致" if last.same else "不一致"
        st.info(f"上次核验：{clock.local_text(last.at)}，{last.by}，{word}。")
