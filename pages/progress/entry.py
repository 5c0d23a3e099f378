"""一条记录: what one entry says, where it came from, what it said before."""

from lib.ui import frame, ledger, session

viewer = session.guard("progress/entry")
frame.header("一条记录")
ledger.entry(viewer)
