"""待办清单: what is owed this week and this month, by team and place, and the trips promised."""

from lib.ui import frame, session

viewer = session.guard("logs/worklist")
frame.header(viewer, "待办清单")
