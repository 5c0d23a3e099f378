"""一次抽查: one sample: what was found on the spot, and what it says."""

from lib.ui import frame, sample, session

viewer = session.guard("acceptance/sample")
found = sample.asked()
frame.header("一次抽查")
sample.page(viewer, *found)
