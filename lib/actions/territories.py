"""Saying which team looks after which locality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import Viewer, may_assign, require
from lib.errors import RefusedError
from lib.store import audit, contracts, rosters, territories
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.rosters import Roster
    from lib.store.contracts import StoredContract


def assign(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    teams: Mapping[str, str | None],
    now: datetime,
) -> int:
    """Give localities, by code, to teams, with None to nobody; how many that changed.

    RefusedError for a locality or team that is on no roster: nothing is stored, and it is on record
    that it was asked for, since the page offers no such thing (spec §8).
    """
    require(may_assign(viewer), "安排分工")
    with reading(engine) as connection:
        is_known = _is_known(teams, rosters.load(connection, stored.id))
    with contracts.acting(engine, stored) as connection:
        if is_known:
            return _assign(connection, stored, viewer, teams, now)
        audit.record(
            connection, stored.id, at=now, viewer=viewer, act="assign_refused", subject="territory"
        )
    raise RefusedError("没有保存：名册里没有这个村（社区）或小组。请刷新后重试。")


def _is_known(teams: Mapping[str, str | None], roster: Roster) -> bool:
    wanted = {team for team in teams.values() if team is not None}
    return set(teams) <= set(roster.localities) and wanted <= set(roster.teams)


def _assign(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    teams: Mapping[str, str | None],
    now: datetime,
) -> int:
    held = territories.load(connection, stored.id)
    changes = {code: team for code, team in teams.items() if held.get(code) != team}
    if changes:
        territories.assign(connection, stored.id, changes, at=now, by=viewer.name)
        contracts.touch(connection, stored.id)
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act="assign_territories",
            subject="territory",
            before={code: held.get(code) for code in changes},
            after=changes,
        )
    return len(changes)
