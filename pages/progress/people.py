"""服务人员: who worked how much on what, by month and day by day."""

import streamlit as st

from lib.kpi.people import worked
from lib.ui import frame, people, reads, session

viewer = session.guard("progress/people")
roster = reads.roster()
people.asked(viewer, roster)
day = frame.dated_header("服务人员")
found = reads.of(worked, day)

if not roster.staff:
    st.info("名册里还没有服务人员。请管理员先导入名册。")
elif not found.by_item:
    st.info(f"截至 {day} 还没有日志，所以没有人天。可以换一个截至日期。")
else:
    people.looked_at(viewer, people.choose(viewer, roster), day)
