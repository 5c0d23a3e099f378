"""过账记录: the receipts, newest first, and what each changed."""

from lib.ui import frame, history, session

viewer = session.guard("logs/history")
frame.header("过账记录")
history.listing(viewer)
