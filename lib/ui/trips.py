"""Trips: those promised and not made, those planned, and planning the next ones."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_promise
from lib.actions import promises
from lib.errors import RefusedError
from lib.kpi import worklist
from lib.kpi.scope import Scope
from lib.kpi.unkept import unkept
from lib.store.engine import reading
from lib.ui import acts, choices, parts, pieces
from lib.ui.links import content
from lib.ui.resources import office
from lib.ui.worklist import ALL, day_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from lib.ui.links import Link
    from lib.ui.worklist import Shown

_SAID = "trips_said"
_DAYS = 5  # working days that can be planned from here
_TAPPED = 8  # places to be tapped, two or three beside each other on a phone


def missed(shown: Shown) -> None:
    """What was promised for an earlier day, and where the team was not seen since."""
    here = office()
    with reading(here.engine) as connection:
        found = [
            each
            for each in unkept(connection, Scope(here.stored, shown.day))
            if shown.is_mine(each.team)
        ]
    if not found:
        return
    pieces.heading(f"答应去、还没去的：{len(found)}")
    parts.listing(
        [
            {
                **_team(shown, each.team),
                "村（社区）": shown.place(each.locality),
                "答应的日子": f"▲ {day_name(each.day)}",
                "又计划": _again(shown, each.team, each.locality),
            }
            for each in found
        ]
    )


def _team(shown: Shown, team: str) -> Mapping[str, str]:
    """The team's cell, where more than one is looked at."""
    return {"小组": team} if shown.team == ALL else {}


def _again(shown: Shown, team: str, locality: str) -> str:
    days = [each.day for each in shown.promised if (each.team, each.locality) == (team, locality)]
    return day_name(days[0]) if days else "—"


def planned(shown: Shown) -> None:
    """The trips planned from the as-of day on, by day and team."""
    trips: dict[tuple[date, str], list[str | Link]] = {}
    for each in shown.promised:
        trips.setdefault((each.day, each.team), []).append(shown.place(each.locality))
    if not trips:
        return
    pieces.heading("计划去的")
    for (day, team), places in trips.items():
        names = "、".join(map(content, places))
        pieces.draw(f'<p class="summary"><b>{day_name(day)}</b> {escape(team)}：{names}</p>')


def is_planned_here(shown: Shown) -> bool:
    """Whether the viewer may plan what is looked at: a lead the own team's trips, as of today."""
    newest = office().contract.as_of(None, clock.business_today())
    own = may_promise(shown.viewer) and shown.team == shown.viewer.team
    return own and shown.day == newest and bool(_days(shown))


def _days(shown: Shown) -> Sequence[date]:
    """The days that can be planned, the next working day first, today last."""
    today = clock.business_today()
    coming = [day for day in shown.days.working if day > today][:_DAYS]
    return [*coming, *(day for day in shown.days.working if day == today)]


def planning(shown: Shown) -> None:
    """A lead chooses where to go on the next working days; folded, it says what is planned."""
    with st.container():  # always there: an expander that moves up or down is folded anew
        _say()
    days = {str(day): day for day in _days(shown)}
    with st.expander(f"安排出行：{_in_short(shown, days.values())}"):
        words = {key: _day(shown, day) for key, day in days.items()}
        _form(shown, days[choices.pills("trip", "哪一天", words)])


def _say() -> None:
    """What came of the plan that was saved in the run before."""
    acts.told(_SAID)


def _in_short(shown: Shown, days: Iterable[date]) -> str:
    """To how many places the team goes on which days."""
    numbers = {day: len(shown.planned_for(day)) for day in sorted(days)}
    told = [f"{day_name(day)}计划去 {number} 处" for day, number in numbers.items() if number]
    return "；".join(told) or "还没有计划"


def _day(shown: Shown, day: date) -> str:
    number = len(shown.planned_for(day))
    today = "今天 " if day == clock.business_today() else ""
    return f"{today}{day_name(day)}{f' · {number} 个村' if number else ''}"


def _form(shown: Shown, day: date) -> None:
    """Pressing places to tap, others to look for; saved by a button, so a tap costs nothing."""
    held = list(shown.planned_for(day))
    options = _options(shown, held)
    near = list(dict.fromkeys([*list(options)[:_TAPPED], *held]))
    with st.form(f"plan {day} {' '.join(held)}", border=False):
        tapped = _tapped(near, held, options)
        found = _looked_for([code for code in options if code not in near], options)
        if not st.form_submit_button(f"保存 {day_name(day)} 的计划", type="primary"):
            return
    _plan(shown, day, [*tapped, *found])


def _tapped(near: Sequence[str], held: Sequence[str], options: Mapping[str, str]) -> Sequence[str]:
    return st.pills(
        "点一下选上，再点一下去掉；选好按保存",
        near,
        selection_mode="multi",
        default=held,
        format_func=options.__getitem__,
        wrap=True,
    )


def _looked_for(far: Sequence[str], options: Mapping[str, str]) -> Sequence[str]:
    if not far:
        return []
    return st.multiselect(
        "更多村（社区）",
        far,
        format_func=options.__getitem__,
        placeholder="点开选择，或输入名称查找",
        filter_mode="contains",
        select_all=False,
    )


def _options(shown: Shown, held: Sequence[str]) -> Mapping[str, str]:
    """Places with something owed, the pressing first, and those planned: name, what is urgent."""
    found = {trip.locality: trip for trip in worklist.pressing(shown.trips)}
    urgent = {code: trip.urgent for code, trip in found.items() if code}
    return {
        code: shown.roster.localities[code].name + (f" 急{number}" if number else "")
        for code, number in {**urgent, **{code: urgent.get(code, 0) for code in held}}.items()
    }


def _plan(shown: Shown, day: date, places: Sequence[str]) -> None:
    """Keep the plan, keep what came of it, and draw the page anew."""
    here = office()
    try:
        promises.plan(
            here.engine,
            here.stored,
            shown.viewer,
            day,
            places,
            today=clock.business_today(),
            now=clock.now(),
        )
        words = f"去 {len(places)} 个村（社区）" if places else "不出行"
        st.session_state[_SAID] = (True, f"已保存：{day_name(day)}{words}。")
    except RefusedError as refusal:
        st.session_state[_SAID] = (False, refusal.sentence)
    st.rerun()
