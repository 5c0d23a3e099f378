"""抽查: samples drawn of the entries, and drawing one."""

from lib.ui import frame, session

viewer = session.guard("acceptance/samples")
frame.header(viewer, "抽查")
