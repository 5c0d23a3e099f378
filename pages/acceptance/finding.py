"""一个疑点: one finding: its rows, what was said, and deciding it."""

from lib.ui import frame, session

viewer = session.guard("acceptance/finding")
frame.header(viewer, "一个疑点")
