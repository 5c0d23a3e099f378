"""服务人员: what each of the staff did, by item, by month and day by day."""

import streamlit as st

from lib.ui import frame, people, reads, session

viewer = session.guard("progress/people")
day = frame.dated_header(viewer, "服务人员")
staff = people.shown(viewer, reads.roster())

if staff:
    people.by_item(viewer, staff, day)
    people.calendar(viewer, staff, day)
    people.by_month(viewer, staff, day)
else:
    st.info("名册里还没有服务人员。请管理员先导入名册。")
