"""Promising trips: which localities the lead's own team goes to on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import Viewer, may_promise, require
from lib.errors import RefusedError
from lib.store import audit, contracts, promises, rosters
from lib.store.promises import Promise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract


def plan(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    day: date,
    localities: Iterable[str],
    *,
    today: date,
    now: datetime,
) -> int:
    """Make these localities, by code, the whole plan of the viewer's team for a day.

    What is not among them is taken back; how many trips that changed, 0 for the same plan again.
    RefusedError for a day gone by or outside the contract, and for a locality on no roster.
    """
    require(may_promise(viewer), "安排出行计划")
    terms, wanted = stored.terms, frozenset(localities)
    if not max(today, terms.start) <= day <= terms.end:
        raise RefusedError(f"只能安排今天到合同结束日（{terms.end}）之间的日子。")
    with contracts.acting(engine, stored) as connection:
        if not wanted <= set(rosters.load(connection, stored.id).localities):
            raise RefusedError("没有保存：名册里没有这个村（社区）。请刷新后重试。")
        return _plan(connection, stored, viewer, day, wanted, now)


def _plan(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    day: date,
    wanted: frozenset[str],
    now: datetime,
) -> int:
    team = viewer.team or ""
    held = promises.of_day(connection, stored.id, team, day)
    new, dropped = wanted - held, held - wanted
    if new or dropped:
        promises.remove(connection, stored.id, team, day, dropped)
        trips = [Promise(team, day, code) for code in sorted(new)]
        promises.add(connection, stored.id, trips, at=now, by=viewer.name)
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act="promise_trips",
            subject=f"{team} {day}",
            before={"localities": sorted(held)},
            after={"localities": sorted(wanted)},
        )
    return len(new) + len(dropped)
