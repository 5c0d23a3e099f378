"""The pieces of the campaign's page: how it stands, where, and what became of what was found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib.contract import Coverage
from lib.kpi import burn_up, coverage
from lib.kpi.selection import Selection
from lib.logs import LOG_KINDS
from lib.ui import charts, links, matrix, parts, pieces, reads
from lib.ui.bars import Bar, bars
from lib.ui.links import Link
from lib.ui.matrix import Cell, Row
from lib.ui.parts import Tile, quantity
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.kpi.coverage import Problems, Reached
    from lib.kpi.overview import Line, Overview

_WORST_NAMED = 3
_NO_CATEGORY = "未填类别"
_LONGEST_NAME = 10
# As columns of a table that fits a phone.
_STATES = {
    "found": "发现",
    "followed": "已跟进",
    "open": "未办结",
    "overdue": "超期",
    "closed": "已办结",
}


def obligations() -> Sequence[Coverage]:
    """The contract's obligations of this measure; said where there are none."""
    found = [each for each in office().contract.obligation if isinstance(each, Coverage)]
    if not found:
        st.info("本合同没有逐户走访的义务，这一页没有可看的内容。")
    return found


def looked_at(obligation: Coverage, day: date) -> None:
    """How it stands, how it came to that, and where."""
    _standing(obligation, day)
    _progress(obligation, day)


def _standing(obligation: Coverage, day: date) -> None:
    """One sentence, and the line of due, delivered, projection and what a day must bring."""
    found = reads.overview(day)
    line = next(line for line in found.lines if line.figure.obligation == obligation)
    places = reads.of(coverage.by_locality, day, obligation)
    parts.headline(line.status, _sentence(line, found), _small(line, places, day))
    parts.bullets([line], found.workdays)


def _sentence(line: Line, found: Overview) -> str:
    figure, unit = line.figure, line.figure.obligation.unit
    done = f"{figure.obligation.name}：已走访 {quantity(figure.delivered)} {unit}"
    missing = figure.required - figure.delivered
    if missing <= 0:
        return f"{done}，合同的 {quantity(figure.required)} {unit}已全部走访。"
    stands = f"{done}，还有 {quantity(missing)} {unit}未到"
    left = found.workdays.left
    if not left:
        return f"{stands}；合同期已满。"
    needed = quantity(missing / left, 2)
    return f"{stands}；还剩 {left} 个工作日，每个工作日须走访 {needed} {unit}。"


def _small(line: Line, places: Mapping[str, Reached], day: date) -> str:
    """The day; the roster's number beside the contract's, where the two differ."""
    listed = sum(place.required for place in places.values())
    required, unit = line.figure.required, line.figure.obligation.unit
    if listed == required:
        return f"截至 {day} · 合同和名册均为 {listed:,} {unit}"
    return (
        f"截至 {day} · 合同 {quantity(required)} {unit}，名册 {listed:,} {unit}；进度按合同户数算"
    )


def _progress(obligation: Coverage, day: date) -> None:
    """Over time, and what was found, beside the localities."""
    with pieces.beside(6, 5) as (course, by_place):
        with course:
            pieces.heading("累计走访")
            charts.burn_up("累计走访", reads.of(burn_up.of_coverage, day, obligation))
            _answers(obligation, day)
            _problems(obligation, day)
        with by_place:
            pieces.heading("各村（社区）完成情况")
            _places(obligation, day)


def _answers(obligation: Coverage, day: date) -> None:
    """For each column shown, how many households gave which answer."""
    for slug in obligation.shown_fields:
        heading = LOG_KINDS[obligation.kind].by_slug[slug].heading
        found = reads.of(coverage.answers, day, obligation, slug)
        whole = reads.of(coverage.delivered, day, obligation)
        pieces.heading(heading)
        shown = []
        for value, number in found.items():
            wanted = Selection(
                figure=obligation.code, kind=obligation.kind, field=slug, value=value
            )
            text = f"{number:,} {obligation.unit}"
            figure = Link(text, links.to_rows(wanted, day))
            shown.append(Bar(value, number / whole if whole else 0, figure))
        bars(heading, shown)
        if sum(found.values()) > whole:
            pieces.note(f"同一{obligation.unit}几次走访答复不同的，每种答复各计一次。")


def _places(obligation: Coverage, day: date) -> None:
    found = reads.of(coverage.by_locality, day, obligation)
    listed = {code: place for code, place in found.items() if place.required}
    if not listed:
        pieces.info("名册中还没有困难家庭。请管理员先导入名册。")
        return
    names = names_of_localities()
    # The worst first; of places that stand alike, the one with more households to go.
    worst = sorted(listed, key=lambda code: (_part(listed[code]), -_missing(listed[code])))
    pieces.draw(f'<p class="summary">{escape(_behind(worst, listed, names, obligation.unit))}</p>')
    bars(
        obligation.name,
        [_place(obligation, code, names[code], listed[code], day) for code in worst],
    )


def _behind(
    worst: Sequence[str], listed: Mapping[str, Reached], names: Mapping[str, str], unit: str
) -> str:
    """Where to go first."""
    behind = [code for code in worst if _missing(listed[code])]
    if not behind:
        return "各村（社区）已全部走访。"
    first = "、".join(
        f"{names[code]}差 {_missing(listed[code]):,} {unit}" for code in behind[:_WORST_NAMED]
    )
    return f"{len(behind)} 个村（社区）没有走完，先去：{first}。"


def _place(obligation: Coverage, code: str, name: str, place: Reached, day: date) -> Bar:
    wanted = Selection(figure=obligation.code, locality=code)
    figure = Link(
        f"{place.delivered:,} / {place.required:,} {obligation.unit}", links.to_rows(wanted, day)
    )
    return Bar(Link(name, links.to("locality", code=code, as_of=day)), float(_part(place)), figure)


def _part(place: Reached) -> Fraction:
    return Fraction(place.delivered, place.required)


def _missing(place: Reached) -> int:
    return place.required - place.delivered


def names_of_localities() -> Mapping[str, str]:
    """Localities' names by code."""
    return {code: place.name for code, place in reads.roster().localities.items()}


def _problems(obligation: Coverage, day: date) -> None:
    """Problems found and what became of them, by category; how long they took."""
    pieces.heading("发现的问题和跟进")
    whole = reads.of(coverage.problems, day, obligation)
    if not whole.found:
        pieces.info(f"截至 {day} 还没有发现问题的记录。")
        return
    pieces.draw(f'<p class="summary">{_next(whole)}</p>')
    _by_category(obligation, whole, day)
    _closing(obligation, day)


def _next(whole: Problems) -> str:
    """What is to be done about the problems."""
    limit = office().contract.thresholds.problem_open_days
    if whole.overdue:
        return f"有 {whole.overdue:,} 个问题超过 {limit} 天未办结，请先办。"
    if whole.open:
        return f"还有 {whole.open:,} 个问题未办结，都没有超过 {limit} 天。"
    return "发现的问题已全部办结。"


def _by_category(obligation: Coverage, whole: Problems, day: date) -> None:
    column = LOG_KINDS[obligation.kind].by_slug[obligation.problems.category]
    found = reads.of(coverage.problems_by_category, day, obligation)
    every = Selection(figure=obligation.code)
    rows = [Row("合计", _cells(every, whole, day))]
    for name, problems_found in found.items():
        wanted = replace(every, kind=obligation.kind)
        if name:
            wanted = replace(wanted, field=column.slug, value=name)
        else:
            wanted = replace(wanted, empty=column.slug)
        rows.append(Row(_short(name or _NO_CATEGORY), _cells(wanted, problems_found, day)))
    matrix.matrix("发现的问题和跟进", column.heading, list(_STATES.values()), rows)


def _cells(wanted: Selection, found: Problems, day: date) -> Sequence[Cell]:
    """A number for each state, a way to its rows."""
    numbers = {state: getattr(found, state) for state in _STATES}
    return [
        Cell(Link(f"{number:,}", links.to_rows(replace(wanted, state=state), day)))
        for state, number in numbers.items()
    ]


def _short(name: str) -> str:
    """A category that is free text, short enough for a row's name."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _closing(obligation: Coverage, day: date) -> None:
    """How long the problems closed so far were open."""
    found = reads.of(coverage.closing, day, obligation)
    if found is None:
        pieces.info("还没有办结的问题，尚无办结用时可算。")
        return
    parts.tiles(
        [
            Tile("办结用时（中位数）", quantity(found.median), "天"),
            Tile("办结用时（最长）", f"{found.longest:,}", "天"),
        ]
    )
