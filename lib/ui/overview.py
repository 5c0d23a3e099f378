"""The overview as it is drawn for everybody: made once from its figures, kept as long as they."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.kpi.overview import headline, worst
from lib.ui import charts, links, overview_tiles, parts, reads

if TYPE_CHECKING:
    from datetime import date

    from lib.kpi.overview import Overview
    from lib.ui.links import Link


def drawn(as_of: date, own: tuple[Link, ...] = ()) -> str:
    """The overview as of a day as HTML; what is the viewer's `own` to do stands first.

    It is one element: each that a run sends costs as much as all that is drawn here.
    """
    return reads.made(_drawn, as_of, own)


def _drawn(as_of: date, own: tuple[Link, ...]) -> str:
    found = reads.overview(as_of)
    posted = found.last_posted_at
    freshness = f"最近一次过账 {clock.local_text(posted)}" if posted else "尚无日志过账"
    small = f"截至 {found.as_of} · {freshness}"
    ways = ("一页简报（可打印）", links.to("brief", as_of=as_of)), ("大屏", "wall")
    return (
        f"{parts.drawn_headline(worst(found), headline(found), small)}"
        f"{parts.drawn_tiles(overview_tiles.of(found))}"
        # On a phone these stand below each other: what needs attention comes first.
        f'<div class="beside"><section><h3>先看这些</h3>'
        f"{parts.drawn_attention(found.attention, as_of, own)}{_chart(found)}</section>"
        f"<section><h3>各项进度</h3>"
        f"{parts.drawn_bullets(found.lines, found.workdays, to_clauses=True)}"
        f"{parts.drawn_ways(*ways)}</section></div>"
    )


def _chart(found: Overview) -> str:
    """Nothing where no person-days are owed."""
    if not found.required:
        return ""
    return f"<h3>人天累计</h3>{charts.drawn('人天累计', found.burn_up)}"
