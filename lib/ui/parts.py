"""The pieces that pages arrange: frame, headline, tiles, bullet rows, lists. Each draws one thing.

Every text is escaped here; nothing a user wrote reaches the page as markup.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib.kpi.figures import Status
from lib.kpi.overview import percent
from lib.kpi.selection import delivered
from lib.reports.words import quantity as written
from lib.ui import links, pieces
from lib.ui.links import Folded, Link, content, linked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date
    from fractions import Fraction

    from lib.contract import Contract
    from lib.kpi.figures import Figure
    from lib.kpi.overview import Attention, Line
    from lib.kpi.workdays import Workdays

    Cell = str | int | Link | Folded

_SYMBOLS = {
    Status.DONE: "✓",
    Status.ON_TRACK: "●",
    Status.WATCH: "▲",
    Status.BEHIND: "▼",
    Status.NOT_DUE: "○",
}


@dataclass(frozen=True)
class Tile:
    """One figure to glance at: label, value with its whole, a note, and a meter from 0 to 1.

    The whole tile leads to `address`, where there is more of the same.
    """

    label: str
    value: str | Link
    whole: str = ""
    note: str = ""
    meter: float | None = None
    address: str = ""


def brand(contract: Contract) -> None:
    """Whose service is looked after here, above the sign-in form."""
    st.html(f'<div class="brand"><h1>社会救助服务监管</h1><p>{escape(contract.name)}</p></div>')


@contextmanager
def narrow() -> Iterator[None]:
    """A column in the middle, as wide as a form wants to be."""
    _, middle, _ = st.columns([1, 1.2, 1])
    with middle:
        yield


def chip(status: Status, word: str = "") -> str:
    """A status as symbol, word and colour; with another word where it is no longer running."""
    return f'<span class="chip {status}">{_SYMBOLS[status]} {word or status.label}</span>'


def headline(status: Status, sentence: str, small: str, word: str = "") -> None:
    """The one sentence that says how things stand."""
    pieces.draw(
        f'<div class="headline {status}" role="status">{chip(status, word)}{escape(sentence)}'
        f"<small>{escape(small)}</small></div>"
    )


def tiles(shown: Sequence[Tile]) -> None:
    """Figures to glance at, as many beside each other as fit."""
    pieces.draw(f'<div class="tiles">{"".join(_tile(tile) for tile in shown)}</div>')


def _tile(tile: Tile) -> str:
    whole = f" <small>{escape(tile.whole)}</small>" if tile.whole else ""
    note = f'<div class="note">{escape(tile.note)}</div>' if tile.note else ""
    inside = (
        f'<div class="label">{escape(tile.label)}</div>'
        f'<div class="value">{content(tile.value)}{whole}</div>{_meter(tile.meter)}{note}'
    )
    if tile.address:
        return f'<a class="tile" href="{escape(tile.address)}" target="_self">{inside}</a>'
    return f'<div class="tile">{inside}</div>'


def _meter(part: float | None) -> str:
    if part is None:
        return ""
    return f'<div class="meter"><i style="width:{min(part, 1):.1%}"></i></div>'


_NONE = "—"
_COLUMNS = ("完成", "应达", "合同", "预计", "每工作日须 / 近期")


def bullets(lines: Sequence[Line], workdays: Workdays, *, to_clauses: bool = False) -> None:
    """A row for each obligation: contracted as the track, delivered as the bar, due as the mark.

    The name leads to the obligation's page, what is delivered to the entries it comes from, and
    what is contracted, where asked for, to the contract's clause.
    """
    head = (
        '<div class="row head" role="row"><span role="columnheader">项目</span>'
        '<span role="columnheader">状态</span><span class="legend" role="columnheader">'
        '<i class="f"></i>完成<i class="d"></i>应达<i class="c"></i>合同</span>'
        + "".join(f'<span class="number" role="columnheader">{word}</span>' for word in _COLUMNS)
        + "</div>"
    )
    rows = "".join(_bullet(line, workdays, to_clauses=to_clauses) for line in lines)
    pieces.draw(f'<div class="bullets" role="table" aria-label="各项进度">{head}{rows}</div>')


def _bullet(line: Line, workdays: Workdays, *, to_clauses: bool) -> str:
    figure, obligation, day = line.figure, line.figure.obligation, workdays.as_of
    name = linked(obligation.name, links.to_subject(obligation, day))
    rows = links.to_rows(delivered(obligation), day) if figure.delivered else ""
    clause = links.to_clause(obligation, day) if to_clauses else ""
    texts: Sequence[str | Link] = (
        linked(quantity(figure.delivered), rows),
        quantity(figure.due),
        linked(f"{quantity(figure.required)} {obligation.unit}", clause),
        projection(line, workdays.left),
        needed(line),
    )
    cells = "".join(
        f'<span class="number{" none" if text == _NONE else ""}" role="cell">'
        f'<span class="label">{label}</span>{content(text)}</span>'
        for label, text in zip(_COLUMNS, texts, strict=True)
    )
    return (
        f'<div class="row" role="row"><span class="name" role="cell">{content(name)}</span>'
        f'<span class="status" role="cell">{chip(line.status)}</span>'
        f'<span class="graph" role="cell">{bar(line.figure, line.status)}</span>{cells}</div>'
    )


def bar(figure: Figure, status: Status) -> str:
    """Contracted as the track, delivered as the bar, due as the mark."""
    filled, due = (_part(part, figure.required) for part in (figure.delivered, figure.due))
    words = f"完成合同的 {percent(figure.delivered, figure.required)}"
    return (
        f'<div class="bar" role="img" aria-label="{words}" title="{words}">'
        f'<div class="fill {status}" style="width:{filled:.1%}"></div>'
        f'<div class="due" style="left:{due:.1%}"></div></div>'
    )


def _part(part: Fraction, whole: Fraction) -> float:
    return min(float(part / whole), 1) if whole else 0.0


def projection(line: Line, working_days_left: int) -> str:
    """Where the last weeks' rate leads; what is missing once the contract is over."""
    figure, pace = line.figure, line.pace
    missing = figure.required - figure.delivered
    if pace is None or missing <= 0:
        return _NONE
    if not working_days_left:
        return f"期满差 {quantity(missing)}"
    if pace.projected >= figure.required and pace.done_on:
        return f"{pace.done_on:%y-%m-%d} 完成"
    return f"期末 {percent(pace.projected, figure.required)}"


def needed(line: Line) -> str:
    """What a working day must bring from now on, beside what it brought lately."""
    pace = line.pace
    if pace is None or not pace.needed:
        return _NONE
    return f"{quantity(pace.needed, 2)} / {quantity(pace.rate, 2)}"


def quantity(value: Fraction, digits: int = 1) -> str:
    """A quantity as officials write it: few decimals, none where there are none."""
    return written(value, digits)


def ways(*named: tuple[str, str]) -> None:
    """Links beside each other: what they are called, where they lead."""
    listed = " · ".join(Link(text, address).markup for text, address in named)
    pieces.draw(f'<p class="summary">{listed}</p>')


def facts(named: Sequence[tuple[str, str | Link]]) -> None:
    """Names and what they hold, a line each."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{content(text)}</dd>" for name, text in named)
    pieces.draw(f'<dl class="facts">{lines}</dl>')


def attention(items: Sequence[Attention], as_of: date, own: Sequence[Link] = ()) -> None:
    """What needs attention: the viewer's own, then the urgent; each leads to where more is seen."""
    points = [f"<li>{each.markup}</li>" for each in own] + [_point(item, as_of) for item in items]
    if points:
        pieces.draw(f'<ul class="attention">{"".join(points)}</ul>')
    else:
        pieces.success("没有需要特别关注的事项。")


def _point(item: Attention, as_of: date) -> str:
    address = links.to_subject(item.about, as_of) if item.about else ""
    sentence = linked(item.sentence, address)
    if item.urgent:
        return f'<li class="urgent"><b>急</b> {content(sentence)}</li>'
    return f"<li>{content(sentence)}</li>"


def listing(rows: Sequence[Mapping[str, Cell]], numbers: Collection[str] = ()) -> None:
    """Rows of the same headings; on a phone a row is a block, each cell behind its heading.

    A cell is a text, a number or a link; columns named in `numbers` hold numbers as texts.
    """
    pieces.draw(table(rows, numbers))


def table(rows: Sequence[Mapping[str, Cell]], numbers: Collection[str] = ()) -> str:
    """The rows as HTML, every text escaped."""
    head = "".join(
        f'<th{_side(word, cell, numbers)} role="columnheader">{escape(word)}</th>'
        for word, cell in rows[0].items()
    )
    body = "".join(f'<tr class="listed" role="row">{_listed(row, numbers)}</tr>' for row in rows)
    return (
        '<table class="listing" role="table"><thead role="rowgroup"><tr class="listed" role="row">'
        f'{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )


def _listed(row: Mapping[str, Cell], numbers: Collection[str]) -> str:
    return "".join(
        f'<td{_side(word, cell, numbers)} role="cell" data-heading="{escape(word)}">'
        f"{content(cell)}</td>"
        for word, cell in row.items()
    )


def _side(word: str, cell: Cell, numbers: Collection[str]) -> str:
    """Numbers stand at the right, below each other."""
    return ' class="number"' if isinstance(cell, int) or word in numbers else ""


def problems(sentences: Sequence[str]) -> None:
    """What is to be mended or known, a line each; a very long list is cut, and says so."""
    shown = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences[:_PROBLEMS_SHOWN])
    rest = len(sentences) - _PROBLEMS_SHOWN
    more = f"<li>另有 {rest} 条，见标出错误的文件。</li>" if rest > 0 else ""
    pieces.draw(f'<ul class="problems">{shown}{more}</ul>')


_PROBLEMS_SHOWN = 200
