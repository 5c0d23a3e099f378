"""培训与宣传: the trainings held and those that count, and what is done to make policies known."""

from lib.ui import frame, pieces, session, trainings, volumes

viewer = session.guard("progress/trainings")
day = frame.dated_header("培训与宣传")
for obligation in trainings.obligations():
    pieces.kept(trainings.looked_at, viewer, obligation, day)
for kind in volumes.recorded(trainings.PUBLIC_KINDS):
    pieces.kept(volumes.looked_at, kind, day)
