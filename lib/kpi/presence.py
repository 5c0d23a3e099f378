"""Which team works where: the entries of each team by locality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import distinct, func, select

from lib.kpi.scope import counted
from lib.store.ledger import LATEST_STAFF
from lib.store.schema import entry, entry_version, staff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Select

    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Presence:
    """The team with the most entries in a locality, and how many it has there."""

    team: str
    entries: int


def busiest(connection: Connection, scope: Scope) -> Mapping[str, Presence]:
    """The busiest team of each locality with entries, by its code; of two alike the first by name.

    An entry is a team's own when one of its people belongs to that team: it may be two teams'.
    """
    found: dict[str, Presence] = {}
    for place, team, number in connection.execute(_by_team(scope)):
        if place not in found:
            found[place] = Presence(team, number)
    return found


def _by_team(scope: Scope) -> Select[Any]:
    """Localities, teams and their entries there, the most first."""
    number = func.count(distinct(entry.c.entry_id))
    return (
        select(entry_version.c.locality, staff.c.team, number)
        .select_from(LATEST_STAFF)
        .where(counted(scope), entry_version.c.locality.is_not(None))
        .group_by(entry_version.c.locality, staff.c.team)
        .order_by(number.desc(), staff.c.team)
    )
