"""Many rows put into a table at once, past what it costs to build a statement for each."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import JSON
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Table

    Columns = Sequence[Collection[object]]
    Rows = Iterable[tuple[object, ...]]

_ROWS_AT_ONCE = 100  # of a statement on SQLite; more are no quicker


def add(connection: Connection, table: Table, columns: Columns) -> None:
    """Insert rows, given as the values of every column of the table in its order.

    Constraints and triggers hold as ever. Values are numbers, texts, days, true or false, None;
    JSON is given as its text.
    """
    if not columns[0]:
        return
    if connection.dialect.name == "postgresql":
        _copy(connection, table, zip(*columns, strict=True))
    else:
        _insert(connection, table, zip(*_bound(connection, table, columns), strict=True))


def _copy(connection: Connection, table: Table, rows: Rows) -> None:
    """By COPY: the server writes while we send, and triggers look once at all of it.

    What goes wrong is raised as it is of any other statement, but without the row: the server
    quotes the line at which it stopped.
    """
    query = f"COPY {table.name} ({_names(table)}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(query) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        said = type(error)(error.diag.message_primary or "")
        raise DBAPIError.instance(
            query, None, said, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from None


def _insert(connection: Connection, table: Table, rows: Rows) -> None:
    """By statements of many rows each: to run one takes as long as a row."""
    values = list(chain.from_iterable(rows))
    width = len(table.columns)
    most = width * _ROWS_AT_ONCE
    full = len(values) - len(values) % most
    for some in (values[:full], values[full:]):
        if some:
            size = min(most, len(some))  # of a statement, in values
            marks = ", ".join([f"({', '.join('?' * width)})"] * (size // width))
            query = f"INSERT INTO {table.name} ({_names(table)}) VALUES {marks}"  # noqa: S608 - ours
            given = [tuple(some[at : at + size]) for at in range(0, len(some), size)]
            connection.exec_driver_sql(query, given)


def _bound(connection: Connection, table: Table, columns: Columns) -> Iterator[Iterable[object]]:
    """The columns as the driver takes them."""
    for column, values in zip(table.columns, columns, strict=True):
        bind = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        if bind and not isinstance(column.type, JSON):
            bound = {value: bind(value) for value in set(values)}
            yield map(bound.__getitem__, values)
        else:
            yield values


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)
