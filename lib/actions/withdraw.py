"""Withdrawing an entry: an act of its own, with a reason; the entry stays readable (spec §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lib.access import Viewer, may_record, require
from lib.actions import reasons
from lib.actions.frozen import require_open
from lib.errors import RefusedError
from lib.kpi import effects, sums
from lib.periods import local_text
from lib.store import audit, contracts, ledger, lineage, rosters

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.kpi.effects import Effect
    from lib.kpi.scope import Scope
    from lib.store.contracts import StoredContract
    from lib.store.ledger import Held


def withdraw(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    entry_id: int,
    *,
    reason: str,
    now: datetime,
    shown: int | None = None,
) -> None:
    """Withdraw the latest version of an entry of the viewer's own team.

    RefusedError without a reason, when it is withdrawn already, or when `shown`, the version that
    was looked at, is no longer the latest; an entry that does not exist and one of another team
    are answered alike (spec §8).
    """
    why = reasons.given("撤回", reason)
    with contracts.acting(engine, stored) as connection:
        _withdraw(connection, stored, viewer, entry_id, shown=shown, reason=why, now=now)


def foreseen(engine: Engine, scope: Scope, viewer: Viewer, entry_id: int, now: datetime) -> Effect:
    """What withdrawing the entry would change of the figures; nothing is kept of it."""
    with contracts.rehearsing(engine, scope.stored) as connection:
        return effects.effect(
            connection,
            scope,
            lambda: _withdraw(connection, scope.stored, viewer, entry_id, reason="", now=now),
        )


def _withdraw(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    entry_id: int,
    *,
    reason: str,
    now: datetime,
    shown: int | None = None,
) -> None:
    found = own_entry(connection, stored, viewer, entry_id, "撤回这条记录")
    require_as_shown(connection, stored, found, shown)
    if not found.effective:
        last = lineage.last_act(connection, stored.id, entry_id)
        raise RefusedError(f"这条记录已经撤回：{local_text(last.at)}，{last.by}。")
    latest = [(entry_id, found.version)]
    lineage.withdraw(connection, stored.id, latest, at=now, by=viewer.name, reason=reason)
    sums.refresh(connection, stored.id, [found.day])
    contracts.touch(connection, stored.id)
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="withdraw",
        subject=f"entry {entry_id} v{found.version}",
        before={"effective": True},
        after={"effective": False},
    )


def own_entry(
    connection: Connection, stored: StoredContract, viewer: Viewer, entry_id: int, act: str
) -> Held:
    """The entry as it is held; NotPermittedError when it is not the viewer's to change.

    RefusedError when its month is closed. `act` names what was asked for.
    """
    found = ledger.held_entry(connection, stored.id, entry_id)
    roster = rosters.load(connection, stored.id)
    require(found is not None and may_record(viewer, found.people, roster), act)
    own = cast("Held", found)  # what is not there is nobody's
    require_open(connection, stored, [own.day])
    return own


def require_as_shown(
    connection: Connection, stored: StoredContract, found: Held, shown: int | None
) -> None:
    """RefusedError, saying who and when, if the entry's latest version is not the one looked at."""
    if shown not in (None, found.version):
        last = lineage.last_act(connection, stored.id, found.entry_id)
        raise RefusedError(
            f"这条记录刚有变化（{local_text(last.at)}，{last.by}），请看过现在的内容再决定。"
        )
