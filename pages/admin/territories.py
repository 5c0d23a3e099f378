"""分工: which team looks after which village or community."""

from lib.ui import frame, session

viewer = session.guard("admin/territories")
frame.header(viewer, "分工")
