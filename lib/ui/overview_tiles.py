"""The overview's tiles, one for each question leadership comes with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lib.contract import Coverage
from lib.kpi.overview import percent
from lib.ui import links
from lib.ui.parts import Tile, quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lib.contract import Obligation
    from lib.kpi.overview import EventsHeld, Line, MonthLocalities, MonthVisits, Overview, Waiting


def of(found: Overview) -> Sequence[Tile]:
    """A tile for the whole, and one for each obligation that has a question of its own.

    Each leads to the page that has the answer.
    """
    whole = [_whole(found)] if found.required else []
    return [
        *whole,
        *(
            replace(tile, address=links.to_subject(obligation, found.as_of))
            for obligation, tile in _subjects(found)
        ),
    ]


def _subjects(found: Overview) -> Iterator[tuple[Obligation, Tile]]:
    for line in found.lines:
        if isinstance(line.figure.obligation, Coverage):
            yield line.figure.obligation, _coverage(line)
    for month in found.visits:
        yield month.obligation, _visits(month)
    for places in found.localities:
        yield places.obligation, _localities(places)
    for event in found.events:
        yield event.obligation, _events(event)
    for cases in found.waiting:
        yield cases.obligation, _waiting(cases, found)


def _whole(found: Overview) -> Tile:
    return Tile(
        "人天总进度",
        percent(found.delivered, found.required),
        f"应达 {percent(found.due, found.required)}",
        f"合同工作日 {found.workdays.elapsed} / {found.workdays.total} 天",
        float(found.delivered / found.required),
        links.to("people", as_of=found.as_of),
    )


def _coverage(line: Line) -> Tile:
    figure = line.figure
    missing = figure.required - figure.delivered
    note = f"还有 {quantity(missing)} {figure.obligation.unit}未到" if missing > 0 else "已全部走访"
    whole = f"/ {quantity(figure.required)} {figure.obligation.unit}"
    meter = float(figure.delivered / figure.required)
    return Tile(figure.obligation.name, quantity(figure.delivered), whole, note, meter)


def _visits(month: MonthVisits) -> Tile:
    seen = month.seen
    left = seen.working_days_left
    days = f"剩 {left} 个工作日" if left else "已无工作日"
    note = f"不足 {seen.some} 人 · 未访 {seen.none} 人 · {days}"
    meter = seen.enough / seen.elders if seen.elders else None
    return Tile(
        f"本月{month.obligation.name}", f"{seen.enough}", f"/ {seen.elders} 人访够", note, meter
    )


def _localities(month: MonthLocalities) -> Tile:
    return Tile(
        f"本月{month.obligation.name}",
        f"{month.visited}",
        f"/ {month.localities} {month.obligation.unit}",
        "管理指标，非合同义务",
        month.visited / month.localities if month.localities else None,
    )


def _events(event: EventsHeld) -> Tile:
    required = event.obligation.required
    return Tile(
        event.obligation.name,
        f"{event.counted}",
        f"/ {required} {event.obligation.unit}",
        f"已办 {event.held} {event.obligation.unit}，计数 {event.counted}",
        event.counted / required,
    )


def _waiting(cases: Waiting, found: Overview) -> Tile:
    figure = next(line.figure for line in found.lines if line.figure.obligation == cases.obligation)
    return Tile(
        cases.obligation.name,
        quantity(figure.delivered),
        f"/ {quantity(figure.required)} {cases.obligation.unit}",
        f"待调查 {cases.waiting} {cases.obligation.unit}",
        float(figure.delivered / figure.required) if figure.required else None,
    )
