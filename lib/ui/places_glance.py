"""All localities in a few figures, and where to go next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.rosters import disagreements
from lib.ui import links, parts, pieces, places, reads
from lib.ui.links import Link
from lib.ui.parts import Tile
from lib.ui.places import INDICATOR, figure
from lib.ui.resources import office

if TYPE_CHECKING:
    from datetime import date

    from lib.kpi.localities import Column
    from lib.rosters import Roster

_NAMED = 12  # localities named in the sentence


def glance(day: date) -> None:
    """A tile for each figure, and the localities not visited yet this month."""
    roster, columns = reads.roster(), places.columns(day)
    if reads.overview(day).last_entry_on is None:
        pieces.info("到这一天还没有日志入账，各项都从零开始。")
    parts.tiles([_tile(roster, column, day) for column in columns])
    contract = office().contract
    for words in disagreements(contract, roster.listed(contract.start)):
        pieces.note(f"名册与合同不一致，{words}")
    for column in columns:
        if column.is_indicator and column.wanted:
            _to_visit(roster, column, day)


def _tile(roster: Roster, column: Column, day: date) -> Tile:
    """The sum; of days visited the localities visited at all, of days since the longest."""
    if column.wanted is None:
        return _longest(roster, column, day)
    cells = column.cells.values()
    somewhere, amount = sum(bool(c.value) for c in cells), sum(c.value or 0 for c in cells)
    address = links.to_rows(column.wanted, day) if amount else ""
    if column.is_indicator:
        whole = f"/ {len(cells)} 个村（社区）"
        return Tile(
            column.heading, str(somewhere), whole, INDICATOR, somewhere / len(cells), address
        )
    required = column.required or sum(c.whole or 0 for c in cells)
    if not required:
        note = f"在 {somewhere} 个村（社区）" if amount else ""
        return Tile(column.heading, f"{amount:,}", column.unit, note, address=address)
    whole = f"/ {required:,} {column.unit}"
    return Tile(column.heading, f"{amount:,}", whole, "", amount / required, address)


def _longest(roster: Roster, column: Column, day: date) -> Tile:
    """The first of the localities that wait longest, and how many wait as long."""
    first = max(column.cells, key=column.urgency)
    number = sum(cell == column.of(first) for cell in column.cells.values())
    name = roster.localities[first].name
    note = f"{name}等 {number} 个村（社区）" if number > 1 else name
    unit = "" if column.of(first).value is None else column.unit
    address = links.to("locality", code=first, as_of=day)
    return Tile("最久未走访", figure(column, first), unit, note, address=address)


def _to_visit(roster: Roster, column: Column, day: date) -> None:
    missing = [code for code in roster.localities if not column.of(code).value]
    if not missing:
        return
    names = "、".join(
        Link(roster.localities[code].name, links.to("locality", code=code, as_of=day)).markup
        for code in missing[:_NAMED]
    )
    everything = links.to("localities", sort=column.code, as_of=day)
    rest = f" {Link(f'等 {len(missing)} 个', everything).markup}" if len(missing) > _NAMED else ""
    pieces.draw(
        f'<p class="summary">本月还有 <b>{len(missing)}</b> 个村（社区）没有走访（{INDICATOR}）：'
        f"{names}{rest}</p>"
    )
