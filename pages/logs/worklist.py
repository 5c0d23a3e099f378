"""待办清单: what is owed this week and this month, by team and place, and the trips promised."""

import streamlit as st

from lib.ui import choices, finding_marks, frame, pieces, session, trips, worklist, worklist_paper

viewer = session.guard("logs/worklist")
day = frame.dated_header("待办清单")
worklist.style()
with st.container(horizontal=True, key="choose"):
    shown = worklist.chosen(viewer, day)
    view = choices.pills(
        "show", "查看", {"list": "清单", "planned": "打印计划去的", "paper": "打印全部"}
    )

if not shown.roster.localities:
    st.info("名册里还没有村（社区）。请管理员先导入名册。")
elif view == "planned":
    worklist_paper.planned(shown)
elif view == "paper":
    worklist_paper.everything(shown)
else:
    with pieces.together():
        trips.missed(shown)
        pieces.kept(worklist.next_trip, shown)
        worklist.ways(shown)
        finding_marks.to_explain(viewer)
    if trips.is_planned_here(shown):
        trips.planning(shown)
    with pieces.together():
        if not trips.is_planned_here(shown):
            trips.planned(shown)
        pieces.kept(worklist.sums, shown)
        worklist.villages(shown)
