"""特困老人: one elder: who it is, every month's visits, what each visit found."""

from lib.ui import elder, frame, session

viewer = session.guard("progress/elder")
day = frame.dated_header("特困老人")
elder.page(viewer, day)
