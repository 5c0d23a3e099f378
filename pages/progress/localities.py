"""村（社区）: all of them at a glance by a chosen figure, by month, and by name."""

import streamlit as st

from lib.ui import frame, pieces, places, places_glance, reads, session
from lib.ui.alone import alone

viewer = session.guard("progress/localities")
day = frame.dated_header("村（社区）")
roster, columns = reads.roster(), places.columns(day)

if not roster.localities:
    st.info("名册里还没有村（社区）。请管理员先导入名册。")
elif not columns:
    st.info("本合同没有按村（社区）计算的指标。")
else:
    pieces.kept(places_glance.glance, day)
    alone(places.tile_map, viewer, day)
    alone(places.one_by_one, viewer, day)
