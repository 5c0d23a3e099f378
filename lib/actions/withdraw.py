"""Withdrawing an entry: an act of its own, with a reason; the entry stays readable (spec §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import Viewer, may_record, require
from lib.errors import RefusedError
from lib.store import audit, contracts, ledger, rosters
from lib.text import tidy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract


def withdraw(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    entry_id: int,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Withdraw the latest version of an entry of the viewer's own team.

    RefusedError without a reason or when it is withdrawn already; an entry that does not exist
    and one of another team are answered alike (spec §8).
    """
    if not tidy(reason):
        raise RefusedError("撤回必须写明原因。")
    with contracts.acting(engine, stored) as connection:
        found = ledger.held_entry(connection, stored.id, entry_id)
        roster = rosters.load(connection, stored.id)
        require(found is not None and may_record(viewer, found.people, roster), "撤回这条记录")
        if found is None or not found.effective:
            raise RefusedError("这条记录已经撤回。")
        ledger.withdraw(connection, stored.id, found, at=now, by=viewer.name, reason=tidy(reason))
        contracts.touch(connection, stored.id)
        audit.record(
            connection,
            stored.id,
            at=now,
            by=viewer.name,
            act="withdraw",
            subject=f"entry {entry_id} v{found.version}",
            before={"effective": True},
            after={"effective": False},
        )
