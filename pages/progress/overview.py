"""合同总览: how the contract stands, at a glance, as of any day."""

import streamlit as st

from lib.ui import finding_marks, frame, links, overview, parts, session

viewer = session.guard("progress/overview")
day = frame.dated_header(viewer, "合同总览")
drawn = overview.drawn(day)

st.html(drawn.headline)
st.html(drawn.tiles)

# On a phone columns stand below each other: what needs attention comes first.
beside, progress = st.columns([3, 7], gap="large")
with beside:
    st.subheader("先看这些", anchor=False)
    parts.attention_drawn(drawn.points, finding_marks.attention(viewer))
    if drawn.chart:
        st.subheader("人天累计", anchor=False)
        st.html(drawn.chart)
with progress:
    st.subheader("各项进度", anchor=False)
    st.html(drawn.bullets)
parts.ways(("一页简报（可打印）", links.to("brief", as_of=day)), ("大屏", "wall"))
