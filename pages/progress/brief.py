"""一页简报: the overview on a sheet of paper, as of any day."""

from lib.ui import brief, frame, reads, session

viewer = session.guard("progress/brief")
brief.sheet(reads.overview(frame.dated_header(viewer, "一页简报")))
