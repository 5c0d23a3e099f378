"""一页简报: the overview on a sheet of paper, as of any day."""

from lib.ui import brief, frame, reads, session

session.guard("progress/brief")
brief.sheet(reads.overview(frame.dated_header("一页简报")))
