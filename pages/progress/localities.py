"""村（社区）: all of them at a glance by a chosen figure, by month, and by name."""

import streamlit as st

from lib.ui import frame, places, places_glance, reads, session

viewer = session.guard("progress/localities")
day = frame.dated_header(viewer, "村（社区）")
roster, columns = reads.roster(), places.columns(day)

if not roster.localities:
    st.info("名册里还没有村（社区）。请管理员先导入名册。")
elif not columns:
    st.info("本合同没有按村（社区）计算的指标。")
else:
    places_glance.glance(roster, columns, day)
    places.tile_map(roster, columns, day)
    shown = places.chosen(roster, columns)
    places.by_month(shown, day)
    places.table(shown, columns, day)
