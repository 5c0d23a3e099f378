"""Undoing a receipt: what it brought stops counting, what it corrected says again what it said.

Nothing is deleted: the undoing is a receipt of its own, with new versions and withdrawals. An entry
that was changed since, or is of a closed month, stays as it is. An undoing is not undone in its
turn: the file is uploaded again, its withdrawn rows counted again by `post(restore=True)`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, cast

from lib.access import Viewer, may_record, may_undo, require
from lib.actions import reasons
from lib.actions.frozen import frozen
from lib.errors import RefusedError
from lib.kpi import effects, sums
from lib.logs.entry import Source
from lib.periods import local_text
from lib.store import audit, contracts, ledger, lineage, rosters
from lib.store.engine import reading
from lib.store.lineage import Repeat

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.actions.frozen import Frozen
    from lib.kpi.effects import Effect
    from lib.kpi.scope import Scope
    from lib.rosters import Roster
    from lib.store.contracts import StoredContract
    from lib.store.ledger import Receipt
    from lib.store.lineage import Life


@dataclass(frozen=True)
class Undone:
    """An entry that the undoing changes: its latest version, and the one that it goes back to.

    `back_to` None: the receipt brought the entry, and it is withdrawn as it is. It goes on counting
    (`counts`) when it counted before the receipt.
    """

    entry_id: int
    version: int
    back_to: int | None
    counts: bool


class Why(StrEnum):
    """Why an entry of the receipt stays as it is."""

    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    OTHER_TEAM = "other_team"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The reason as the team lead reads it."""
        return _LABELS[self]


_LABELS = {
    Why.CHANGED: "后来另有更正",
    Why.WITHDRAWN: "后来已撤回",
    Why.OTHER_TEAM: "已不是本组人员的记录",
    Why.CLOSED: "所在月份已签认封存",
}


@dataclass(frozen=True)
class Left:
    """An entry that the undoing leaves as it is: its latest version, and why."""

    entry_id: int
    version: int
    why: Why


@dataclass(frozen=True)
class Undoing:
    """What undoing a receipt would do, entry by entry."""

    receipt: Receipt
    undone: tuple[Undone, ...]
    left: tuple[Left, ...]

    @property
    def withdrawn(self) -> tuple[Undone, ...]:
        """The entries that stop counting."""
        return tuple(each for each in self.undone if not each.counts)

    @property
    def set_back(self) -> tuple[Undone, ...]:
        """The entries that say again what they said before, and count."""
        return tuple(each for each in self.undone if each.counts)

    @cached_property
    def content(self) -> bytes:
        """The undoing's own file: JSON, a line for the receipt and one for each entry.

        It names nobody. The line of an entry is the row from which its new version comes.
        """
        return "".join(f"{json.dumps(line)}\n" for line in self._lines()).encode()

    def _lines(self) -> Iterator[Mapping[str, object]]:
        yield {"undoes": self.receipt.number}
        for each in self.undone:
            line = {"entry": each.entry_id, "version": each.version, "counts": each.counts}
            yield line | ({"back_to": each.back_to} if each.back_to else {})
        for other in self.left:
            yield {"entry": other.entry_id, "version": other.version, "left": str(other.why)}

    @property
    def sha256(self) -> str:
        """What tells this undoing from any other."""
        return hashlib.sha256(self.content).hexdigest()


_FIRST_ENTRY = 2  # its line in the undoing's file


def plan(engine: Engine, stored: StoredContract, viewer: Viewer, receipt_id: int) -> Undoing:
    """What undoing a receipt of the viewer's own team would do now; see `undo` for refusals."""
    with reading(engine) as connection:
        return _plan(connection, stored, viewer, receipt_id)


def foreseen(
    engine: Engine, scope: Scope, viewer: Viewer, receipt_id: int, now: datetime
) -> Effect:
    """What undoing the receipt would change of the figures; nothing is kept of it."""
    with contracts.rehearsing(engine, scope.stored) as connection:
        undoing = _plan(connection, scope.stored, viewer, receipt_id)
        return effects.effect(
            connection,
            scope,
            lambda: _write(connection, scope.stored, viewer, undoing, reason="", now=now),
        )


def undo(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    receipt_id: int,
    *,
    reason: str,
    now: datetime,
    shown: str = "",
) -> Receipt:
    """Undo a receipt of the viewer's own team in one transaction, planned under the lock.

    RefusedError without a reason; of an undoing, of a receipt undone already (saying by whom and
    when) or of which nothing is left to undo; and when it is no longer the undoing that was
    `shown`, given by its `sha256`. A receipt that does not exist and one of another team are
    answered alike (spec §8).
    """
    why = reasons.given("撤销", reason)
    with contracts.acting(engine, stored) as connection:
        undoing = _plan(connection, stored, viewer, receipt_id)
        if shown not in ("", undoing.sha256):
            raise RefusedError("刚有别的过账或撤回，撤销的内容已不同。请按现在的情况再核对一遍。")
        return _write(connection, stored, viewer, undoing, reason=why, now=now)


def _plan(
    connection: Connection, stored: StoredContract, viewer: Viewer, receipt_id: int
) -> Undoing:
    receipt = ledger.receipt_of(connection, stored.id, receipt_id)
    require(receipt is not None and may_undo(viewer, receipt.team), "撤销这张回执")
    found = cast("Receipt", receipt)  # what is not there is nobody's
    if found.source == Source.UNDOING:
        raise RefusedError(
            "撤销不能再撤销。要让撤回的内容重新计入，请重新上传原文件并勾选“重新计入”。"
        )
    by = ledger.undoing_of(connection, stored.id, receipt_id)
    if by:
        when = local_text(by.posted_at)
        raise RefusedError(f"这张回执已于 {when} 由 {by.posted_by} 撤销，见回执 {by.number}。")
    roster = rosters.load(connection, stored.id)
    lives = lineage.lives(connection, stored.id, receipt_id)
    closed = frozen(connection, stored)
    fates = [_fate(life, receipt_id, viewer, roster, closed) for life in lives]
    undone = tuple(fate for fate in fates if isinstance(fate, Undone))
    if not undone:
        raise RefusedError(
            closed.sentence(life.day for life in lives)
            or "这张回执带来的内容后来都另有更正或撤回，没有可撤销的。"
        )
    return Undoing(found, undone, tuple(fate for fate in fates if isinstance(fate, Left)))


def _fate(
    life: Life, receipt_id: int, viewer: Viewer, roster: Roster, closed: Frozen
) -> Undone | Left:
    """What undoing the receipt means for one of its entries."""
    brought, latest = life.brought[receipt_id], life.latest
    if life.day in closed:
        return Left(life.entry_id, latest.version, Why.CLOSED)
    if life.origin != brought:
        return Left(life.entry_id, latest.version, Why.CHANGED)
    if latest.withdrawn:
        return Left(life.entry_id, latest.version, Why.WITHDRAWN)
    if not may_record(viewer, life.people, roster):
        return Left(life.entry_id, latest.version, Why.OTHER_TEAM)
    if brought == 1:
        return Undone(life.entry_id, latest.version, None, counts=False)
    counted = not life.is_withdrawn(brought - 1)
    return Undone(life.entry_id, latest.version, brought - 1, counts=counted)


def _write(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    undoing: Undoing,
    *,
    reason: str,
    now: datetime,
) -> Receipt:
    """Write one undoing: file, receipt, versions, withdrawals and the audit line."""
    ledger.keep_file(connection, stored.id, undoing.sha256, undoing.content, keep=True)
    counts = {
        "withdrawn": len(undoing.withdrawn),
        "corrected": len(undoing.set_back),
        "unchanged": len(undoing.left),
    }
    facts = {
        "posted_at": now,
        "posted_by": viewer.name,
        "team": undoing.receipt.team,
        "file_name": f"撤销回执_{undoing.receipt.number}.jsonl",
        "sha256": undoing.sha256,
        "added": 0,
        "refused": 0,
        "source": str(Source.UNDOING),
        "reason": reason,
        "undoes": undoing.receipt.receipt_id,
        **counts,
    }
    receipt = ledger.add_receipt(connection, stored.id, facts)
    _change(connection, stored, viewer, undoing, receipt)
    days = lineage.days_changed(connection, stored.id, receipt.receipt_id)
    sums.refresh(connection, stored.id, days)
    contracts.touch(connection, stored.id)
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="undo",
        subject=undoing.receipt.number,
        before={"added": undoing.receipt.added, "corrected": undoing.receipt.corrected},
        after={"receipt": receipt.number, "sha256": undoing.sha256, **counts},
    )
    return receipt


def _change(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    undoing: Undoing,
    receipt: Receipt,
) -> None:
    """Put earlier contents back, and mark what no longer counts."""
    repeats = [
        Repeat(each.entry_id, each.version + 1, each.back_to, source_row=line)
        for line, each in enumerate(undoing.undone, _FIRST_ENTRY)
        if each.back_to
    ]
    lineage.repeat(connection, stored.id, receipt.receipt_id, repeats)
    lineage.withdraw(
        connection,
        stored.id,
        [(each.entry_id, each.version + bool(each.back_to)) for each in undoing.withdrawn],
        at=receipt.posted_at,
        by=viewer.name,
        reason=receipt.reason or "",
        receipt_id=receipt.receipt_id,
    )
