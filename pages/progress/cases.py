"""申请与调查: the applications accepted, those surveyed, those waiting, and the work on them."""

from lib.ui import cases, frame, pieces, session

session.guard("progress/cases")
day = frame.dated_header("申请与调查")
obligations = cases.obligations()
with pieces.together():
    for obligation in obligations:
        cases.looked_at(obligation, day)
