"""Engines for both stores, and the two ways to hold a connection: `reading` and `writing`.

SQLite through its driver begins no transaction before a SELECT or a DDL statement; the hooks here
cure that: every transaction is explicit, and a writing one is BEGIN IMMEDIATE.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoneIsFreeError

from lib.errors import StoreError
from lib.store import private
from lib.store.sqlite_file import StoreFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

# Below this version WAL has a documented corruption bug; the rollback journal is used there.
_SAFE_WAL = (3, 51, 3)
_BUSY_TIMEOUT_MS = 30_000
_IDLE_TIMEOUT_MS = 300_000  # within an act: checking a large workbook anew takes a minute
# Connections of a process, all kept once made; who finds none free waits. More would not be
# quicker, for one thread works at a time. PostgreSQL has 100 by default, for all processes.
CONNECTIONS = 15
_POOL: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": 0}
_WRITES, _AT_ONCE, _SPILLS = "store_writes", "store_writes_at_once", "store_spills"


def open_store(url: str) -> Engine:
    """The engine for a DATABASE_URL: `sqlite:///…` or `postgresql://…`.

    StoreError says what is wrong with another. Errors of the engine do not repeat what was written.
    """
    try:
        parsed = make_url(url)
        match parsed.get_backend_name():
            case "sqlite":
                _require_file(parsed)
                driver = parsed.set(drivername="sqlite+pysqlite")
                engine = create_engine(driver, hide_parameters=True, **_POOL)
                StoreFile(_path(driver)).watched_by(engine)
                event.listen(engine, "do_connect", _close_to_others)
                event.listen(engine, "connect", _prepare_sqlite)
                event.listen(engine, "begin", _begin_sqlite)
            case "postgresql":
                driver = _patient(parsed.set(drivername="postgresql+psycopg"))
                engine = create_engine(
                    driver,
                    pool_pre_ping=True,
                    hide_parameters=True,
                    connect_args=_PLANNED_ANEW,
                    **_POOL,
                )
                event.listen(engine, "connect", _prepare_postgresql)
                # Many rows in few statements: triggers look once at what a statement has written.
                engine.dialect.use_insertmanyvalues_wo_returning = True
            case other:
                sentence = f"不支持的数据库“{other}”，DATABASE_URL 应为 sqlite 或 postgresql。"
                raise StoreError(sentence)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise StoreError("DATABASE_URL 的写法不对，应为 sqlite:///… 或 postgresql://…") from error
    return engine


def _require_file(url: URL) -> None:
    """Raise StoreError for a store in memory."""
    name = url.database or ":memory:"
    if name.removeprefix("file:") == ":memory:" or url.query.get("mode") == "memory":
        raise StoreError(
            "内存中的数据库各进程各有一份，不能用作 DATABASE_URL，请写成 sqlite:///文件。"
        )


def _path(url: URL) -> Path:
    """The file of a SQLite store, written as a path or as `file:path?uri=true`."""
    return Path((url.database or "").removeprefix("file:"))


# Seconds after which a server that does not answer is out of reach: else a page waits for ever.
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds
}


def _patient(url: URL) -> URL:
    """The URL with these limits, where it does not say others."""
    missing = {name: limit for name, limit in _PATIENCE.items() if name not in url.query}
    return url.update_query_dict(missing)


# A statement kept prepared is soon planned for any contract: over all parts of a table, at up to
# three times the cost. Each is planned for its own contract, and looks into one part.
_PLANNED_ANEW = {"prepare_threshold": None}


def _prepare_postgresql(connection: psycopg.Connection, _record: object) -> None:
    """Let nobody wait longer for a lock than on SQLite, nor hold one who is gone.

    An application that vanished in the middle of an act, with its machine or the network, would
    keep everybody else from acting until the server noticed, which takes hours by default.
    """
    connection.execute(f"SET lock_timeout = {_BUSY_TIMEOUT_MS}")
    connection.execute(f"SET idle_in_transaction_session_timeout = {_IDLE_TIMEOUT_MS}")
    connection.execute("SET tcp_keepalives_idle = 30")
    connection.execute("SET tcp_keepalives_interval = 10")
    connection.execute("SET tcp_keepalives_count = 3")
    connection.commit()


def _close_to_others(_dialect: object, _record: object, arguments: Any, _: object) -> None:  # noqa: ANN401 - whatever the driver takes
    name = str(arguments[0])
    if not name.startswith("file:"):
        for suffix in _JOURNALS:
            private.close(Path(f"{name}{suffix}"))
        private.make_private(Path(name))


_JOURNALS = ("-journal", "-wal", "-shm")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    connection.create_function("sha256", 1, _sha256, deterministic=True)
    cursor = connection.cursor()
    journal = "WAL" if sqlite3.sqlite_version_info >= _SAFE_WAL else "DELETE"
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA journal_mode = {journal}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # A contract's year: among others it lies on more pages than the 2 MB kept by default.
    cursor.execute("PRAGMA cache_size = -16000")
    # Without it INSERT OR REPLACE takes rows away past the triggers that refuse it.
    cursor.execute("PRAGMA recursive_triggers = ON")
    # Where there is no WAL a large transaction would shut readers out as soon as it outgrows the
    # cache; so it stays in memory, and they wait for its commit only.
    cursor.execute("PRAGMA cache_spill = OFF")
    cursor.close()


def _sha256(text: str) -> str:
    """What PostgreSQL knows how to do, and SQLite does not."""
    return hashlib.sha256(text.encode()).hexdigest()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(_SPILLS):
        connection.exec_driver_sql("PRAGMA cache_spill = ON")
    if not options.get(_AT_ONCE):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads all see one state of the store, where the store can promise it."""
    isolation: dict[str, Any] = (
        {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    )
    with _reachable(engine, isolation) as connection:
        yield connection


@contextmanager
def writing(engine: Engine, *, at_once: bool = False, spills: bool = False) -> Iterator[Connection]:
    """A connection with a transaction that is committed whole at the end, or not at all.

    Where one writes at a time, `at_once` waits for nobody: StoreError while somebody else does.
    One that `spills` writes more than fits into memory, into a store that nobody reads yet.
    """
    try:
        with _reachable(engine, {_WRITES: True, _AT_ONCE: at_once, _SPILLS: spills}) as connection:
            yield connection
    finally:
        Writes.number += 1


class Writes:
    """How many transactions of this process may have written something.

    What was read before the last of them ended may be old. Two that end together may count as one:
    whoever looks sees that the number grew.
    """

    number = 0


@contextmanager
def _reachable(engine: Engine, options: dict[str, Any]) -> Iterator[Connection]:
    try:
        with (
            engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection
    except DBAPIError as error:
        if not _is_out_of_reach(error):
            raise
        raise StoreError(_sentence(error)) from error
    except NoneIsFreeError as error:
        raise StoreError(_BUSY) from error


def _sentence(error: DBAPIError) -> str:
    """What is wrong with the store, and the way out."""
    if isinstance(error.orig, psycopg.errors.LockNotAvailable):
        return _BUSY
    if isinstance(error.orig, psycopg.errors.DiskFull):
        return _FULL
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    sentences = {sqlite3.SQLITE_BUSY: _BUSY, sqlite3.SQLITE_FULL: _FULL}
    return sentences.get(code, "连不上数据库，或不能写入：请核对 DATABASE_URL 和权限，或稍后再试。")


_BUSY = "数据库一直被别的操作占用，这次没有保存，请稍后再试。"
_FULL = "存放数据库的磁盘满了，这次没有保存：请管理员腾出空间后再试。"


def _is_out_of_reach(error: DBAPIError) -> bool:
    """Whether the store failed, not a statement: absent, locked, full, read-only, gone away."""
    if error.statement is None:  # connecting or committing
        return True
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0)  # none when the driver itself refused
        return code & 0xFF in _SQLITE_FAILURES
    return isinstance(error.orig, (psycopg.OperationalError, ReadOnlySqlTransaction))


_SQLITE_FAILURES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}
