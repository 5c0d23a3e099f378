"""资料与其他: work on data and archives, and the tasks that the buyer assigns besides."""

from lib.ui import frame, session, tasks, volumes

viewer = session.guard("progress/tasks")
day = frame.dated_header(viewer, "资料与其他")
kinds = volumes.recorded(tasks.TASK_KINDS)
volumes.pace(kinds, day)
for kind in kinds:
    volumes.heading(kind)
    volumes.volume(kind, day)
