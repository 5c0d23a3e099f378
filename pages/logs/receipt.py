"""一张回执: what one receipt changed, and undoing it."""

from lib.ui import frame, session

viewer = session.guard("logs/receipt")
frame.header(viewer, "一张回执")
