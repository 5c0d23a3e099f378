"""The pieces of one locality's page: its figures, by month, what is open, elders and households."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from lib.contract import Cases, Coverage, Visits
from lib.kpi import locality
from lib.kpi.cells import Eyes
from lib.kpi.selection import Selection
from lib.periods import Month
from lib.ui import links, matrix, paging, parts, reads
from lib.ui.links import Link, linked
from lib.ui.matrix import Cell, Row, shade
from lib.ui.navigation import NotFoundError
from lib.ui.parts import Tile
from lib.ui.places import INDICATOR, columns, figure
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.kpi.cases import Case
    from lib.kpi.localities import Column
    from lib.kpi.locality import ElderMonth, Figure, OpenProblem, Source
    from lib.kpi.names import Names
    from lib.rosters import Household, Locality, Roster

T = TypeVar("T")
_ROWS_A_PAGE = 50
_OPEN_SHOWN = 20  # problems and applications; a link leads to the others


@dataclass(frozen=True)
class Here:
    """A locality as of a day, and what the viewer sees of names."""

    names: Names
    roster: Roster
    place: Locality
    day: date


def asked(roster: Roster) -> Locality:
    """The locality that the address names; NotFoundError for any other."""
    code = st.query_params.get("code", "")
    if code not in roster.localities:
        raise NotFoundError
    return roster.localities[code]


def summary(here: Here) -> Sequence[Figure]:
    """Where it lies, how it stands now, and what was done there in all."""
    place, day = here.place, here.day
    way = Link("全部村（社区）", links.to("localities", as_of=day)).markup
    where = escape(f"{place.subdistrict} · {place.category} · 编码 {place.code}")
    st.html(f'<p class="summary">{where} · {way}</p>')
    found: Sequence[Figure] = reads.of(locality.figures, day, place.code)
    if not found[-1].total.value:
        st.info("到这一天，这里还没有日志入账。")
    current = columns(day)
    told = [column.rows_of(place.code) for column in current]
    parts.tiles(
        [
            *(_now(here, column) for column in current),
            *(_in_all(each, day) for each in found if each.wanted not in told),
        ]
    )
    return found


def _now(here: Here, column: Column) -> Tile:
    """A figure that all localities have."""
    code, cell = here.place.code, column.of(here.place.code)
    wanted = column.rows_of(code)
    whole = "" if cell.value is None else column.unit
    if cell.whole is not None:
        whole = f"/ {cell.whole} {column.unit}"
    return Tile(
        column.heading,
        figure(column, code).partition("/")[0],
        whole,
        INDICATOR if column.is_indicator else "",
        column.part(code) if cell.whole else None,
        links.to_rows(wanted, here.day) if wanted and cell.value else "",
    )


def _in_all(told: Figure, day: date) -> Tile:
    """A figure of this locality since the contract began."""
    value, unit = told.total.value, "" if told.wanted.amount else told.total.unit
    address = links.to_rows(told.wanted, day) if value else ""
    return Tile(told.name, parts.quantity(value), unit, address=address)


def by_month(here: Here, found: Sequence[Figure]) -> None:
    """The figures by month, and the person-days of work done there."""
    st.subheader("各月情况", anchor=False)
    shown = [*found, *reads.of(locality.worked, here.day, here.place.code)]
    rows = [
        Row(each.name, [_month(each, month, here.day) for month in each.months]) for each in shown
    ]
    matrix.matrix("各月情况", "项目", list(found[0].months), rows)


def _month(told: Figure, month: str, day: date) -> Cell:
    value = told.months[month].value
    largest = max(each.value for each in told.months.values())
    rows = links.to_rows(replace(told.wanted, month=month), day) if value else ""
    part = float(value / largest) if largest else 0
    return Cell(linked(parts.quantity(value), rows), shade(part))


def problems(here: Here) -> None:
    """The problems found at its households and not closed, the oldest first."""
    limit = office().contract.thresholds.problem_open_days
    for obligation in office().contract.obligation:
        if isinstance(obligation, Coverage):
            st.subheader(f"{obligation.name}：未办结问题", anchor=False)
            found = reads.of(locality.open_problems, here.day, obligation, here.place.code)
            _cut([_problem(here, each, limit) for each in found], "没有未办结的问题。")


def _problem(here: Here, told: OpenProblem, limit: int) -> Mapping[str, str | Link]:
    days = (here.day - told.found.day).days
    eyes = Eyes(here.names.viewer, here.roster)
    return {
        "发现日期": _entry(told.found, str(told.found.day)),
        "户编号": told.household,
        "问题": eyes.said(told.problem),
        "类别": eyes.said(told.category or "") or "—",
        "已过": f"{days} 天，超过 {limit} 天" if told.overdue else f"{days} 天",
    }


def applications(here: Here) -> None:
    """The applications accepted there that wait, the longest first."""
    for obligation in office().contract.obligation:
        if isinstance(obligation, Cases):
            st.subheader(f"{obligation.name}：待调查", anchor=False)
            found = reads.of(locality.waiting, here.day, obligation, here.place.code)
            _cut([_waiting(*each) for each in found], "没有待调查的申请。")


def _waiting(case: Case, accepted: Source) -> Mapping[str, str | Link]:
    return {
        "受理编号": _entry(accepted, case.application),
        "受理日期": str(case.opened_on),
        "已等": f"{case.working_days} 个工作日",
    }


def _entry(source: Source, text: str) -> Link:
    return Link(text, links.to("entry", id=source.entry_id))


def _cut(lines: Sequence[Mapping[str, str | Link]], none: str) -> None:
    """The first lines; the tiles above lead to all of them."""
    if not lines:
        st.caption(none)
        return
    parts.listing(lines[:_OPEN_SHOWN])
    if len(lines) > _OPEN_SHOWN:
        st.caption(f"共 {len(lines)} 条，只列出最早的 {_OPEN_SHOWN} 条；全部请点上面的数字。")


def elders(here: Here) -> None:
    """The locality's elders and their visits this month, the least visited first."""
    for obligation in office().contract.obligation:
        if isinstance(obligation, Visits):
            st.subheader(f"本月{obligation.name}", anchor=False)
            found = reads.of(locality.elders, here.day, obligation, here.place.code)
            if not found:
                st.info("这里本月没有应走访的老人。")
                continue
            page = paging.asked("elders", len(found), _ROWS_A_PAGE)
            parts.listing([_elder(here, obligation, each) for each in _paged(found, page)])
            paging.ways("locality", "elders", page, len(found), _ROWS_A_PAGE)


def _elder(here: Here, obligation: Visits, told: ElderMonth) -> Mapping[str, str | Link]:
    month = str(Month.of(here.day))
    wanted = Selection(figure=obligation.code, month=month, elder=told.elder)
    rows = links.to_rows(wanted, here.day) if told.done else ""
    return {
        "编号": Link(told.elder, links.to("elder", code=told.elder, as_of=here.day)),
        "姓名": here.names.of_elder(here.roster.elders[told.elder]),
        "已访": linked(f"{told.done} / {told.owed} 次", rows),
        "情况": "已访够" if told.done >= told.owed else "未访够",
    }


def households(here: Here) -> None:
    """The locality's households, those not reached yet first."""
    living = [each for each in here.roster.households.values() if each.locality == here.place.code]
    for obligation in office().contract.obligation:
        if isinstance(obligation, Coverage):
            st.subheader(obligation.name, anchor=False)
            reached = reads.of(locality.reached, here.day, obligation, here.place.code)
            if not living:
                st.info("名册里这里没有困难家庭。")
                continue
            listed = sorted(living, key=lambda each: (each.code in reached, each.code))
            st.caption(f"共 {len(living)} 户，未到 {len(living) - len(reached)} 户；未到的在前。")
            page = paging.asked("households", len(listed), _ROWS_A_PAGE)
            parts.listing(
                [_household(here, each, reached.get(each.code)) for each in _paged(listed, page)]
            )
            paging.ways("locality", "households", page, len(listed), _ROWS_A_PAGE)


def _household(here: Here, listed: Household, first: Source | None) -> Mapping[str, str | Link]:
    return {
        "户编号": listed.code,
        "户主": here.names.of_household(listed),
        "救助类别": listed.aid_category,
        "走访": _entry(first, f"{first.day} 首次走访") if first else "未到",
    }


def _paged(lines: Sequence[T], page: int) -> Sequence[T]:
    return lines[_ROWS_A_PAGE * (page - 1) : _ROWS_A_PAGE * page]
