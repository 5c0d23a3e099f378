"""一个疑点: one finding: its rows, what was said, and deciding it."""

from lib.ui import finding, frame, session

viewer = session.guard("acceptance/finding")
found = finding.asked(viewer)
frame.header("一个疑点")
finding.draw(viewer, found)
