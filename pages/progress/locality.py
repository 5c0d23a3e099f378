"""一个村（社区）: its figures whole and by month, its elders and households."""

from lib.ui import frame, place, reads, session

viewer = session.guard("progress/locality")
roster = reads.roster()
shown = place.asked(roster)
day = frame.dated_header(viewer, shown.name)
place.by_month(place.summary(shown, day), day)
place.elders(viewer, roster, shown, day)
place.households(viewer, roster, shown, day)
