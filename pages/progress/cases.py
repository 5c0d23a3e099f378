"""申请与调查: the applications accepted, those surveyed, those waiting, and the work on them."""

from lib.ui import cases, frame, session

viewer = session.guard("progress/cases")
day = frame.dated_header(viewer, "申请与调查")
for obligation in cases.obligations():
    cases.standing(obligation, day)
    cases.waiting(obligation, day)
    cases.times(obligation, day)
    cases.months(obligation, day)
    cases.opened(obligation, day)
    cases.work(obligation, day)
