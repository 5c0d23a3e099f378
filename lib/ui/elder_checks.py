"""The pieces of the page about visits to elders: where each obligation stands, and its months."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import streamlit as st

from lib.contract import Visits
from lib.kpi import elder_checks, visits
from lib.kpi.overview import percent
from lib.kpi.selection import Selection
from lib.periods import Month
from lib.ui import links, matrix, parts, pieces, reads
from lib.ui.links import Link
from lib.ui.matrix import Cell, Row
from lib.ui.parts import Tile, quantity
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.kpi.elder_checks import StillOwed
    from lib.kpi.overview import Line
    from lib.kpi.visits import SeenThisMonth, VisitMonth


def measured(day: date) -> Sequence[Visits]:
    """The obligations looked at; says so where there is nothing to look at."""
    obligations = [each for each in office().contract.obligation if isinstance(each, Visits)]
    if not obligations:
        st.info("本合同没有约定定期入户核查。")
        return []
    shown = [each for each in obligations if str(Month.of(day)) in _by_month(each, day)]
    if not shown:
        st.info("到这一天还没有应核查的人：合同尚未开始，或名册里没有在册的特困人员。")
    return shown


def looked_at(obligation: Visits, day: date) -> None:
    """How it stands, and every month begun."""
    _standing(obligation, day)
    _months(obligation, day)


def _standing(obligation: Visits, day: date) -> None:
    """How the obligation stands, what the current month has and what is left to do in it."""
    found = reads.overview(day)
    line = next(each for each in found.lines if each.figure.obligation == obligation)
    (seen,) = (each.seen for each in found.visits if each.obligation == obligation)
    left = reads.of(elder_checks.still_owed, day, obligation)
    parts.headline(line.status, _sentence(seen, left), _small(line, day))
    parts.tiles(_tiles(obligation, day, seen, left))
    parts.bullets([line], found.workdays)


def _sentence(seen: SeenThisMonth, left: StillOwed) -> str:
    missing = seen.some + seen.none
    if not missing:
        return f"本月 {seen.elders} 人全部访够。"
    said = f"本月 {seen.elders} 人中 {seen.enough} 人已访够，{missing} 人未访够"
    return f"{said}，{_still_to_do(seen, left)}。"


def _still_to_do(seen: SeenThisMonth, left: StillOwed) -> str:
    days = seen.working_days_left
    if not left.visits:
        return "均已退出名册，无法再补"
    if not days:
        return f"差 {left.visits:,} 人次，本月已无工作日"
    need = quantity(Fraction(left.visits, days))
    return f"还须访 {left.visits:,} 人次；剩 {days} 个工作日，每天须访 {need} 人次"


def _small(line: Line, day: date) -> str:
    figure = line.figure
    if not figure.delivered:
        return f"截至 {day} · 还没有核查日志入账"
    done = percent(figure.delivered, figure.due)
    return f"截至 {day} · 合同开始以来完成应达的 {done}"


def _tiles(obligation: Visits, day: date, seen: SeenThisMonth, left: StillOwed) -> Sequence[Tile]:
    month = str(Month.of(day))
    figure = _by_month(obligation, day)[month]
    rows = links.to_rows(Selection(figure=obligation.code, month=month), day)
    worklist = links.to("elder_checks", as_of=day)
    limit = office().contract.thresholds.not_seen_days
    days = seen.working_days_left
    need = quantity(Fraction(left.visits, days)) if days else "—"
    unit = obligation.unit if days else ""
    whole = f"/ {seen.elders:,} 人"
    late = f"超 {limit} 天未见 {left.overdue:,} 人"
    return [
        Tile("本月访够", f"{seen.enough:,}", whole, meter=seen.enough / seen.elders),
        Tile("访过，未访够", f"{seen.some:,}", "人", address=worklist),
        Tile("一次未访", f"{seen.none:,}", "人", late, address=worklist),
        Tile(
            "本月已访",
            f"{figure.delivered:,}",
            f"/ {figure.required:,} {obligation.unit}",
            "点开看记录",
            figure.delivered / figure.required,
            rows,
        ),
        Tile("每个工作日须访", need, unit, f"本月剩 {days} 个工作日"),
    ]


def _months(obligation: Visits, day: date) -> None:
    """Every month begun: visits done of those owed, and elders with all of theirs."""
    by_month = _by_month(obligation, day)
    visited = [
        _visited(figure, Selection(figure=obligation.code, month=month), day)
        for month, figure in by_month.items()
    ]
    enough = [
        Cell(f"{f.compliant:,}/{f.elders:,}", matrix.shade(f.compliant / f.elders))
        for f in by_month.values()
    ]
    matrix.matrix(
        "逐月完成情况",
        "逐月",
        month_names(by_month),
        [Row(f"{obligation.unit}（已访/应访）", visited), Row("人（访够/应访）", enough)],
    )


def places(obligation: Visits, day: date) -> None:
    """Every locality by month: visits done of those owed."""
    roster = reads.roster()
    found = reads.of(elder_checks.by_place, day, obligation)
    by_month = list(_by_month(obligation, day))
    pieces.draw(
        '<p class="summary">每格是 已访/应访 人次，颜色越深完成越多，空格表示当月没有应访的人；'
        "点数字看记录，点名称看该村（社区）。</p>"
    )
    matrix.matrix(
        "各村（社区）逐月完成情况",
        "村（社区）",
        month_names(by_month),
        [
            Row(
                Link(place.name, links.to("locality", code=code, as_of=day)),
                [_place_month(obligation, day, code, month, found[code]) for month in by_month],
            )
            for code, place in roster.localities.items()
            if code in found
        ],
    )


def _place_month(
    obligation: Visits, day: date, code: str, month: str, found: Mapping[str, VisitMonth]
) -> Cell:
    if month not in found:
        return Cell("")
    return _visited(
        found[month], Selection(figure=obligation.code, month=month, locality=code), day
    )


def _visited(figure: VisitMonth, wanted: Selection, day: date) -> Cell:
    text = f"{figure.delivered:,}/{figure.required:,}"
    level = matrix.shade(figure.delivered / figure.required)
    return Cell(Link(text, links.to_rows(wanted, day)) if figure.delivered else text, level)


def month_names(months: Sequence[str] | Mapping[str, object]) -> Sequence[str]:
    """Months as a table's headings; with their year where there are several years."""
    parsed = [Month.parse(month) for month in months]
    several = len({month.year for month in parsed}) > 1
    return [f"{m.year % 100}年{m.number}月" if several else f"{m.number}月" for m in parsed]


def _by_month(obligation: Visits, day: date) -> Mapping[str, VisitMonth]:
    found: Mapping[str, VisitMonth] = reads.of(visits.by_month, day, obligation)
    return found
