"""资料与其他: work on data and archives, and the tasks that the buyer assigns besides."""

from lib.ui import frame, pieces, session, tasks, volumes

session.guard("progress/tasks")
day = frame.dated_header("资料与其他")
kinds = volumes.recorded(tasks.TASK_KINDS)
pieces.kept(volumes.all_looked_at, kinds, day)
