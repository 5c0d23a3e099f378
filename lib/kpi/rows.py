"""Ledger rows as they are read again: names, receipt, uploader and time beside the contents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, select, tuple_

from lib.store.ledger import LATEST, LATEST_PEOPLE
from lib.store.schema import entry, entry_person, entry_version, receipt, staff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class LedgerRow:
    """One entry's latest version, its people by code, and the receipt that brought it."""

    entry_id: int
    kind: str
    day: date
    version: int
    people: Mapping[str, str]
    locality: str | None
    elder: str | None
    household: str | None
    application: str | None
    details: Mapping[str, str | int]
    receipt_id: int
    source_row: int
    file_name: str
    posted_at: datetime
    posted_by: str


def ledger_rows(connection: Connection, condition: ColumnElement[bool]) -> Sequence[LedgerRow]:
    """The entries that meet a figure's condition, in order of day and entry."""
    people = _people(connection, condition)
    source = LATEST.join(
        receipt,
        and_(
            receipt.c.contract_id == entry_version.c.contract_id,
            receipt.c.receipt_id == entry_version.c.receipt_id,
        ),
    )
    query = (
        select(
            entry.c.entry_id,
            entry.c.kind,
            entry.c.day,
            entry.c.version,
            entry_version.c.locality,
            entry_version.c.elder,
            entry_version.c.household,
            entry_version.c.application,
            entry_version.c.details,
            entry_version.c.receipt_id,
            entry_version.c.source_row,
            receipt.c.file_name,
            receipt.c.posted_at,
            receipt.c.posted_by,
        )
        .select_from(source)
        .where(condition)
        .order_by(entry.c.day, entry.c.entry_id)
    )
    return [
        LedgerRow(**row._mapping, people=people[row.entry_id]) for row in connection.execute(query)
    ]


def _people(
    connection: Connection, condition: ColumnElement[bool]
) -> Mapping[int, Mapping[str, str]]:
    """Names by code of the people of each entry that meets the condition."""
    identity = (entry.c.contract_id, entry.c.entry_id)
    matching = select(*identity).select_from(LATEST).where(condition)
    query = (
        select(entry.c.entry_id, staff.c.code, staff.c.name)
        .select_from(
            LATEST_PEOPLE.join(
                staff,
                and_(
                    staff.c.contract_id == entry_person.c.contract_id,
                    staff.c.code == entry_person.c.staff,
                ),
            )
        )
        .where(tuple_(*identity).in_(matching))
        .order_by(staff.c.code)
    )
    people: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for entry_id, code, name in connection.execute(query):
        people[entry_id][code] = name
    return people
