"""专项行动: the households reached and not reached, the problems found and what became of them."""

from lib.ui import campaign, frame, pieces, session, unreached
from lib.ui.alone import alone

viewer = session.guard("progress/campaign")
unreached.require_known()
day = frame.dated_header("专项行动")
obligations = campaign.obligations()
for obligation in obligations:
    pieces.kept(campaign.looked_at, obligation, day)
if obligations:
    alone(unreached.listing, viewer, obligations, day)
