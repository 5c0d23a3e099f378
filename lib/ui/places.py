"""The pieces of the page of all localities: a map of tiles, a matrix by month, a table."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from lib.contract import LocalityMonths
from lib.kpi import localities, locality_months
from lib.kpi.selection import Selection
from lib.periods import months_of
from lib.ui import choices, links, matrix, paging, parts, pieces, reads
from lib.ui.links import Link
from lib.ui.matrix import Cell, shade
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.kpi.localities import Column
    from lib.rosters import Locality, Roster

INDICATOR = "管理指标，非合同义务"
_MANY = 120  # localities from which on their tiles are small
_ROWS_A_PAGE = 50


def columns(day: date) -> Sequence[Column]:
    """The contract's figures that are told by locality."""
    found: Sequence[Column] = reads.of(localities.columns, day)
    return found


def tile_map(_viewer: Viewer, day: date) -> None:
    """A tile for each locality, by subdistrict and category as the roster has them."""
    headings = {column.code: column.heading for column in columns(day)}
    pieces.kept(_tiles, choices.pills("by", "按什么着色", headings), day)


def _tiles(code: str, day: date) -> None:
    """The tiles coloured by one of the columns."""
    roster = reads.roster()
    column = next(column for column in columns(day) if column.code == code)
    shape = "places many" if len(roster.localities) > _MANY else "places"
    groups = (_group(name, places, column, day) for name, places in _groups(roster))
    drawn = "".join(f'<div class="{shape}">{group}</div>' for group in groups)
    pieces.draw(f"<div>{drawn}</div>")
    deeper = "颜色越深越久" if column.worst and not column.wanted else "颜色越深越多"
    kind = f"，{INDICATOR}" if column.is_indicator else ""
    words = f"{column.heading}（{column.unit}{kind}），截至 {day}；{deeper}。"
    pieces.note(f"{words}点开看这个村（社区）。")


def _groups(roster: Roster) -> Sequence[tuple[str, Sequence[Locality]]]:
    """Subdistricts in the roster's order, the categories of each below each other."""
    places = roster.localities.values()
    subdistricts = list(dict.fromkeys(place.subdistrict for place in places))
    categories = list(dict.fromkeys(place.category for place in places))

    def order(place: Locality) -> tuple[int, int]:
        return subdistricts.index(place.subdistrict), categories.index(place.category)

    grouped = groupby(sorted(places, key=order), lambda p: f"{p.subdistrict} · {p.category}")
    return [(heading, list(group)) for heading, group in grouped]


def _group(name: str, places: Sequence[Locality], column: Column, day: date) -> str:
    tiles = "".join(_tile(place, column, day) for place in places)
    return f"<h4>{escape(name)}</h4><div>{tiles}</div>"


def _tile(place: Locality, column: Column, day: date) -> str:
    address = links.to("locality", code=place.code, as_of=day)
    return (
        f'<a class="level-{shade(column.part(place.code))}" href="{escape(address)}"'
        f' target="_self"><b>{escape(place.name)}</b> {escape(figure(column, place.code))}</a>'
    )


def figure(column: Column, code: str) -> str:
    """A locality's figure, beside its whole where it has one."""
    cell = column.of(code)
    if cell.value is None:
        return "从未" if column.worst else "—"
    return str(cell.value) if cell.whole is None else f"{cell.value}/{cell.whole}"


def one_by_one(_viewer: Viewer, day: date) -> None:
    """Those searched for and sorted, a page of them."""
    pieces.kept(_listed, _chosen(reads.roster(), columns(day)), day)


def _listed(codes: tuple[str, ...], day: date) -> None:
    """Those of these codes: by month, and in a table."""
    if codes:
        places = reads.roster().localities
        shown = [places[code] for code in codes]
        _by_month(shown, day)
        _table(shown, columns(day), day)


def _by_month(shown: Sequence[Locality], day: date) -> None:
    """Localities × months: on how many days each was visited."""
    contract = office().contract
    months = [str(month) for month in months_of(contract.period) if month.first <= day]
    for indicator in contract.obligation:
        if isinstance(indicator, LocalityMonths):
            pieces.heading(f"{indicator.name}：各月走访天数")
            pieces.note(f"{INDICATOR}：合同没有规定走访次数。")
            days = reads.of(locality_months.visits_by_month, day, indicator)
            rows = [_month_row(place, indicator.code, days, months, day) for place in shown]
            matrix.matrix(f"{indicator.name}各月走访天数", "村（社区）", months, rows)


def _month_row(
    place: Locality,
    figure: str,
    days: Mapping[tuple[str, str], int],
    months: Sequence[str],
    day: date,
) -> matrix.Row:
    cells = []
    for month in months:
        number = days.get((place.code, month), 0)
        wanted = Selection(figure=figure, month=month, locality=place.code)
        content = Link(str(number), links.to_rows(wanted, day)) if number else "0"
        cells.append(Cell(content, shade(number / 4)))  # from 4 days a month on it is dark
    return matrix.Row(Link(place.name, links.to("locality", code=place.code, as_of=day)), cells)


def _chosen(roster: Roster, columns: Sequence[Column]) -> tuple[str, ...]:
    """The codes of the localities searched for, in the order asked for: a page of them."""
    st.subheader("逐个查看", anchor=False)
    search, sort = st.columns(2)
    text = search.text_input(
        "查找", placeholder="查找名称、街道或编码", max_chars=40, label_visibility="collapsed"
    ).strip()
    by = {column.code: column for column in columns}
    ways = {code: f"{column.heading}，差的在前" for code, column in by.items()}
    with sort:
        order = choices.one_of("sort", "排序", {"": "按名册顺序", **ways})
    places = [
        place
        for place in roster.localities.values()
        if text in f"{place.code} {place.name} {place.subdistrict} {place.category}"
    ]
    if order:
        places.sort(key=lambda place: -by[order].urgency(place.code))
    if not places:
        st.info("没有这样的村（社区）。")
    page = paging.asked("page", len(places), _ROWS_A_PAGE)
    paging.ways("localities", "page", page, len(places), _ROWS_A_PAGE)
    return tuple(place.code for place in places[_ROWS_A_PAGE * (page - 1) : _ROWS_A_PAGE * page])


def _table(shown: Sequence[Locality], columns: Sequence[Column], day: date) -> None:
    """Localities by name, every figure a way to its rows."""
    parts.listing([_line(place, columns, day) for place in shown])


def _line(place: Locality, columns: Sequence[Column], day: date) -> dict[str, str | Link]:
    line: dict[str, str | Link] = {
        "村（社区）": Link(place.name, links.to("locality", code=place.code, as_of=day)),
        "类别": place.category,
        "街道": place.subdistrict,
    }
    for column in columns:
        text, wanted = figure(column, place.code), column.rows_of(place.code)
        line[column.heading] = text
        if wanted and column.of(place.code).value:
            line[column.heading] = Link(text, links.to_rows(wanted, day))
    return line
