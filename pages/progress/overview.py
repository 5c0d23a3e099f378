"""合同总览: how the contract stands, at a glance, as of any day."""

from lib.ui import finding_marks, frame, overview, pieces, session

viewer = session.guard("progress/overview")
with pieces.together():
    day = frame.dated_header("合同总览")
    pieces.kept(overview.shown, day, finding_marks.attention(viewer))
