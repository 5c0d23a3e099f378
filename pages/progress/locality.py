"""一个村（社区）: its figures whole and by month, what is open, its elders and households."""

from lib.ui import frame, place, reads, session

viewer = session.guard("progress/locality")
roster = reads.roster()
shown = place.asked(roster)
day = frame.dated_header(shown.name)
here = place.Here(reads.names(viewer, day), roster, shown, day)

place.by_month(here, place.summary(here))
place.problems(here)
place.applications(here)
place.elders(here)
place.households(here)
