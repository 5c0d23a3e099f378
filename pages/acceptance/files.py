"""报告和档案: reports and the acceptance file, made and taken away."""

from lib.ui import frame, session

viewer = session.guard("acceptance/files")
frame.header(viewer, "报告和档案")
