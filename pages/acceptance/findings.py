"""疑点: what the rules found in the ledger, and what was said of it."""

from lib.ui import frame, session

viewer = session.guard("acceptance/findings")
frame.header(viewer, "疑点")
