"""Backing up: written while others go on working, tried out, and only then counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.access import may_administer, require
from lib.actions.restore_backup import drilled
from lib.actions.standing import standings
from lib.errors import StoreError
from lib.store import audit, contracts
from lib.store.backup import folder as backups
from lib.store.backup.container import opened
from lib.store.backup.snapshot import snapshot
from lib.store.backup.writing import write
from lib.store.engine import writing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.store.backup.folder import Keep
    from lib.store.backup.manifest import Manifest
    from lib.store.blobs import Blobs
    from lib.store.contracts import StoredContract

BACKED_UP = "backup"


@dataclass(frozen=True)
class BackedUp:
    """A backup that was tried out; `differences` are what was not as signed, in words.

    `removed` are older ones that it took the place of: none while anything differs or is lost.
    """

    path: Path
    sha256: str
    manifest: Manifest
    differences: tuple[str, ...]
    removed: tuple[Path, ...]


def back_up(
    engine: Engine,
    stored: StoredContract,
    blobs: Blobs,
    viewer: Viewer,
    folder: Path,
    keep: Keep,
    *,
    today: Callable[[], date],
    now: Callable[[], datetime],
) -> BackedUp:
    """Write a backup of the whole store into a folder, try it out, and put it on record.

    It is restored into a store that is thrown away, and rows, audit log and figures are compared;
    only then it gets its name, and older ones are taken away. StoreError says why there is none.
    """
    require(may_administer(viewer), "备份")
    try:
        with backups.unfinished(folder) as place:
            path = place / "backup.zip"
            _write(engine, stored, blobs, path, today(), now())
            with opened(path) as backup:
                differences = tuple(drilled(backup, place))
            final = backups.finish(path, folder, now())
            _record(engine, viewer, backup.sha256, backup.manifest, now())
            sound = not (differences or backup.manifest.lost)
            removed = _rotated(folder, final, keep) if sound else ()
    except OSError as error:
        raise StoreError(
            f"备份没有做成：文件夹 {folder} 写不进去，请核对权限和剩余空间；原有的备份都还在。"
        ) from error
    return BackedUp(final, backup.sha256, backup.manifest, differences, removed)


def _write(
    engine: Engine,
    stored: StoredContract,
    blobs: Blobs,
    path: Path,
    today: date,
    now: datetime,
) -> None:
    path.touch(0o600, exist_ok=False)
    with (
        path.open("r+b") as file,
        snapshot(engine, path.parent) as connection,
    ):
        stood = standings(connection, stored.terms, today)
        write(file, connection, blobs, stood, now)


def _rotated(folder: Path, newest: Path, keep: Keep) -> tuple[Path, ...]:
    old = [path for path in backups.outdated(backups.listed(folder), keep) if path != newest]
    for path in old:
        path.unlink()
    return tuple(old)


def _record(engine: Engine, viewer: Viewer, sha256: str, manifest: Manifest, now: datetime) -> None:
    """A line in the log of every contract that is in it."""
    with writing(engine) as connection:
        for contract_id, _, _ in contracts.listed(connection, lock=True):
            audit.record(
                connection,
                contract_id,
                at=now,
                viewer=viewer,
                act=BACKED_UP,
                subject=sha256,
                after={"rows": manifest.rows, "pictures": manifest.pictures},
            )


@dataclass(frozen=True)
class Last:
    """The last backup on record: when, and how many rows were compared."""

    at: datetime
    rows: int


def last_backed_up(connection: Connection, stored: StoredContract) -> Last | None:
    """The last backup that was tried out; None before the first."""
    line: Mapping[str, Any] | None = audit.last(connection, stored.id, BACKED_UP)
    return Last(line["at"], line["after"]["rows"]) if line else None
