"""合同总览: how the contract stands, at a glance, as of any day."""

import streamlit as st

from lib import clock
from lib.kpi.overview import headline, worst
from lib.ui import charts, finding_marks, frame, links, overview_tiles, parts, reads, session

viewer = session.guard("progress/overview")
found = reads.overview(frame.dated_header(viewer, "合同总览"))

posted = found.last_posted_at
freshness = f"最近一次过账 {clock.local_text(posted)}" if posted else "尚无日志过账"
parts.headline(worst(found), headline(found), f"截至 {found.as_of} · {freshness}")
parts.tiles(overview_tiles.of(found))

# On a phone columns stand below each other: what needs attention comes first.
beside, progress = st.columns([3, 7], gap="large")
with beside:
    st.subheader("先看这些", anchor=False)
    parts.attention(found.attention, found.as_of, finding_marks.attention(viewer))
    if found.required:
        st.subheader("人天累计", anchor=False)
        charts.burn_up("人天累计", found.burn_up)
with progress:
    st.subheader("各项进度", anchor=False)
    parts.bullets(found.lines, found.workdays, to_clauses=True)
parts.ways(("一页简报（可打印）", links.to("brief", as_of=found.as_of)), ("大屏", "wall"))
