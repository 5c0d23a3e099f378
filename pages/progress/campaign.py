"""专项行动: the households reached and not reached, the problems found and what became of them."""

from lib.ui import campaign, frame, session, unreached

viewer = session.guard("progress/campaign")
among = unreached.asked()
day = frame.dated_header(viewer, "专项行动")
obligations = campaign.obligations()
for obligation in obligations:
    campaign.standing(obligation, day)
    campaign.progress(obligation, day)
if obligations:
    unreached.listing(viewer, obligations, among, day)
