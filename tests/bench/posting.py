"""Posting and checking, against the limit: the same workbook read, the same rows put into tables.

The limit is python-calamine reading every sheet to Python rows, and the bare driver putting the
rows that posting writes, made ready beforehand, into the same tables, with their constraints,
indexes and triggers, in one transaction with its commit: `executemany` on SQLite, the better of
`executemany` and COPY on PostgreSQL. Only the line of the audit log is left out. Ours is all of it:
the workbook read in a process of its own, each row checked, planned under the contract's lock, and
written, with file, receipt, daily sums, audit line and commit. That process waits already, as it
does in the server, where the next one starts `REST` seconds after. Every posting is into a store of
its own, which holds the rosters.
"""

from __future__ import annotations

import io
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from python_calamine import CalamineWorkbook
from sqlalchemy import JSON

from lib import contract
from lib.access import Role, Viewer, operator
from lib.actions.import_rosters import import_rosters
from lib.actions.post import check, post
from lib.demonstration import seed as seeds
from lib.demonstration.rosters import made_up
from lib.demonstration.workbooks import roster_workbook
from lib.process import end_waiting
from lib.settings import ROOT
from lib.store import calendar, rosters
from lib.store.engine import open_store, reading
from lib.store.schema import (
    daily_sum,
    entry,
    entry_person,
    entry_version,
    monthly_sum,
    receipt,
    upload_file,
)
from lib.store.setup import prepare
from lib.workbooks.own import read_own_workbook
from lib.workbooks.process import REST, expect_workbooks
from lib.workbooks.reading import read_workbook
from tests.bench.log_rows import workbook
from tests.bench.readings import Reading, ratio
from tests.support.stores import PostgreSQLStores, SQLiteStores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine, Table

    from lib.store.contracts import StoredContract

    Fresh = Callable[[], AbstractContextManager[str]]
    Rows = Mapping[Table, Sequence[tuple[object, ...]]]
    Write = Callable[[Any, Table, Sequence[tuple[object, ...]]], None]

_SIZES = {1_000: 5, 10_000: 9, 100_000: 3}  # rows, and how often each is posted
_LIMIT, _LIMITED_FROM = 1.5, 10_000  # below so many rows it is the process that costs
_WRITTEN = (upload_file, receipt, entry, entry_version, entry_person, daily_sum, monthly_sum)
_TERMS = contract.load(ROOT / "data" / "contract.toml")
_NOW = datetime(2024, 6, 1, tzinfo=UTC)


def measure() -> Iterator[Reading]:
    """For each number of rows: reading alone, checking alone, the whole posting on each store."""
    expect_workbooks(rest=REST)
    _rest()
    with tempfile.TemporaryDirectory() as folder, PostgreSQLStores.migrated() as servers:
        files = SQLiteStores.migrated_in(Path(folder))
        with (
            _filled_file(files, Path(folder)) as file,
            servers.copies(_fill) as database,
        ):
            for number, times in _SIZES.items():
                yield from _measured(number, times, {"SQLite": file, "PostgreSQL": database})
    end_waiting()


def _measured(number: int, times: int, stores: dict[str, Fresh]) -> Iterator[Reading]:
    with stores["SQLite"]() as url, _opened(url) as (engine, stored):
        with reading(engine) as connection:
            roster = rosters.load(connection, stored.id)
            working = calendar.working_days(connection, _TERMS.period)
        data = workbook(roster, working, number)
        yield ratio(
            f"{number} rows read",
            partial(read_workbook, "b.xlsx", data),
            partial(_read_bare, data),
            against="to calamine alone",
            times=times,
            between=_rest,
        )
        read = read_workbook("b.xlsx", data)
        yield ratio(
            f"{number} rows checked",
            partial(check, engine, stored, [read], _TERMS.end),
            partial(_read_bare, data),
            against="to calamine reading them",
            times=times,
        )
    for name, fresh in stores.items():
        yield _posted(f"{number} rows posted, {name}", data, fresh, times, number)


def _posted(name: str, data: bytes, fresh: Fresh, times: int, number: int) -> Reading:
    """Ours and the limit in turns, each time into a store of its own."""
    rows = _rows(data, fresh, number)
    ways = [_executemany, _copy] if "PostgreSQL" in name else [_executemany]
    values = []
    for _ in range(times):
        ours = _seconds(fresh, partial(_post, data))
        _rest()
        bare = min(_seconds(fresh, partial(_read_and_write, data, rows, way)) for way in ways)
        values.append(ours / bare)
    limit = _LIMIT if number >= _LIMITED_FROM else None
    return Reading(name, tuple(values), against="to reading and writing them bare", limit=limit)


def _rest() -> None:
    """Wait until the process for the next workbook stands ready."""
    time.sleep(REST + 1)


def _seconds(fresh: Fresh, act: Callable[[Engine, StoredContract], float]) -> float:
    """The seconds that an act says it took in a store of its own."""
    with fresh() as url, _opened(url) as (engine, stored):
        return act(engine, stored)


def _post(data: bytes, engine: Engine, stored: StoredContract) -> float:
    """All that posting an uploaded workbook is."""
    began = time.perf_counter()
    read = read_workbook("b.xlsx", data)
    post(engine, stored, operator("测试"), [read], today=_TERMS.end, now=_NOW)
    return time.perf_counter() - began


def _read_and_write(
    data: bytes, rows: Rows, write: Write, engine: Engine, _stored: StoredContract
) -> float:
    """The limit."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        began = time.perf_counter()
        _read_bare(data)
        driver.execute("BEGIN")
        for table in _WRITTEN:
            write(driver, table, rows[table])
        driver.execute("COMMIT")
        return time.perf_counter() - began


def _read_bare(data: bytes) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()


def _executemany(driver: Any, table: Table, rows: Sequence[tuple[object, ...]]) -> None:  # noqa: ANN401 - either driver's connection
    mark = "%s" if isinstance(driver, psycopg.Connection) else "?"
    marks = ", ".join([mark] * len(table.columns))
    driver.cursor().executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608


def _copy(driver: Any, table: Table, rows: Sequence[tuple[object, ...]]) -> None:  # noqa: ANN401
    with driver.cursor().copy(f"COPY {table.name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _rows(data: bytes, fresh: Fresh, number: int) -> Rows:
    """What posting the workbook writes, as the driver takes it."""
    with fresh() as url, _opened(url) as (engine, stored):
        _post(data, engine, stored)
        with engine.connect() as connection:
            rows = {table: _held(connection, table) for table in _WRITTEN}
    if len(rows[entry]) != number:
        msg = f"{len(rows[entry])} of {number} rows were posted"
        raise RuntimeError(msg)
    return rows


def _held(connection: Connection, table: Table) -> Sequence[tuple[object, ...]]:
    """A table's rows, JSON as its text."""
    columns = (
        f"CAST({column.name} AS TEXT)" if isinstance(column.type, JSON) else column.name
        for column in table.columns
    )
    query = f"SELECT {', '.join(columns)} FROM {table.name}"  # noqa: S608
    return [tuple(row) for row in connection.exec_driver_sql(query)]


@contextmanager
def _opened(url: str) -> Iterator[tuple[Engine, StoredContract]]:
    engine = open_store(url)
    try:
        yield engine, prepare(engine, _TERMS)
    finally:
        engine.dispose()


def _fill(url: str) -> None:
    """Register the contract and import made-up rosters."""
    with _opened(url) as (engine, stored):
        with reading(engine) as connection:
            working = calendar.working_days(connection, _TERMS.period)
        seed = seeds.load()
        made = made_up(_TERMS, seed, working).final
        book = read_own_workbook("名册.xlsx", roster_workbook(made, seed))
        import_rosters(engine, stored, Viewer("管理员", Role.ADMIN), book, _NOW)


@contextmanager
def _filled_file(files: SQLiteStores, folder: Path) -> Iterator[Fresh]:
    """As `PostgreSQLStores.copies`: a function that gives new files, the rosters in them."""
    filled = folder / "filled"
    filled.mkdir()
    with files.fresh(filled) as url:
        _fill(url)
    copies = SQLiteStores(filled / "store.db")
    yield lambda: copies.fresh(folder)
