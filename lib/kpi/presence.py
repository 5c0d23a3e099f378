"""Which team works where: the entries of each team by locality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, distinct, func, select

from lib.kpi.scope import counted
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_person, entry_version, staff

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
    person = and_(
        entry_person.c.contract_id == entry.c.contract_id,
        entry_person.c.entry_id == entry.c.entry_id,
        entry_person.c.version == entry.c.version,
    )
    member = and_(
        staff.c.contract_id == entry_person.c.contract_id, staff.c.code == entry_person.c.staff
    )
    number = func.count(distinct(entry.c.entry_id))
    return (
        select(entry_version.c.locality, staff.c.team, number)
        .select_from(LATEST.join(entry_person, person).join(staff, member))
        .where(counted(scope), entry_version.c.locality.is_not(None))
        .group_by(entry_version.c.locality, staff.c.team)
        .order_by(number.desc(), staff.c.team)
    )
