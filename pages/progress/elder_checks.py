"""老人核查: whether every elder is seen as often as agreed, and who is still to be seen."""

from lib.ui import elder_checks, elder_lists, frame, session

viewer = session.guard("progress/elder_checks")
day = frame.dated_header(viewer, "老人核查")
obligations = elder_checks.measured(day)

for obligation in obligations:
    elder_checks.standing(obligation, day)
    elder_checks.months(obligation, day)
if obligations:
    elder_lists.asked_for(viewer, obligations, day)
