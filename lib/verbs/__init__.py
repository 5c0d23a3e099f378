"""The operator's verbs (spec §7): each takes what was asked, does it, gives the exit status."""
