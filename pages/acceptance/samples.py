"""抽查: samples drawn of the entries, and drawing one."""

from lib.ui import frame, samples, session

viewer = session.guard("acceptance/samples")
frame.header(viewer, "抽查")
samples.page(viewer)
