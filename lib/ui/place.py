"""The pieces of one locality's page: its figures, by month, its elders and households."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib.access import masked_name, sees_full_names
from lib.contract import Coverage, Visits
from lib.kpi import locality
from lib.kpi.selection import Selection
from lib.ui import links, matrix, parts, reads
from lib.ui.links import Link
from lib.ui.matrix import Cell, shade
from lib.ui.navigation import NotFoundError
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.kpi.locality import Figure
    from lib.rosters import Household, Locality, Roster

_HOUSEHOLDS_SHOWN = 100


def asked(roster: Roster) -> Locality:
    """The locality that the address names; NotFoundError for any other."""
    code = st.query_params.get("code", "")
    if code not in roster.localities:
        raise NotFoundError
    return roster.localities[code]


def summary(place: Locality, day: date) -> Sequence[Figure]:
    """A tile for each figure of the locality, and where it lies."""
    st.caption(f"{place.subdistrict} · {place.category} · 编码 {place.code} · 截至 {day}")
    found: Sequence[Figure] = reads.of(locality.figures, day, place.code)
    parts.tiles(
        [
            parts.Tile(
                each.name,
                parts.quantity(each.total.value),
                each.total.unit,
                address=links.to_rows(each.wanted, day),
            )
            for each in found
        ]
    )
    return found


def by_month(found: Sequence[Figure], day: date) -> None:
    """The figures by month."""
    st.subheader("各月情况", anchor=False)
    months = list(found[0].months)
    rows = [matrix.Row(each.name, [_month(each, m, day) for m in months]) for each in found]
    matrix.matrix("各月情况", "项目", months, rows)


def _month(figure: Figure, month: str, day: date) -> Cell:
    value = figure.months[month].value
    largest = max(each.value for each in figure.months.values())
    text = parts.quantity(value)
    address = links.to_rows(replace(figure.wanted, month=month), day)
    return Cell(
        Link(text, address) if value else text, shade(float(value / largest) if largest else 0)
    )


def elders(viewer: Viewer, roster: Roster, place: Locality, day: date) -> None:
    """The locality's elders and their visits this month, the least visited first."""
    for obligation in office().contract.obligation:
        if isinstance(obligation, Visits):
            st.subheader(f"本月{obligation.name}", anchor=False)
            found = reads.of(locality.elders, day, obligation, place.code)
            if not found:
                st.info("这里本月没有应走访的老人。")
                continue
            parts.listing(
                [
                    {
                        "编号": Link(each.elder, links.to("elder", code=each.elder, as_of=day)),
                        "姓名": _name(viewer, roster.elders[each.elder].name),
                        "已访": f"{each.done} / {each.owed} 次",
                        "情况": "已访够" if each.done >= each.owed else "未访够",
                    }
                    for each in found
                ]
            )


def households(viewer: Viewer, roster: Roster, place: Locality, day: date) -> None:
    """The locality's households, those not reached yet first."""
    living = [each for each in roster.households.values() if each.locality == place.code]
    for obligation in office().contract.obligation:
        if isinstance(obligation, Coverage):
            st.subheader(obligation.name, anchor=False)
            reached = reads.of(locality.reached_on, day, obligation, place.code)
            if not living:
                st.info("名册里这里没有困难家庭。")
                continue
            listed = sorted(living, key=lambda each: (each.code in reached, each.code))
            st.caption(f"共 {len(living)} 户，未到 {len(living) - len(reached)} 户；未到的在前。")
            parts.listing(
                [
                    _household(viewer, each, obligation.code, reached.get(each.code), day)
                    for each in listed[:_HOUSEHOLDS_SHOWN]
                ]
            )
            if len(listed) > _HOUSEHOLDS_SHOWN:
                st.caption(f"只列出前 {_HOUSEHOLDS_SHOWN} 户。")


def _household(
    viewer: Viewer, listed: Household, figure: str, reached: date | None, day: date
) -> dict[str, str | Link]:
    rows = links.to_rows(Selection(figure=figure, household=listed.code), day)
    return {
        "户编号": Link(listed.code, rows) if reached else listed.code,
        "户主": _name(viewer, listed.head_name),
        "救助类别": listed.aid_category,
        "走访": f"{reached} 首次走访" if reached else "未到",
    }


def _name(viewer: Viewer, name: str) -> str:
    return name if sees_full_names(viewer) else masked_name(name)
