"""The overview as it is drawn for everybody: made once from its figures, kept as long as they."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib import clock
from lib.kpi.overview import headline, worst
from lib.ui import charts, overview_tiles, parts, reads

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class Drawn:
    """Its parts as HTML; the chart empty where no person-days are owed."""

    headline: str
    tiles: str
    points: str
    bullets: str
    chart: str


def drawn(as_of: date) -> Drawn:
    """The overview as of a day."""
    return reads.made(_drawn, as_of)


def _drawn(as_of: date) -> Drawn:
    found = reads.overview(as_of)
    posted = found.last_posted_at
    freshness = f"最近一次过账 {clock.local_text(posted)}" if posted else "尚无日志过账"
    small = f"截至 {found.as_of} · {freshness}"
    return Drawn(
        headline=parts.drawn_headline(worst(found), headline(found), small),
        tiles=parts.drawn_tiles(overview_tiles.of(found)),
        points=parts.drawn_points(found.attention, found.as_of),
        bullets=parts.drawn_bullets(found.lines, found.workdays, to_clauses=True),
        chart=charts.drawn("人天累计", found.burn_up) if found.required else "",
    )
