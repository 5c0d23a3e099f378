"""合同条款: what the contract asks for, clause by clause, and how each stands."""

from lib.ui import frame, session

viewer = session.guard("acceptance/obligations")
frame.header(viewer, "合同条款")
