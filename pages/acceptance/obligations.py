"""合同条款: what the contract asks for, clause by clause, and how each stands."""

from lib.ui import frame, obligations, session

viewer = session.guard("acceptance/obligations")
obligations.page(viewer, frame.dated_header("合同条款"))
