"""月度确认: a month's settlement, signing it, and opening it again."""

from lib.ui import frame, session

viewer = session.guard("acceptance/settlement")
frame.header(viewer, "月度确认")
