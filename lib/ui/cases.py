"""The pieces of the page of cases: how they stand, which wait, how long answers took, the work."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import streamlit as st

from lib.contract import Cases
from lib.kpi import cases, tallies
from lib.kpi.overview import percent
from lib.kpi.selection import STATES, Selection
from lib.logs import LOG_KINDS
from lib.ui import links, paging, parts, pieces, reads, tallied
from lib.ui.links import Link
from lib.ui.parts import Tile, quantity
from lib.ui.resources import office
from lib.ui.tallied import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.kpi.cases import WaitingCase
    from lib.kpi.overview import Line, Overview, Waiting

_A_PAGE = 20
_INDICATOR = "管理指标，非合同义务"


def obligations() -> Sequence[Cases]:
    """The contract's obligations of this measure; said where there are none."""
    found = [each for each in office().contract.obligation if isinstance(each, Cases)]
    if not found:
        st.info("本合同没有“受理后须调查”一类的义务，这一页没有可看的内容。")
    return found


def looked_at(obligation: Cases, day: date) -> None:
    """How it stands and which cases wait, a page of them; how long answers took, and the work."""
    number = _number(obligation, day)
    part = f"{obligation.code}_page"
    page = paging.asked(part, number, _A_PAGE)
    pieces.kept(_first, obligation, day, page)
    if number:
        paging.ways("cases", part, page, number, _A_PAGE)
    pieces.kept(_then, obligation, day)


def _first(obligation: Cases, day: date, page: int) -> None:
    _standing(obligation, day)
    _waiting(obligation, day, page)


def _then(obligation: Cases, day: date) -> None:
    _times(obligation, day)
    _months(obligation, day)
    _opened(obligation, day)
    _work(obligation, day)


def _standing(obligation: Cases, day: date) -> None:
    """One sentence, the pace, and the four numbers that the page is about."""
    found = reads.overview(day)
    line = next(line for line in found.lines if line.figure.obligation == obligation)
    waiting = next(each for each in found.waiting if each.obligation == obligation)
    parts.headline(line.status, _sentence(line, waiting), f"截至 {day}")
    parts.tiles(_tiles(found, line, waiting))
    parts.bullets([line], found.workdays)


def _limit() -> int:
    return office().contract.thresholds.inquiry_within_working_days


def _sentence(line: Line, waiting: Waiting) -> str:
    figure, unit = line.figure, waiting.obligation.unit
    if not figure.required:
        return f"{waiting.obligation.name}：还没有受理，尚无可调查的。"
    stands = (
        f"{waiting.obligation.name}：受理 {quantity(figure.required)} {unit}，"
        f"已调查 {quantity(figure.delivered)} {unit}"
    )
    if not waiting.waiting:
        return f"{stands}，没有待调查的。"
    late = f"，其中 {waiting.too_long} {unit}已超过 {_limit()} 个工作日，请先办"
    return f"{stands}，待调查 {waiting.waiting} {unit}{late if waiting.too_long else ''}。"


def _tiles(found: Overview, line: Line, waiting: Waiting) -> Sequence[Tile]:
    figure, unit = line.figure, waiting.obligation.unit
    words = STATES[Cases]

    def number(state: str, value: int) -> str | Link:
        wanted = Selection(figure=waiting.obligation.code, state=state)
        return tallied.way(f"{value:,}", value, wanted, found.as_of)

    done = float(figure.delivered / figure.required) if figure.required else None
    share = f"完成 {percent(figure.delivered, figure.required)}"
    late = f"受理已超过 {_limit()} 个工作日"
    return [
        Tile(words["opened"], number("opened", int(figure.required)), unit),
        Tile(words["answered"], number("answered", int(figure.delivered)), unit, share, done),
        Tile(words["waiting"], number("waiting", waiting.waiting), unit),
        Tile(words["late"], number("late", waiting.too_long), unit, f"{late} · {_INDICATOR}"),
    ]


def _waiting(obligation: Cases, day: date, page: int) -> None:
    """The cases that wait, the oldest first, a page of them."""
    pieces.heading("待调查，先办最早的")
    if not _number(obligation, day):
        pieces.success("没有待调查的申请。")
        return
    names = {code: place.name for code, place in reads.roster().localities.items()}
    listed = reads.of(cases.waiting, day, obligation, _A_PAGE, page)
    parts.listing([_waiting_line(case, names, day) for case in listed])


def _number(obligation: Cases, day: date) -> int:
    return next(w.waiting for w in reads.overview(day).waiting if w.obligation == obligation)


def _waiting_line(
    case: WaitingCase, names: Mapping[str, str], day: date
) -> Mapping[str, str | Link]:
    place = case.locality or ""
    late = case.working_days > _limit()
    rows = links.to_rows(Selection(application=case.application), day)
    return {
        "受理编号": case.application,
        "状态": f"超期，超过 {_limit()} 个工作日" if late else "待调查",
        "受理日期": str(case.opened_on),
        "已等": f"{case.working_days} 个工作日",
        "村（社区）": Link(names[place], links.to("locality", code=place, as_of=day))
        if place
        else "—",
        "记录": Link(f"{case.entries} 条", rows),
    }


def _times(obligation: Cases, day: date) -> None:
    """How long the answers took: the median, the longest, the share within the threshold."""
    found = reads.of(cases.answer_times, day, obligation)
    pieces.heading("受理到调查用了多久")
    if found.median is None or found.longest is None:
        pieces.info("还没有调查过的申请，尚无用时可算。")
        return
    in_time = f"{found.within:,} / {found.answered:,} {obligation.unit}"
    parts.tiles(
        [
            Tile("中位数", quantity(found.median), "个工作日"),
            Tile("最长", f"{found.longest}", "个工作日"),
            Tile(
                f"{_limit()} 个工作日内",
                percent(Fraction(found.within), Fraction(found.answered)),
                note=in_time,
                meter=found.within / found.answered,
            ),
        ]
    )
    pieces.note(f"受理后 {_limit()} 个工作日内开始调查是{_INDICATOR}；受理当日不计。")


def _months(obligation: Cases, day: date) -> None:
    """Opened and answered, by month."""
    pieces.heading("按月")
    tallied.months(
        f"{obligation.name}按月",
        [
            Series(STATES[Cases][state], Selection(figure=obligation.code, state=state))
            for state in ("opened", "answered")
        ],
        day,
    )


def _opened(obligation: Cases, day: date) -> None:
    """What was noted when the cases were opened: whether the papers were complete, and the like."""
    kind = LOG_KINDS[obligation.opened.kind]
    wanted = Selection(figure=obligation.code, state="opened", kind=kind.slug)
    fields = [each for each in tallies.choices(kind) if each.slug != obligation.opened.field]
    if fields:
        pieces.heading(f"{obligation.opened.value}时的情况")
        tallied.shares(wanted, fields, day, obligation.unit)


def _work(obligation: Cases, day: date) -> None:
    """All entries of the kinds that open and answer cases, by each of their choices."""
    for slug in dict.fromkeys((obligation.opened.kind, obligation.answered.kind)):
        kind = LOG_KINDS[slug]
        pieces.heading(f"{kind.sheet}，全部记录")
        tallied.shares(Selection(kind=slug), tallies.choices(kind), day, "条")
