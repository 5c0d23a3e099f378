"""What a kind of work comes to: its pace, how much of what, sorted by its columns and by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.contract import PersonDays
from lib.kpi import tallies
from lib.kpi.selection import Selection
from lib.logs import kinds_of
from lib.ui import parts, pieces, reads, tallied
from lib.ui.parts import Tile
from lib.ui.resources import office
from lib.ui.tallied import Series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lib.kpi.overview import Line, Overview
    from lib.logs.kind import LogKind


def recorded(shown: Sequence[LogKind]) -> tuple[LogKind, ...]:
    """Those of the kinds that the contract's items are recorded with; said where there are none."""
    kinds = kinds_of(office().contract)
    found = tuple(kind for kind in shown if kind in kinds)
    if not found:
        names = "、".join(kind.sheet for kind in shown)
        st.info(f"本合同没有这些工作：{names}。")
    return found


def looked_at(kind: LogKind, day: date) -> None:
    """A kind: its name, its pace and all that there is of it."""
    pieces.heading(_name(kind))
    _pace([kind], day)
    _volume(kind, day)


def all_looked_at(kinds: Sequence[LogKind], day: date) -> None:
    """The pace of these kinds, then each of them."""
    _pace(kinds, day)
    for kind in kinds:
        pieces.heading(_name(kind))
        _volume(kind, day)


def _pace(shown: Sequence[LogKind], day: date) -> None:
    """The person-days of these kinds, of those that have a quota."""
    found = reads.overview(day)
    lines = [line for kind in shown for line in _lines(found, kind)]
    if lines:
        parts.bullets(lines, found.workdays)


def _lines(found: Overview, kind: LogKind) -> Sequence[Line]:
    return [
        line
        for line in found.lines
        if isinstance(line.figure.obligation, PersonDays)
        and line.figure.obligation.code == kind.slug
    ]


def _name(kind: LogKind) -> str:
    """The name that the contract gives the work."""
    return next(item.name for item in office().contract.item if item.code == kind.slug)


def _volume(kind: LogKind, day: date) -> None:
    """How many entries, what their numbers add up to, by each column that sorts them, by month."""
    wanted = Selection(kind=kind.slug)
    numbers = [number.slug for number in tallies.numbers(kind)]
    found = reads.of(tallies.whole, day, wanted, tuple(numbers))
    if not found.number:
        pieces.info(f"截至 {day}，还没有“{kind.sheet}”的记录。")
        return
    series = _series(kind)
    shown = zip(series, (found.number, *found.amounts), strict=True)
    parts.tiles(
        [
            Tile(each.name, tallied.way(f"{number:,}", number, each.wanted, day))
            for each, number in shown
        ]
    )
    fields = tallies.sorting(kind)
    if numbers:
        tallied.tables(fields, series, day)
    else:
        tallied.shares(wanted, fields, day, "条")
    pieces.draw('<p class="summary"><b>按月</b></p>')
    tallied.months(f"{_name(kind)}按月", series, day)


def _series(kind: LogKind) -> Sequence[Series]:
    """The entries, and each of the numbers that they hold."""
    return [
        Series("记录条数", Selection(kind=kind.slug)),
        *(
            Series(number.heading, Selection(kind=kind.slug, amount=number.slug))
            for number in tallies.numbers(kind)
        ),
    ]
