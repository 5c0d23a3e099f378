"""疑点: what the rules found in the ledger, and what was said of it."""

from lib.ui import finding_forms, findings, frame, session

viewer = session.guard("acceptance/findings")
frame.header("疑点")
shown = findings.chosen(viewer)
findings.summary(shown)
findings.rules(shown)
findings.listing(shown)
finding_forms.done()
