"""Territories in the store: which team looks after which locality; without one, all teams do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from lib.store.schema import territory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


def load(connection: Connection, contract_id: int) -> Mapping[str, str]:
    """The team that looks after each locality, by the locality's code."""
    query = select(territory.c.locality, territory.c.team)
    found = connection.execute(query.where(territory.c.contract_id == contract_id))
    return {row.locality: row.team for row in found}


def assign(
    connection: Connection,
    contract_id: int,
    teams: Mapping[str, str | None],
    *,
    at: datetime,
    by: str,
) -> None:
    """Give these localities to these teams; with None to nobody. All others stay as they are."""
    if not teams:
        return
    listed = territory.c.locality.in_(teams)
    connection.execute(delete(territory).where(territory.c.contract_id == contract_id, listed))
    rows = [
        {
            "contract_id": contract_id,
            "locality": code,
            "team": team,
            "assigned_at": at,
            "assigned_by": by,
        }
        for code, team in teams.items()
        if team is not None
    ]
    if rows:
        connection.execute(insert(territory), rows)
