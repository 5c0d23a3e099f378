"""Names out of texts that somebody wrote: a report names nobody unless asked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import masked_name

if TYPE_CHECKING:
    from lib.rosters import Roster


def without_names(text: str, roster: Roster) -> str:
    """The text with every name of the rosters masked, long ones first: one may hold another."""
    for name in sorted(_names(roster), key=len, reverse=True):
        text = text.replace(name, masked_name(name))
    return text


def _names(roster: Roster) -> set[str]:
    return {
        *(person.name for person in roster.staff.values()),
        *(elder.name for elder in roster.elders.values()),
        *(household.head_name for household in roster.households.values()),
    }
