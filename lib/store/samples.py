"""Samples in the store: drawn once and never changed; results are added, the last one holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, insert, select

from lib.store.ledger import LARGEST_ID
from lib.store.numbers import last_number
from lib.store.schema import entry, sample, sample_item, sample_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime


# The items of samples with the entries that were drawn.
ITEM_ENTRIES = sample_item.join(
    entry,
    and_(
        entry.c.contract_id == sample_item.c.contract_id,
        entry.c.entry_id == sample_item.c.entry_id,
    ),
)


@dataclass(frozen=True)
class HeldResult:
    """A result as it was recorded; `number` counts an item's results from 1."""

    number: int
    result: str
    note: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True)
class HeldItem:
    """A drawn entry: its sample, the day it is dated, the last result recorded of it."""

    item_id: int
    sample_id: int
    day: date
    last: HeldResult | None


def same(connection: Connection, contract_id: int, facts: Mapping[str, object]) -> int | None:
    """The sample that was drawn with these facts, by column; None when none was."""
    alike = and_(*(sample.c[name] == value for name, value in facts.items() if name != "kinds"))
    query = (
        select(sample.c.sample_id, sample.c.kinds)
        .where(sample.c.contract_id == contract_id, alike)
        .order_by(sample.c.sample_id)
    )
    found = (row.sample_id for row in connection.execute(query) if row.kinds == facts["kinds"])
    return next(found, None)


def add(
    connection: Connection,
    contract_id: int,
    facts: Mapping[str, object],
    items: Iterable[Mapping[str, object]],
) -> int:
    """Keep a sample and its items, under the number given back; the caller holds the lock.

    `facts` and `items` by column; the items' numbers are given here, in their order from 1.
    """
    number = last_number(connection, contract_id, sample.c.sample_id) + 1
    values = {"contract_id": contract_id, "sample_id": number}
    connection.execute(insert(sample).values({**values, **facts}))
    first = last_number(connection, contract_id, sample_item.c.item_id) + 1
    rows = [
        {**values, **item, "item_id": first + place, "position": place + 1}
        for place, item in enumerate(items)
    ]
    connection.execute(insert(sample_item), rows)
    return number


def item(connection: Connection, contract_id: int, item_id: int) -> HeldItem | None:
    """A drawn entry; None for any number that is none."""
    if not 0 < item_id <= LARGEST_ID:
        return None
    query = (
        select(sample_item.c.sample_id, entry.c.day)
        .select_from(ITEM_ENTRIES)
        .where(sample_item.c.contract_id == contract_id, sample_item.c.item_id == item_id)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return HeldItem(item_id, *row, _last(connection, contract_id, item_id))


def _last(connection: Connection, contract_id: int, item_id: int) -> HeldResult | None:
    columns = [sample_result.c[name] for name in HeldResult.__dataclass_fields__]
    query = (
        select(*columns)
        .where(_of_item(contract_id, item_id))
        .order_by(sample_result.c.number.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return HeldResult(**row._mapping) if row else None


def _of_item(contract_id: int, item_id: int) -> ColumnElement[bool]:
    return and_(sample_result.c.contract_id == contract_id, sample_result.c.item_id == item_id)


def add_result(
    connection: Connection, contract_id: int, item_id: int, facts: Mapping[str, object]
) -> None:
    """Keep a result of an item, `facts` by column, its number included; the caller holds the lock.

    Earlier ones stay as they were.
    """
    identity = {"contract_id": contract_id, "item_id": item_id}
    connection.execute(insert(sample_result).values({**identity, **facts}))
