"""一张回执: what one receipt changed, and undoing it."""

from lib.ui import frame, receipt, session, undoing

viewer = session.guard("logs/receipt")
found = receipt.asked(viewer)
frame.header("一张回执")

other = receipt.other_side(found)
receipt.summary(found, other)
if undoing.is_looked_at(viewer, found):
    undoing.look_at(viewer, found)
else:
    undoing.way(viewer, found, other)
    receipt.changes(viewer, found)
    receipt.pictures(viewer, found)
