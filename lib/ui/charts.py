"""The chart of what falls due and what is delivered, drawn here and read in the browser.

Its lines are a picture, its words are text. `charts.js` lets any day of it be read: the figures
stand in attributes of the chart, as tenths, each as the step from the day before.
"""

from __future__ import annotations

from fractions import Fraction
from html import escape
from itertools import cycle, groupby, pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

from lib.ui import pieces
from lib.ui.parts import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from lib.kpi.burn_up import BurnUp

_DELIVERED, _DUE = "累计完成", "应达"
# Units of the picture, a day wide each; what is above and below keeps thick lines whole.
_HEIGHT, _ABOVE = 1100, 50
_MOST_MONTHS = 12
_INTERVALS = 6


def burn_up(label: str, series: BurnUp) -> None:
    """Delivered against due, over the contract's days; any day can be read."""
    pieces.draw(drawn(label, series))


def drawn(label: str, series: BurnUp) -> str:
    """The chart as HTML; `label` says what it is about."""
    top = float(max(series.required, *series.due[-1:], *series.delivered[-1:])) or 1.0
    newest = max(len(series.delivered), 1) - 1
    words = _words(series, newest)
    return (
        f'<figure class="burn-up" aria-label="{escape(f"{label}：{words}，{_total(series)}")}"'
        f' data-first="{series.days[0]}" data-top="{top}" data-unit="{escape(series.unit)}"'
        f' data-done="{steps(series.delivered)}" data-due="{steps(series.due)}">'
        f"{_legend(series, newest)}{_plot(series, top)}"
        f'<input type="range" min="0" max="{len(series.days) - 1}" value="{newest}"'
        f' aria-label="{escape(label)}：左右键看前后一天" aria-valuetext="{escape(words)}">'
        "</div></figure>"
    )


def _plot(series: BurnUp, top: float) -> str:
    """The lines and what stands around them; what is in the plot besides follows."""
    heights = _ticks(top)
    levels = "".join(
        f'<span class="y" style="bottom:{height / top:.2%}">{height:,}</span>' for height in heights
    )
    months = "".join(
        f'<span class="{name}" style="left:{place:.2%}">{month}月</span>'
        for (place, month), name in zip(_months(series.days), cycle(("x", "x second")))
    )
    return (
        f'<div class="plot" style="margin-left:calc({len(f"{heights[-1]:,}")}ch + .5rem)">'
        f'<img alt="" src="data:image/svg+xml,{_sent(_picture(series, top, heights))}">{levels}'
        f'<span class="total" style="bottom:{float(series.required) / top:.2%}">'
        f'{escape(_total(series))}</span>{months}<i class="at"></i>'
    )


def _total(series: BurnUp) -> str:
    return f"合同总量 {quantity(series.required)} {series.unit}"


def _legend(series: BurnUp, at: int) -> str:
    """What the lines mean, and what they say of a day."""
    done = quantity(series.delivered[at]) if series.delivered else "—"
    return (
        f'<p class="lines"><span><i class="done"></i>{_DELIVERED} <b>{done}</b></span>'
        f'<span><i class="due"></i>{_DUE} <b>{quantity(series.due[at])}</b></span></p>'
        f'<p class="day"><b>{series.days[at]}</b> <span>{escape(_gap(series, at))}</span></p>'
    )


def _words(series: BurnUp, at: int) -> str:
    """A day as a sentence; `charts.js` says it in the same words."""
    done = quantity(series.delivered[at]) if series.delivered else "—"
    due = quantity(series.due[at])
    return f"{series.days[at]} {_DELIVERED} {done}，{_DUE} {due}，{_gap(series, at)}"


def _gap(series: BurnUp, at: int) -> str:
    if not series.delivered:
        return "还没到"
    gap = Fraction(_tenths(series.delivered[at]) - _tenths(series.due[at]), 10)
    if not gap:
        return "与应达相同"
    return f"比应达{'多' if gap > 0 else '少'} {quantity(abs(gap))} {series.unit}"


def steps(values: Sequence[Fraction]) -> str:
    """Values as shown, in tenths: the first, and then what each day adds."""
    shown = [0, *map(_tenths, values)]
    return " ".join(str(after - before) for before, after in pairwise(shown))


def _tenths(value: Fraction) -> int:
    return round(round(float(value), 1) * 10)


def _picture(series: BurnUp, top: float, heights: Sequence[int]) -> str:
    """The lines, without a word: stretched to the place they get, never thicker."""
    width = max(len(series.days) - 1, 1)
    level = "".join(f"M0 {_y(height, top)}h{width}" for height in heights)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' preserveAspectRatio='none'"
        f" viewBox='0 {-_ABOVE} {width} {_HEIGHT + 2 * _ABOVE}'>"
        "<style>path{fill:none;vector-effect:non-scaling-stroke;stroke-linejoin:round}</style>"
        f"<path d='{level}' stroke='#e6eaef' shape-rendering='crispEdges'/>"
        f"<path d='M0 {_y(series.required, top)}h{width}' stroke='#8a95a3'"
        " shape-rendering='crispEdges'/>"
        f"<path d='{path(series.due, top)}' stroke='#55606e' stroke-width='2'"
        " stroke-dasharray='5 4'/>"
        f"<path d='{path(series.delivered, top)}' stroke='#1f5f99' stroke-width='2.5'/></svg>"
    )


def _sent(picture: str) -> str:
    """The picture as part of an attribute."""
    return quote(picture, safe=" '/=:;{}(),")


def path(values: Sequence[Fraction], top: float) -> str:
    """A line through values, a day apart; days of one slope in one stroke."""
    heights = [_y(value, top) for value in values]
    if not heights:
        return ""
    slopes = groupby(after - before for before, after in pairwise(heights))
    strokes = ((len(list(days)), slope) for slope, days in slopes)
    return f"M0 {heights[0]}" + "".join(f"l{days} {days * slope}" for days, slope in strokes)


def _y(value: Fraction | int, top: float) -> int:
    return round(_HEIGHT * (1 - float(value) / top))


def _ticks(top: float) -> Sequence[int]:
    """Round numbers from nought, few of them."""
    step = next(
        times * 10**zeros
        for zeros in range(20)
        for times in (1, 2, 5)
        if top <= _INTERVALS * times * 10**zeros
    )
    return range(0, int(top) + 1, step)


def _months(days: Sequence[date]) -> Iterator[tuple[float, int]]:
    """Where months begin, from 0 to 1, and their numbers; some only, where there are many."""
    begun = [at for at, day in enumerate(days) if day.day == 1]
    for at in begun[:: -(-len(begun) // _MOST_MONTHS) or 1]:
        yield at / max(len(days) - 1, 1), days[at].month
