"""What a form offers to choose from: staff, places, elders, households, the likely ones first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lib.kpi import owed
from lib.rosters import Elder, Household
from lib.ui import reads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from lib.access import Viewer
    from lib.kpi.names import Names
    from lib.logs.kind import LogKind
    from lib.rosters import Member, Roster, Staff


@dataclass
class Choosable:
    """What can be chosen for one kind of entry, as one viewer may see it on a day.

    The words stay as they are first given: a browser names its choice by them, and a choice whose
    words have changed is lost.
    """

    viewer: Viewer
    roster: Roster
    kind: LogKind
    as_of: date
    _given: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def own_staff(self, day: date, chosen: frozenset[str]) -> Mapping[str, str]:
        """Names by code of the own team's people on post, and of those chosen already."""
        return self._staff(day, chosen, own=True)

    def other_staff(self, day: date, chosen: frozenset[str]) -> Mapping[str, str]:
        """Names by code of other teams' people on post, and of those chosen already."""
        return self._staff(day, chosen, own=False)

    def _staff(self, day: date, chosen: frozenset[str], *, own: bool) -> Mapping[str, str]:
        return {
            code: self._called(person)
            for code, person in self.roster.staff.items()
            if (person.team == self.viewer.team) is own
            and (day in person.on_post or code in chosen)
        }

    def _called(self, person: Staff) -> str:
        """The name; the code with it where two share one."""
        shared = len(self.roster.staff_by_name[person.name]) > 1
        return f"{person.name} {person.code}" if shared else person.name

    def members(self, sheet: str) -> Mapping[str, str]:
        """Members of a roster's sheet in words, by code.

        First those of the own team's places who are still owed something by this kind, then those
        of places that are nobody's, then those of other teams', then all others.
        """
        if sheet not in self._given:
            self._given[sheet] = self._members(sheet)
        return self._given[sheet]

    def _members(self, sheet: str) -> Mapping[str, str]:
        members, waiting = self.roster.members(sheet), self._owed(sheet)
        seen = reads.names(self.viewer, self.as_of)
        order = {code: self._rank(member, seen, waiting) for code, member in members.items()}
        return {
            code: self._words(members[code], seen, owed=code in waiting)
            for code in sorted(members, key=order.__getitem__)
        }

    def _owed(self, sheet: str) -> frozenset[str]:
        """The codes of those who are still owed an entry of this kind."""
        found = reads.of(owed.owed, self.as_of)
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
