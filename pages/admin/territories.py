"""分工: which team looks after which village or community."""

import streamlit as st

from lib.ui import frame, session, territories

viewer = session.guard("admin/territories")
frame.header("分工")

territories.said()
found = territories.known()
if not found.roster.localities or not found.roster.teams:
    st.info("名册里还没有村（社区）或服务人员。请先导入名册。")
else:
    territories.loads()
    territories.suggestion(viewer, found)
    territories.table(viewer, found)
