"""老人核查: whether every elder is seen as often as agreed, and who is still to be seen."""

from lib.ui import elder_checks, elder_lists, frame, pieces, session
from lib.ui.alone import alone

viewer = session.guard("progress/elder_checks")
day = frame.dated_header("老人核查")
obligations = elder_checks.measured(day)

with pieces.together():
    for obligation in obligations:
        pieces.kept(elder_checks.looked_at, obligation, day)
if obligations:
    alone(elder_lists.asked_for, viewer, obligations, day)
