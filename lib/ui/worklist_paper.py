"""The worklist on paper: village by village, a box to tick and room for a note, nothing folded."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.kpi.worklist import Trip
from lib.ui import choices, worklist
from lib.ui.links import Link
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lib.kpi.owed import Owed
    from lib.ui.worklist import Shown

_HEADINGS = (("tick", "办"), ("", "对象"), ("what", "事项"), ("when", "上次"), ("note", "备注"))
_NOTHING = (
    '<tr class="owed"><td class="tick">☐</td><td>没有还欠的走访</td><td></td><td></td>'
    '<td class="note"></td></tr>'
)


def planned(shown: Shown) -> None:
    """A sheet for the places of one day's plan."""
    days = list(dict.fromkeys(each.day for each in shown.promised))
    if not days:
        st.info("还没有计划去的村（社区）。先在“清单”里安排，再来打印。")
        return
    later = [day for day in days if day > shown.day]
    ordered = dict.fromkeys([*later, *days])
    asked = choices.pills("trip", "哪一天", {str(day): worklist.day_name(day) for day in ordered})
    day = next(day for day in days if str(day) == asked)
    owed = {trip.locality: trip for trip in shown.trips}
    places = dict.fromkeys(shown.planned_for(day))
    _sheet(shown, [owed.get(code, Trip(code, ())) for code in places], day)


def everything(shown: Shown) -> None:
    """A sheet for all places with something owed."""
    _sheet(shown, shown.trips)


def _sheet(shown: Shown, trips: Sequence[Trip], day: date | None = None) -> None:
    st.caption("用浏览器的“打印”即可打印成 A4 纸，或存为 PDF 文件；每村一表，可带着走。")
    if not trips:
        st.success("这里已经没有还欠的走访。")
        return
    whose = "全部小组" if shown.team == worklist.ALL else shown.team
    when = f"{worklist.day_name(day)}计划去的村（社区）" if day else "全部还欠的村（社区）"
    made = clock.local_text(clock.now())
    heading = f"{office().contract.name} · {whose} · {when} · 截至 {shown.day}，制表 {made}"
    tables = "".join(_village(shown, trip) for trip in trips)
    st.html(f'<div class="paper"><p class="summary">{escape(heading)}</p>{tables}</div>')


def _village(shown: Shown, trip: Trip) -> str:
    place = shown.roster.localities.get(trip.locality or "")
    name = f"{place.name}（{place.subdistrict}）" if place else "未写村（社区）"
    widths = "".join(f'<col class="{kind}"/>' for kind, _ in _HEADINGS)
    headings = "".join(f'<th class="{kind}">{word}</th>' for kind, word in _HEADINGS)
    lines = "".join(_line(shown, each) for each in trip.owed) or _NOTHING
    return (
        f"<table><colgroup>{widths}</colgroup>"
        f'<thead><tr><th colspan="{len(_HEADINGS)}"><b>{escape(name)}</b>'
        f"{escape(worklist.summed(trip))}</th></tr><tr>{headings}</tr></thead>"
        f"<tbody>{lines}</tbody></table>"
    )


def _line(shown: Shown, each: Owed) -> str:
    told = worklist.line(shown, each)
    subject = told["对象"]
    name = subject.text if isinstance(subject, Link) else subject
    urgent = "<b>▲ 急</b> " if each.urgent else ""
    return (
        f'<tr class="owed"><td class="tick">☐</td><td>{urgent}{escape(name)}</td>'
        f'<td>{escape(str(told["事项"]))}</td><td class="when">{escape(str(told["上次"]))}</td>'
        '<td class="note"></td></tr>'
    )
