"""What a form offers to choose from: staff, places, elders, households, the likely ones first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.kpi import names, owed
from lib.rosters import Elder, Household
from lib.ui import reads
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from lib.access import Viewer
    from lib.kpi.names import Names
    from lib.logs.kind import LogKind
    from lib.rosters import Member, Roster


@dataclass(frozen=True)
class Choosable:
    """What can be chosen for one kind of entry on one day, as one viewer may see it."""

    viewer: Viewer
    roster: Roster
    kind: LogKind
    day: date

    def own_staff(self, chosen: frozenset[str]) -> Mapping[str, str]:
        """Names by code of the own team's people on post, and of those chosen already."""
        return self._staff(chosen, own=True)

    def other_staff(self, chosen: frozenset[str]) -> Mapping[str, str]:
        """Names by code of other teams' people on post, and of those chosen already."""
        return self._staff(chosen, own=False)

    def _staff(self, chosen: frozenset[str], *, own: bool) -> Mapping[str, str]:
        return {
            code: person.name
            for code, person in self.roster.staff.items()
            if (person.team == self.viewer.team) is own
            and (self.day in person.on_post or code in chosen)
        }

    def members(self, sheet: str, chosen: str | None) -> Mapping[str, str]:
        """Members of a roster's sheet in words, by code.

        First those of the own team's places who are still owed something by this kind, then those
        of places that are nobody's, then all others of whom the roster holds on that day.
        """
        members = {
            code: member
            for code, member in self.roster.members(sheet).items()
            if code == chosen or not isinstance(member, Elder) or self.day in member.on_roster
        }
        waiting = self._owed(sheet)
        seen = reads.of(names.as_seen_by, self._as_of, self.viewer)
        order = {code: self._rank(member, seen, waiting) for code, member in members.items()}
        return {
            code: self._words(members[code], seen, owed=code in waiting)
            for code in sorted(members, key=order.__getitem__)
        }

    @property
    def _as_of(self) -> date:
        return office().contract.as_of(self.day, self.day)

    def _owed(self, sheet: str) -> frozenset[str]:
        """The codes of those who are still owed an entry of this kind."""
        found = reads.of(owed.owed, self._as_of)
        codes = (getattr(each, sheet) for each in found if each.kind == self.kind.slug)
        return frozenset(code for code in codes if code)

    def _rank(self, member: Member, seen: Names, waiting: frozenset[str]) -> int:
        if member.code not in waiting:
            return 3
        return {self.viewer.team: 0, None: 1}.get(seen.teams.get(_place(member)), 2)

    def _words(self, member: Member, seen: Names, *, owed: bool) -> str:
        """Code, name and place; the name as the viewer may see it."""
        place = self.roster.localities[_place(member)].name
        match member:
            case Elder():
                words = f"{member.code} {seen.of_elder(member)} {place}"
            case Household():
                words = f"{member.code} {seen.of_household(member)} {place}"
            case _:
                words = place
        return f"{words}（待访）" if owed else words


def _place(member: Member) -> str:
    """The code of the locality where a member lives, or which it is."""
    return member.locality if isinstance(member, Elder | Household) else member.code
