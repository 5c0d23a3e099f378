"""核验: whether the signed months and the audit log are still as they were signed."""

from lib.ui import backups, frame, session, verify

viewer = session.guard("acceptance/verify")
frame.header("核验")
verify.verifying(viewer)
backups.last(viewer)
