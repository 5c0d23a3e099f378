"""培训与宣传: the trainings held and those that count, and what is done to make policies known."""

from lib.ui import frame, session, trainings, volumes

viewer = session.guard("progress/trainings")
day = frame.dated_header(viewer, "培训与宣传")
for obligation in trainings.obligations():
    trainings.standing(obligation, day)
    trainings.held(viewer, obligation, day)
    trainings.sorts(obligation, day)
for kind in volumes.recorded(trainings.PUBLIC_KINDS):
    volumes.heading(kind)
    volumes.pace([kind], day)
    volumes.volume(kind, day)
