"""Counting a withdrawn entry again: a new version that says what the withdrawn one said."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from lib.actions import reasons
from lib.actions.withdraw import own_entry, require_as_shown
from lib.errors import RefusedError
from lib.kpi import effects, sums
from lib.logs.entry import Source
from lib.periods import local_text
from lib.store import audit, contracts, ledger, lineage
from lib.store.lineage import Repeat

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.kpi.effects import Effect
    from lib.kpi.scope import Scope
    from lib.store.contracts import StoredContract
    from lib.store.ledger import Receipt


def restore(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    entry_id: int,
    *,
    reason: str,
    now: datetime,
    shown: int | None = None,
) -> Receipt:
    """Count a withdrawn entry of the viewer's own team again, under a receipt of its own.

    RefusedError without a reason, when it counts already, or when `shown`, the version that was
    looked at, is no longer the latest.
    """
    why = reasons.given("重新计入", reason)
    with contracts.acting(engine, stored) as connection:
        return _restore(connection, stored, viewer, entry_id, shown=shown, reason=why, now=now)


def foreseen(engine: Engine, scope: Scope, viewer: Viewer, entry_id: int, now: datetime) -> Effect:
    """What counting the entry again would change of the figures; nothing is kept of it."""
    with contracts.rehearsing(engine, scope.stored) as connection:
        return effects.effect(
            connection,
            scope,
            lambda: _restore(connection, scope.stored, viewer, entry_id, reason="", now=now),
        )


def _restore(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    entry_id: int,
    *,
    reason: str,
    now: datetime,
    shown: int | None = None,
) -> Receipt:
    found = own_entry(connection, stored, viewer, entry_id, "重新计入这条记录")
    if found.effective:
        last = lineage.last_act(connection, stored.id, entry_id)
        raise RefusedError(f"这条记录已在计入：{local_text(last.at)}，{last.by}。")
    require_as_shown(connection, stored, found, shown)
    content = json.dumps({"restores": entry_id, "version": found.version}).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    ledger.keep_file(connection, stored.id, sha256, content, keep=True)
    facts = {
        "posted_at": now,
        "posted_by": viewer.name,
        "team": viewer.team,
        "file_name": f"重新计入_{entry_id}.json",
        "sha256": sha256,
        "added": 0,
        "corrected": 1,
        "unchanged": 0,
        "refused": 0,
        "source": str(Source.RESTORING),
        "reason": reason,
    }
    receipt = ledger.add_receipt(connection, stored.id, facts)
    again = Repeat(entry_id, version=found.version + 1, of=found.version, source_row=1)
    lineage.repeat(connection, stored.id, receipt.receipt_id, [again])
    sums.refresh(connection, stored.id, [found.day])
    contracts.touch(connection, stored.id)
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="restore",
        subject=f"entry {entry_id} v{again.version}",
        before={"effective": False},
        after={"effective": True, "receipt": receipt.number},
    )
    return receipt
