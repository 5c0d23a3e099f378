"""Whose findings are: a team's own are those with an entry of the team's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.store.ledger import LATEST_PEOPLE, LATEST_STAFF
from lib.store.schema import entry, entry_person, staff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from lib.findings.found import Finding
    from lib.kpi.scope import Scope


def own_entries(connection: Connection, scope: Scope, team: str) -> frozenset[int]:
    """The entries, of whatever day, that are a team's own: one of their people belongs to it."""
    query = (
        select(entry.c.entry_id)
        .select_from(LATEST_STAFF)
        .where(entry.c.contract_id == scope.contract_id, staff.c.team == team)
    )
    return frozenset(connection.execute(query).scalars())


def among(found: Iterable[Finding], entries: frozenset[int]) -> Sequence[Finding]:
    """The findings in which there is one of these entries."""
    return [each for each in found if any(row.entry_id in entries for row in each.rows)]


def people(connection: Connection, contract_id: int, finding: Finding) -> frozenset[str]:
    """The people, by code, of all entries in a finding."""
    query = (
        select(entry_person.c.staff)
        .distinct()
        .select_from(LATEST_PEOPLE)
        .where(
            entry.c.contract_id == contract_id,
            entry.c.entry_id.in_([row.entry_id for row in finding.rows]),
        )
    )
    return frozenset(connection.execute(query).scalars())
