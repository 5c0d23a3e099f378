"""各合同: every contract of the store beside the others, for those who were let see them."""

from lib.ui import all_contracts, frame, session

viewer = session.guard("progress/contracts")
day = frame.dated_header("各合同", all_contracts.days(viewer))
every = all_contracts.stands(viewer, day)

all_contracts.summary(every, day)
all_contracts.table(all_contracts.chosen(every), day)
