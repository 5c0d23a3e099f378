"""Tables as canonical JSON lines, streamed out of a store and into one.

The same rows give the same lines on both databases, so that a store that was restored is compared
with its backup by hashes. A form says of itself what its columns hold: tables of an older schema
can be read too.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Integer,
    LargeBinary,
    String,
    cast,
    collate,
    column,
    func,
    insert,
    inspect,
    null,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from lib.errors import StoreError
from lib.store.chain import canonical
from lib.store.dialect import Moment
from lib.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection, Table, TableClause
    from sqlalchemy.types import TypeEngine

_TYPES: dict[str, TypeEngine[Any]] = {
    "moment": Moment(),
    "day": Date(),
    "json": JSON().with_variant(JSONB(), "postgresql"),
    "bytes": LargeBinary(),
    "boolean": Boolean(),
    "integer": Integer(),
    "text": String(),
}
# What refuses rows of a signed month asks these: they come after all that they close.
_CLOSING = ("signature", "signed_entry", "reopening")
_AT_ONCE = 500  # rows in memory at a time, at most
_BATCH = 1 << 22  # bytes of lines written in one statement, at most
LONGEST_LINE = 1 << 26  # bytes: more than the largest upload comes to


class Form(BaseModel):
    """A table in a backup: its columns with the sort of what they hold, and its key, in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    @property
    def table(self) -> TableClause:
        """The table as statements name it; KeyError for an unknown sort of column."""
        return table(self.name, *(column(each, _TYPES[s]) for each, s in self.columns.items()))

    def of_sort(self, *sorts: str) -> list[str]:
        """The columns that hold something of these sorts."""
        return [name for name, sort in self.columns.items() if sort in sorts]


def forms() -> list[Form]:
    """Every table of the schema, in an order in which it can be filled with its triggers on."""
    ordered = sorted(metadata.sorted_tables, key=lambda each: each.name in _CLOSING)
    return [
        Form(
            name=each.name,
            columns={column.name: _sort(column.type) for column in each.c},
            key=tuple(column.name for column in each.primary_key),
        )
        for each in ordered
    ]


def _sort(kind: TypeEngine[Any]) -> str:
    return next(sort for sort, each in _TYPES.items() if isinstance(kind, type(each)))


def lines(connection: Connection, form: Form) -> Iterator[bytes]:
    """The rows of a table in the order of its key, each as a line of canonical JSON in UTF-8."""
    source = form.table
    # JSON as text: a JSON null and no value at all are two things.
    chosen = [
        cast(each, String).label(each.name) if form.columns[each.name] == "json" else each
        for each in source.c
    ]
    in_order = select(*chosen).order_by(*(_ordered(connection, form, name) for name in form.key))
    at_once = 1 if form.of_sort("bytes") else _AT_ONCE
    found = connection.execute(in_order.execution_options(yield_per=at_once))
    writers = [(name, _WRITERS[sort]) for name, sort in form.columns.items() if sort in _WRITERS]
    for row in found.mappings():
        values = dict(row)
        for name, written in writers:
            values[name] = None if values[name] is None else written(values[name])
        yield canonical(values).encode() + b"\n"


def _ordered(connection: Connection, form: Form, name: str) -> ColumnElement[Any]:
    """A column of the key, by code point on both databases."""
    key = form.table.c[name]
    by_locale = connection.dialect.name == "postgresql" and form.columns[name] == "text"
    return collate(key, "C") if by_locale else key


_WRITERS: dict[str, Callable[[Any], str]] = {
    "bytes": lambda value: b64encode(value).decode(),
    "json": lambda value: canonical(json.loads(value)),
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "bytes": lambda value: b64decode(value, validate=True),
    "json": lambda value: JSON.NULL if value == "null" else json.loads(value),
}


def load(connection: Connection, form: Form, written: Iterable[bytes]) -> None:
    """Enter rows from their lines, some at a time; ValueError for a line that is none."""
    batch: list[dict[str, Any]] = []
    size = 0
    target = form.table
    for line in written:
        batch.append(_row(form, line))
        size += len(line)
        if len(batch) == _AT_ONCE or size > _BATCH:
            connection.execute(insert(target), batch)
            batch, size = [], 0
    if batch:
        connection.execute(insert(target), batch)


def _row(form: Form, line: bytes) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, dict) or values.keys() != form.columns.keys():
        msg = "not a row of this table"
        raise ValueError(msg)
    for name, sort in form.columns.items():
        if values[name] is not None and sort in _READERS:
            values[name] = _READERS[sort](values[name])
        elif sort == "json":
            values[name] = null()
    return values


def require_same_columns(connection: Connection, given: Iterable[Form]) -> None:
    """Raise StoreError unless the store has exactly these tables with exactly these columns."""
    found = inspect(connection)
    there = {
        name: {each["name"] for each in found.get_columns(name)}
        for name in found.get_table_names()
        if name != "alembic_version"
    }
    if there != {form.name: set(form.columns) for form in given}:
        raise StoreError("备份里的表和列与它所说的数据库结构不符：文件不是本系统写的，没有恢复。")


def require_empty(connection: Connection) -> None:
    """Raise StoreError when the store holds more than what `migrate` enters."""
    there = set(inspect(connection).get_table_names())
    others = [each for each in metadata.sorted_tables if each.name not in _ENTERED]
    used = [each for each in others if each.name in there and _any(connection, each)]
    if used or there - {"alembic_version", *metadata.tables}:
        raise StoreError(
            "目标数据库不是空的，没有恢复；请把 DATABASE_URL 指向一个新的空数据库，"
            "恢复后再让系统使用它，原来的数据库留作查证。"
        )


_ENTERED = ("contract", "calendar_day")


def _any(connection: Connection, each: Table) -> bool:
    return connection.execute(select(text("1")).select_from(each).limit(1)).first() is not None


def clear_entered(connection: Connection) -> None:
    """Take away what `migrate` enters into an empty store."""
    for name in _ENTERED:
        connection.execute(metadata.tables[name].delete())


def settle_numbers(connection: Connection) -> None:
    """Let PostgreSQL count contracts on from those that were entered, and know the tables' sizes.

    SQLite does so by itself.
    """
    if connection.dialect.name != "postgresql":
        return
    contract = metadata.tables["contract"]
    sequence = func.pg_get_serial_sequence("contract", "contract_id")
    highest = select(func.setval(sequence, func.max(contract.c.contract_id)))
    connection.execute(highest)
    connection.execute(text("ANALYZE"))
