"""Putting the rows of a backup into an empty store, as a part of a transaction."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, IntegrityError, StatementError

from lib.errors import StoreError
from lib.store import migrations
from lib.store.backup import tables
from lib.store.backup.container import DamagedError, table_path
from lib.store.blobs import THUMBNAIL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from lib.store.backup.container import Opened
    from lib.store.backup.manifest import Manifest
    from lib.store.blobs import Blobs


def load(connection: Connection, backup: Opened) -> None:
    """Fill an empty store with a backup's rows under the triggers, and bring it up to date.

    The rows are read again and compared with the backup. StoreError says why it cannot be done;
    the transaction must then be given up.
    """
    manifest = backup.manifest
    tables.require_empty(connection)
    _bring_to(connection, manifest.revision)
    tables.require_same_columns(connection, (each.form for each in manifest.tables))
    tables.clear_entered(connection)
    for each in manifest.tables:
        with _sound(each.form.name):
            tables.load(connection, each.form, backup.lines(table_path(each.form.name)))
    _compare(connection, backup)
    tables.settle_numbers(connection)
    migrations.upgrade_within(connection)


def _bring_to(connection: Connection, revision: str) -> None:
    """Bring an empty store to the schema that the backup was read from."""
    try:
        wanted = migrations.order(revision)
    except StoreError as error:
        raise StoreError("备份由更新版本的程序写成，没有恢复；请先更新本程序。") from error
    current = migrations.revision_of(connection)
    if current is not None and migrations.order(current) > wanted:
        raise StoreError(
            "备份的数据库结构比目标数据库旧，没有恢复；"
            "请换一个完全空的数据库（不要先运行 migrate），恢复时会自动升级。"
        )
    migrations.upgrade_within(connection, revision)


@contextmanager
def _sound(name: str) -> Iterator[None]:
    """Let rows that the store cannot take become one sentence."""
    try:
        yield
    except (ValueError, TypeError, KeyError, IntegrityError, DataError) as error:
        raise _contradiction(name) from error
    except StatementError as error:
        if isinstance(error.orig, (ValueError, TypeError, AttributeError)):  # while binding
            raise _contradiction(name) from error
        raise


def _contradiction(name: str) -> DamagedError:
    return DamagedError(f"备份里表 {name} 的内容有误或前后矛盾，没有恢复：请改用另一份备份。")


def _compare(connection: Connection, backup: Opened) -> None:
    """Raise StoreError unless the store now holds exactly the backup's rows."""
    for each in backup.manifest.tables:
        hashed, rows = hashlib.sha256(), 0
        for line in tables.lines(connection, each.form):
            hashed.update(line)
            rows += 1
        same = hashed.hexdigest() == backup.hashes[table_path(each.form.name)]
        if not same or rows != each.rows:
            raise DamagedError(f"表 {each.form.name} 恢复出来的内容与备份不同，没有恢复。")


def put_pictures(backup: Opened, blobs: Blobs) -> int:
    """Put the photos and scans of a backup where such are kept; how many."""
    for name in backup.pictures:
        if blobs.put(backup.picture(name), backup.picture(name + THUMBNAIL)) != name:
            raise DamagedError("备份里有图片与它的校验值不符，没有恢复：请改用另一份备份。")
    return len(backup.pictures)


def require_whole(manifest: Manifest, names: list[str]) -> None:
    """Raise DamagedError unless these are as many pictures as the backup says."""
    if len(names) != manifest.pictures:
        raise DamagedError("备份里的图片与它的说明不符，没有恢复：请改用另一份备份。")
