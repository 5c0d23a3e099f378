"""The names of elders and households as one viewer may see them (spec §6); names out of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.access import masked_name, sees_name_at
from lib.store import territories
from lib.store.ledger import LATEST_STAFF
from lib.store.schema import entry, entry_version, staff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.kpi.scope import Scope
    from lib.rosters import Elder, Household, Roster


@dataclass(frozen=True)
class Met:
    """The elders and households, by code, that a team has entries about."""

    elders: frozenset[str] = frozenset()
    households: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Names:
    """Who looks, which team looks after which locality, and whom the viewer's own team has met."""

    viewer: Viewer
    teams: Mapping[str, str]
    met: Met

    def of_elder(self, elder: Elder) -> str:
        """An elder's name, masked for those who need not know it."""
        return self._shown(elder.name, elder.locality, met=elder.code in self.met.elders)

    def of_household(self, household: Household) -> str:
        """The name of a household's head, masked for those who need not know it."""
        met = household.code in self.met.households
        return self._shown(household.head_name, household.locality, met=met)

    def _shown(self, name: str, locality: str, *, met: bool) -> str:
        full = sees_name_at(self.viewer, self.teams.get(locality), met=met)
        return name if full else masked_name(name)


def without_names(text: str, roster: Roster) -> str:
    """The text with every name of the rosters masked; of several at one place, the longest."""
    told, at = [], 0
    while at < len(text):
        possible = roster.names.get(text[at], ())
        name = next((each for each in possible if text.startswith(each, at)), "")
        told.append(masked_name(name) or text[at])
        at += len(name) or 1
    return "".join(told)


def as_seen_by(connection: Connection, scope: Scope, viewer: Viewer) -> Names:
    """What the viewer sees of names at this moment."""
    teams = territories.load(connection, scope.contract_id)
    met = _met(connection, scope, viewer.team) if viewer.team else Met()
    return Names(viewer, teams, met)


def _met(connection: Connection, scope: Scope, team: str) -> Met:
    """Whom the team's own effective entries are about, of whatever day.

    An entry is a team's own when one of its people belongs to that team.
    """
    query = (
        select(entry_version.c.elder, entry_version.c.household)
        .distinct()
        .select_from(LATEST_STAFF)
        .where(entry.c.contract_id == scope.contract_id, entry.c.effective, staff.c.team == team)
    )
    found = connection.execute(query).all()
    return Met(
        frozenset(row.elder for row in found if row.elder),
        frozenset(row.household for row in found if row.household),
    )
