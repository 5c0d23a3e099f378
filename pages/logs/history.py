"""过账记录: the receipts, newest first, and what each changed."""

from lib.ui import frame, session

viewer = session.guard("logs/history")
frame.header(viewer, "过账记录")
