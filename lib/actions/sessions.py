"""Who is signed in, and ending it: the administrator sees and ends sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import may_administer, require
from lib.errors import RefusedError
from lib.store import accounts, audit, contracts
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.store.accounts import Live
    from lib.store.contracts import StoredContract


def live(engine: Engine, stored: StoredContract, viewer: Viewer, now: datetime) -> Sequence[Live]:
    """Every session in which somebody is signed in, by name, the last seen first."""
    require(may_administer(viewer), "查看登录情况")
    with reading(engine) as connection:
        return accounts.live_sessions(connection, stored.id, now)


def end(
    engine: Engine, stored: StoredContract, viewer: Viewer, session_id: int, now: datetime
) -> str:
    """End a session at its next click; whose it was. RefusedError when it is not live."""
    require(may_administer(viewer), "结束他人的登录")
    with contracts.acting(engine, stored) as connection:
        found = accounts.of_session(connection, stored.id, session_id, now)
        if found is None:
            raise RefusedError("这次登录已经结束了。")
        accounts.end_session(connection, stored.id, session_id, now)
        _record(connection, stored, viewer, found.account.name, 1, now)
        return found.account.name


def end_all(
    engine: Engine, stored: StoredContract, viewer: Viewer, name: str, now: datetime
) -> int:
    """End all sessions of an account at their next click; how many. RefusedError for none."""
    require(may_administer(viewer), "结束他人的登录")
    with contracts.acting(engine, stored) as connection:
        found = accounts.live_sessions(connection, stored.id, now)
        count = sum(each.viewer.name == name for each in found)
        if not count:
            raise RefusedError(f"“{name}”现在没有登录。")
        accounts.end_sessions(connection, stored.id, name, now)
        _record(connection, stored, viewer, name, count, now)
        return count


def _record(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    name: str,
    count: int,
    now: datetime,
) -> None:
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="end_sessions",
        subject=name,
        after={"sessions": count},
    )
