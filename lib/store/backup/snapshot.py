"""One state of a whole store to read from, while others go on writing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lib.errors import StoreError
from lib.store.engine import open_store, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine


@contextmanager
def snapshot(engine: Engine, folder: Path) -> Iterator[Connection]:
    """A connection that sees one state of the store for as long as it takes.

    PostgreSQL promises that by itself. Where SQLite has no WAL a reader shuts writers out; so it is
    copied into the folder first, in one step: copying pages bit by bit never ends under writes.
    """
    if engine.dialect.name == "postgresql":
        with reading(engine) as connection:
            yield connection
        return
    copy = folder / "copy.db"
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL, 0o600))
    _copied(engine, copy)
    copied = open_store(f"sqlite:///{copy}")
    try:
        with reading(copied) as connection:
            yield connection
    finally:
        copied.dispose()


def _copied(engine: Engine, copy: Path) -> None:
    target = sqlite3.connect(copy)
    try:
        with reading(engine) as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)  # noqa: S101 - the only driver we use
            source.backup(target)
    except sqlite3.Error as error:
        raise StoreError("复制数据库没有成功：请核对备份文件夹的剩余空间。") from error
    finally:
        target.close()
