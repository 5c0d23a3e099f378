"""Writing a backup: every table, every picture that a row names, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lib.errors import LostError, StoreError
from lib.store import evidence, migrations
from lib.store.backup.container import MANIFEST, picture_path, table_path, written
from lib.store.backup.manifest import Manifest, Rows
from lib.store.backup.tables import forms, lines
from lib.store.blobs import THUMBNAIL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from sqlalchemy import Connection

    from lib.store.backup.container import Writing
    from lib.store.backup.manifest import Standing
    from lib.store.blobs import Blobs

FOLDERS = [f"{number:02x}" for number in range(256)]  # of the evidence store


@dataclass
class _Pictures:
    kept: int = 0
    lost: list[str] = field(default_factory=list)
    orphans: int = 0


def write(
    file: BinaryIO,
    connection: Connection,
    blobs: Blobs,
    standings: Sequence[Standing],
    made_at: datetime,
) -> Manifest:
    """Write what a connection sees into an empty file; `standings` is what it came to."""
    with written(file) as writing:
        tables = _tables(writing, connection)
        pictures = _pictures(writing, connection, blobs)
        manifest = Manifest(
            format="social-assistance-supervision-backup-1",
            made_at=made_at.isoformat(timespec="seconds"),
            revision=migrations.revision_of(connection) or "",
            tables=tables,
            pictures=pictures.kept,
            lost=tuple(pictures.lost),
            orphans=pictures.orphans,
            contracts=tuple(standings),
        )
        writing.add(MANIFEST, [manifest.model_dump_json().encode()])
    return manifest


def _tables(writing: Writing, connection: Connection) -> tuple[Rows, ...]:
    found = []
    for form in forms():
        try:
            rows = writing.add(table_path(form.name), lines(connection, form))
        except ValueError as error:  # what was written there is not what this program writes
            said = f"数据库的表 {form.name} 里有读不出来的内容，备份没有做；请先运行 verify 查明。"
            raise StoreError(said) from error
        found.append(Rows(form=form, rows=rows))
    return tuple(found)


def _pictures(writing: Writing, connection: Connection, blobs: Blobs) -> _Pictures:
    found = _Pictures()
    for first in FOLDERS:
        named = evidence.hashes(connection, first)
        found.orphans += len({*blobs.kept(first)} - named - {name + THUMBNAIL for name in named})
        for name in sorted(named):
            try:
                writing.add(picture_path(name), [blobs.get(name)])
                found.kept += 1
            except LostError:
                found.lost.append(name)
            else:
                for thumbnail in _thumbnail(blobs, name):
                    writing.add(picture_path(name + THUMBNAIL), [thumbnail])
    return found


def _thumbnail(blobs: Blobs, name: str) -> Iterator[bytes]:
    """The thumbnail of a picture, if it has one."""
    try:
        yield blobs.thumbnail(name)
    except LostError:
        return
