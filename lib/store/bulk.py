"""Many rows put into a table at once, past what it costs to build a statement for each."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import JSON
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table

    Rows = Sequence[tuple[object, ...]]

_ROWS_AT_ONCE = 100  # of a statement on SQLite; more are no quicker


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, each with a value for every column of the table in its order.

    Constraints and triggers hold as ever. Values are numbers, texts, days, true or false, None;
    JSON is given as its text.
    """
    if rows and connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    elif rows:
        _insert(connection, table, _bound(connection, table, rows))


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
    marks = f"({', '.join('?' * len(table.columns))})"
    rest = len(rows) % _ROWS_AT_ONCE
    for number, some in ((_ROWS_AT_ONCE, rows[rest:]), (rest, rows[:rest])):
        if some:
            every = ", ".join([marks] * number)
            query = f"INSERT INTO {table.name} ({_names(table)}) VALUES {every}"  # noqa: S608 - ours
            starts = range(0, len(some), number)
            given = [tuple(chain.from_iterable(some[at : at + number])) for at in starts]
            connection.exec_driver_sql(query, given)


def _bound(connection: Connection, table: Table, rows: Rows) -> Rows:
    """The rows as the driver takes them."""
    columns = list(zip(*rows, strict=True))
    for place, column in enumerate(table.columns):
        bind = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        if bind and not isinstance(column.type, JSON):
            bound = {value: bind(value) for value in set(columns[place])}
            columns[place] = tuple(map(bound.__getitem__, columns[place]))
    return list(zip(*columns, strict=True))


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)
