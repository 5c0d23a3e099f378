"""Many rows put into a table at once, past what it costs to build a statement for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import JSON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Table

    Rows = Sequence[tuple[object, ...]]


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, each with a value for every column of the table in its order.

    Constraints and triggers hold as ever. Values are numbers, texts, days, true or false, None;
    JSON is given as its text.
    """
    if rows and connection.dialect.name == "postgresql":
        _add_as_columns(connection, table, rows)
    elif rows:
        _add_one_by_one(connection, table, rows)


def _add_as_columns(connection: Connection, table: Table, rows: Rows) -> None:
    """In a single statement, so that triggers look once at all that it writes."""
    columns = [
        json.dumps(column, ensure_ascii=False, default=str) for column in zip(*rows, strict=True)
    ]
    places = range(len(columns))
    listed = ", ".join("json_array_elements_text(%s)" for _ in places)
    typed = ", ".join(
        f"_{place}::{column.type.compile(connection.dialect)}"
        for place, column in zip(places, table.columns, strict=True)
    )
    named = ", ".join(f"_{place}" for place in places)
    source = f"SELECT {typed} FROM ROWS FROM ({listed}) AS listed ({named})"  # noqa: S608 - ours
    connection.exec_driver_sql(f"{_into(table)} {source}", tuple(columns))


def _add_one_by_one(connection: Connection, table: Table, rows: Rows) -> None:
    """By one statement, prepared once."""
    columns = list(zip(*rows, strict=True))
    for place, column in enumerate(table.columns):
        bind = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        if bind and not isinstance(column.type, JSON):
            bound = {value: bind(value) for value in set(columns[place])}
            columns[place] = tuple(map(bound.__getitem__, columns[place]))
    marks = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"{_into(table)} VALUES ({marks})", list(zip(*columns, strict=True)))


def _into(table: Table) -> str:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f"INSERT INTO {table.name} ({names})"
