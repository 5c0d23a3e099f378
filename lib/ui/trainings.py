"""The pieces of the page of trainings: how many count, and each one held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib.contract import Events
from lib.kpi import events, tallies
from lib.kpi.cells import Eyes
from lib.kpi.selection import STATES, Selection
from lib.logs import LOG_KINDS
from lib.logs.publicity import PUBLICITY
from lib.ui import links, parts, pieces, reads, tallied
from lib.ui.links import Link
from lib.ui.parts import Tile, quantity
from lib.ui.resources import office
from lib.ui.tallied import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.fields import Field
    from lib.kpi.events import Event
    from lib.kpi.overview import EventsHeld, Line

PUBLIC_KINDS = (PUBLICITY,)  # shown on this page beside the trainings
_COUNTED = "计数"


def obligations() -> Sequence[Events]:
    """The contract's obligations of this measure; said where there are none."""
    found = [each for each in office().contract.obligation if isinstance(each, Events)]
    if not found:
        st.info("本合同没有按场次计的培训义务。")
    return found


def looked_at(viewer: Viewer, obligation: Events, day: date) -> None:
    """How it stands, each event held, and of which sorts they were."""
    _standing(obligation, day)
    _held(viewer, obligation, day)
    _sorts(obligation, day)


def _standing(obligation: Events, day: date) -> None:
    """One sentence, what counts, the numbers, and the pace."""
    found = reads.overview(day)
    line = next(line for line in found.lines if line.figure.obligation == obligation)
    event = next(each for each in found.events if each.obligation == obligation)
    parts.headline(line.status, _sentence(line, event), f"截至 {day}")
    filed = LOG_KINDS[obligation.kind].by_slug[obligation.filed_field].heading
    pieces.note(f"“{filed}”在举办当日或之前的才计数；没有备案或备案晚了的，算已办，不计数。")
    parts.tiles(_tiles(obligation, event, day))
    parts.bullets([line], found.workdays)


def _sentence(line: Line, event: EventsHeld) -> str:
    unit, missing = event.obligation.unit, line.figure.required - line.figure.delivered
    stands = (
        f"{event.obligation.name}：合同要求 {event.obligation.required} {unit}，"
        f"已办 {event.held} {unit}，计数 {event.counted} {unit}"
    )
    if missing <= 0:
        return f"{stands}，已够。"
    return f"{stands}，还差 {quantity(missing)} {unit}；方案先备案，再举办。"


def _tiles(obligation: Events, event: EventsHeld, day: date) -> Sequence[Tile]:
    held, counted = _series(obligation)
    return [
        Tile(
            held.name, tallied.way(f"{event.held}", event.held, held.wanted, day), obligation.unit
        ),
        Tile(
            counted.name,
            tallied.way(f"{event.counted}", event.counted, counted.wanted, day),
            f"/ {obligation.required} {obligation.unit}",
            meter=event.counted / obligation.required,
        ),
        *_attendance(obligation, day),
    ]


def _series(obligation: Events) -> tuple[Series, Series]:
    """All events held, and those that count."""
    code, kind = obligation.code, obligation.kind
    return (
        Series(STATES[Events]["held"], Selection(figure=code, state="held", kind=kind)),
        Series(_COUNTED, Selection(figure=code, kind=kind)),
    )


def _attendance(obligation: Events, day: date) -> Sequence[Tile]:
    """What each number of the events held adds up to: those who came."""
    fields = tallies.numbers(LOG_KINDS[obligation.kind])
    held, _ = _series(obligation)
    found = reads.of(tallies.whole, day, held.wanted, tuple(field.slug for field in fields))
    return [
        Tile(
            field.heading,
            tallied.way(f"{number:,}", number, replace(held.wanted, amount=field.slug), day),
            note="各场合计",
        )
        for field, number in zip(fields, found.amounts, strict=True)
    ]


def _held(viewer: Viewer, obligation: Events, day: date) -> None:
    """Each event held: whether it counts and why not, when its plan was filed, what it was."""
    pieces.heading("各场")
    kind = LOG_KINDS[obligation.kind]
    fields = [*tallies.sorting(kind), *tallies.numbers(kind)]
    slugs = tuple(field.slug for field in fields)
    listed = reads.of(events.listed, day, obligation, slugs)
    if not listed:
        pieces.info(f"截至 {day}，还没有办过。")
        return
    filed = kind.by_slug[obligation.filed_field].heading
    eyes = Eyes(viewer, reads.roster())
    parts.listing([_line(eyes, event, fields, filed) for event in listed])


def _line(
    eyes: Eyes, event: Event, fields: Sequence[Field], filed: str
) -> Mapping[str, str | Link]:
    counts = _COUNTED if event.counts else f"不计数：{event.reason}"
    return {
        "日期": Link(str(event.day), links.to("entry", id=event.entry_id)),
        "是否计数": counts,
        filed: event.filed_on or "未备案",
        **{
            field.heading: eyes.said(value) or tallied.EMPTY
            for field, value in zip(fields, event.shown, strict=True)
        },
    }


def _sorts(obligation: Events, day: date) -> None:
    """Held and counted, by each of the kind's choices."""
    fields = tallies.choices(LOG_KINDS[obligation.kind])
    if fields and reads.of(tallies.whole, day, _series(obligation)[0].wanted).number:
        pieces.heading("各类各几场")
        tallied.tables(fields, _series(obligation), day)
