"""The page of a month's settlement: which month is shown, its neighbours, the steps to sign it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review
from lib.actions.close_month import proposed
from lib.kpi import settled
from lib.kpi.cells import Eyes
from lib.kpi.closing import Stage, next_to_look_at, standings
from lib.kpi.scope import Scope
from lib.kpi.settlement import last_day
from lib.periods import local_text
from lib.ui import links, parts, pieces, reads
from lib.ui.links import linked
from lib.ui.navigation import NotFoundError
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.actions.close_month import Proposal
    from lib.kpi.closing import MonthStanding
    from lib.kpi.settled import Settled

_STYLE = Path(__file__).with_name("settlement.css")
_PAGE = "settlement"
ABOUT_TO_SIGN = "about_to_sign"  # the month whose form this visit has on screen


def months() -> Sequence[MonthStanding]:
    """Every month of the contract and where it stands at this moment."""
    return standings(office().contract, reads.signed(), clock.business_today())


def chosen(every: Sequence[MonthStanding]) -> MonthStanding:
    """The month that the address names, else the one to be looked at next.

    A month that its visitor was about to sign when somebody else did comes first.
    NotFoundError where the address names none of the contract's months.
    """
    asked = st.query_params.get("month", "")
    by_month = {str(each.month): each for each in every}
    if asked:
        if asked not in by_month:
            raise NotFoundError
        return by_month[asked]
    before = by_month.get(st.session_state.get(ABOUT_TO_SIGN, ""))
    return before if before and before.signature else next_to_look_at(every)


def strip(every: Sequence[MonthStanding], now: MonthStanding) -> None:
    """The months beside each other, each with where it stands; the chosen one is marked."""
    st.html(_STYLE)
    shown = "".join(_month(each, is_chosen=each == now) for each in every)
    pieces.draw(f'<nav class="months" aria-label="合同各月">{shown}</nav>')


def _month(standing: MonthStanding, *, is_chosen: bool) -> str:
    address = links.to(_PAGE, month=standing.month)
    current = ' aria-current="page"' if is_chosen else ""
    again = ""
    if standing.earlier:
        word = "曾重新打开" if standing.signature else "已重新打开"
        again = f'<span class="again">{word}</span>'
    held = standing.signature
    by = f" {escape(held.signed_by)}" if held else ""
    return (
        f'<a class="{standing.stage}" href="{escape(address)}" target="_self"{current}>'
        f"<b>{standing.month}</b>{standing.stage.label}{by}{again}</a>"
    )


@dataclass(frozen=True)
class Shown:
    """What the page shows its viewer of a month: as signed, or as it is now; and what it is now.

    `entries` is the number of rows behind it.
    """

    viewer: Viewer
    standing: MonthStanding
    settled: Settled
    entries: int
    now: Proposal

    @property
    def day(self) -> date:
        """The day through which entries count."""
        return min(self.settled.as_of, clock.business_today())


def shown(viewer: Viewer, standing: MonthStanding) -> Shown | None:
    """The month as it is to be shown; None when it has not begun."""
    today = clock.business_today()
    if standing.month.first > today:
        st.info(f"{standing.month} 还没有开始，没有可看的数字。")
        return None
    scope = Scope(office().stored, today)
    last = last_day(scope, standing.month)
    if today <= last:
        pieces.note(f"{standing.month} 还没有过完：应完成按到 {last} 计，完成的按今天为止计。")
    now: Proposal = reads.of(proposed, last, standing.month)
    held = standing.signature
    if held:
        return Shown(viewer, standing, settled.read(held.figures), held.entries, now)
    return Shown(viewer, standing, now.settled, len(now.rows), now)


def steps(month: Shown) -> None:
    """What a reviewer does with a month, in order, and where each step stands."""
    if not may_review(month.viewer):
        return
    now, stage = month.now.settled, month.standing.stage
    drawn, looked_at, undecided = now.checked.drawn, now.checked.looked_at, now.undecided
    number = month.settled.month
    listed = (
        (
            linked("疑点", links.to("findings", month=number)),
            f"{undecided} 个没有定论" if undecided else "都有了定论",
            not undecided,
        ),
        (
            linked("抽查", links.to("samples", month=number)),
            f"已查 {looked_at} / 抽中 {drawn}" if drawn else "还没有抽",
            bool(drawn) and looked_at == drawn,
        ),
        ("签认", stage.label, stage is Stage.SIGNED),
        (
            linked("报告和档案", links.to("files", month=number)),
            "可以出具" if stage is Stage.SIGNED else "签认后出具",
            False,
        ),
    )
    first = next((name for name, _, is_done in listed if not is_done), None)
    items = "".join(
        f'<li class="{"finished" if is_done else "now" if name is first else "open"}">'
        f"{links.content(name)}<small>{'✓ ' if is_done else ''}{escape(where)}</small></li>"
        for name, where, is_done in listed
    )
    pieces.draw(f'<ol class="steps">{items}</ol>')


def history(viewer: Viewer, standing: MonthStanding) -> None:
    """The signatures that held before the month was opened again, for good."""
    if not standing.earlier:
        return
    eyes = Eyes(viewer, reads.roster())
    pieces.heading("以往的签认")
    parts.listing(
        [
            {
                "签认": f"{local_text(each.signed_at)}，{each.signed_by}",
                "记录": f"{each.entries:,} 条",
                "校验值": each.hash[:12],
                "重新打开": f"{local_text(each.reopened_at)}，{each.reopened_by}"
                if each.reopened_at
                else "—",
                "原因": eyes.said(each.reason or "") or "—",
            }
            for each in standing.earlier
        ]
    )
