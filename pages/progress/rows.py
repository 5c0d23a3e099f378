"""记录明细: the entries behind a figure, as of any day."""

from lib.ui import frame, ledger, session

viewer = session.guard("progress/rows")
ledger.listing(viewer, frame.dated_header("记录明细"))
