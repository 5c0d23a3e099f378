"""快速录入: one entry on a form made for a phone."""

from lib.ui import frame, session

viewer = session.guard("logs/quick_entry")
frame.header(viewer, "快速录入")
