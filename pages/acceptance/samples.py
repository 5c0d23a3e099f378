"""抽查: samples drawn of the entries, and drawing one."""

from lib.ui import frame, samples, session
from lib.ui.alone import alone_acting

viewer = session.guard("acceptance/samples")
frame.header("抽查")
alone_acting(samples.page, viewer)
