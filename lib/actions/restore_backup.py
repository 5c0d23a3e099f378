"""Restoring a backup: into an empty store, whole or not at all; and the drill that tries it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import may_administer, require
from lib.actions import standing
from lib.errors import StoreError
from lib.kpi import sums
from lib.store import accounts, audit, contracts, heads, made_files
from lib.store.backup import loading
from lib.store.backup.container import DamagedError, opened
from lib.store.engine import open_store, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.store.backup.container import Opened
    from lib.store.backup.manifest import Manifest
    from lib.store.blobs import Blobs

_LOG = logging.getLogger(__name__)
RESTORED = "restore_backup"


@dataclass(frozen=True)
class Restored:
    """A backup as it was found; `differences` are what was not as signed, in words."""

    sha256: str
    manifest: Manifest
    differences: tuple[str, ...]


def restore(
    engine: Engine,
    path: Path,
    blobs: Blobs,
    viewer: Viewer,
    now: datetime,
    *,
    accept_differences: bool = False,
) -> Restored:
    """Restore a backup into an empty store, on record; nobody stays signed in.

    Rows, audit log and figures are compared with the backup before anything of it counts. A store
    in which something is not as it was signed is restored only when that is accepted.
    """
    require(may_administer(viewer), "恢复备份")
    with opened(path) as backup, writing(engine, spills=True) as connection:
        differences = _filled(connection, backup)
        if differences and not accept_differences:
            raise DamagedError(
                f"备份里的内容与签认时不同：{differences[0]}。没有恢复；请改用更早的备份。"
                "确实要恢复这一份来查证的，加 --accept-differences。"
            )
        loading.put_pictures(backup, blobs)
        accounts.end_all(connection, now)
        made_files.clear_all(connection)
        contracts.touch_all(connection)
        _record(connection, backup, viewer, now)
    _note_outside(engine, backup, viewer, now)
    return Restored(backup.sha256, backup.manifest, tuple(differences))


def _note_outside(engine: Engine, backup: Opened, viewer: Viewer, now: datetime) -> None:
    """Note outside the database to which line each audit log was put back.

    What is kept there of later lines is then known to be lost, not cut off. The store stands in any
    case; without the note, verifying says that lines are missing.
    """
    path = heads.place(engine)
    if path is None:
        return
    for each in backup.manifest.contracts:
        head = audit.Head(each.lines, each.last_hash, now)
        try:
            heads.restored(path, each.code, head, by=viewer.name, at=now)
        except OSError as error:
            _LOG.error("restoring not noted: %s", error.strerror)


def check(path: Path, folder: Path) -> Restored:
    """Restore a backup into a store in an empty folder, which can be thrown away; nothing else."""
    with opened(path) as backup:
        return Restored(backup.sha256, backup.manifest, tuple(drilled(backup, folder)))


def drilled(backup: Opened, folder: Path) -> list[str]:
    """What differs, in words, in a store made from the backup; StoreError when none can be made."""
    with _thrown_away(folder) as engine, writing(engine, spills=True) as connection:
        differences = _filled(connection, backup)
        connection.rollback()
    return differences


@contextmanager
def _thrown_away(folder: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{folder / 'drill.db'}")
    try:
        yield engine
    finally:
        engine.dispose()


def _filled(connection: Connection, backup: Opened) -> list[str]:
    """Fill an empty store and compare it with how the backup's stood; what differs, in words.

    What differed then already is a difference too; StoreError for whatever stands otherwise now.
    """
    loading.require_whole(backup.manifest, backup.pictures)
    loading.load(connection, backup)
    for contract_id, _, _ in contracts.listed(connection):
        sums.rebuild(connection, contract_id)  # what is derived is not taken from a file
    then = backup.manifest.contracts
    now = standing.again(connection, then)
    differences = [words for each in now for words in each.differences]
    if tuple(now) != then:
        words = f"：{differences[0]}" if differences else ""
        raise StoreError(
            f"恢复出来的数字或审计记录与备份时不同{words}。"
            "备份不完整或被改动过，没有恢复；请改用另一份备份。"
        )
    for each in now:
        differences += standing.figures_differ(connection, each)
    return differences


def _record(connection: Connection, backup: Opened, viewer: Viewer, now: datetime) -> None:
    """A line in the log of every contract: from which backup, and after which line."""
    for each in backup.manifest.contracts:
        audit.record(
            connection,
            each.contract_id,
            at=now,
            viewer=viewer,
            act=RESTORED,
            subject=backup.sha256,
            after={"rows": backup.manifest.rows, "last_line": each.lines},
        )
