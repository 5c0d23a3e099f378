"""The overview as it is drawn for everybody: made once from its figures, kept as long as they."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.kpi.overview import headline, worst
from lib.ui import charts, links, overview_tiles, parts, pieces, reads

if TYPE_CHECKING:
    from datetime import date

    from lib.ui.links import Link


def shown(as_of: date, own: tuple[Link, ...]) -> None:
    """How the contract stands as of a day; what is the viewer's `own` to do stands first."""
    found = reads.overview(as_of)
    posted = found.last_posted_at
    freshness = f"最近一次过账 {clock.local_text(posted)}" if posted else "尚无日志过账"
    parts.headline(worst(found), headline(found), f"截至 {as_of} · {freshness}")
    parts.tiles(overview_tiles.of(found))
    # On a phone these stand below each other: what needs attention comes first.
    with pieces.beside(3, 7) as (first, progress):
        with first:
            pieces.heading("先看这些")
            parts.attention(found.attention, as_of, own)
            if found.required:
                pieces.heading("人天累计")
                charts.burn_up("人天累计", found.burn_up)
        with progress:
            pieces.heading("各项进度")
            parts.bullets(found.lines, found.workdays, to_clauses=True)
            parts.ways(("一页简报（可打印）", links.to("brief", as_of=as_of)), ("大屏", "wall"))
