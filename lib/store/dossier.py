"""All that is kept of a contract beside its entries, as plain rows: what proves an acceptance.

A row is a mapping by column; days and moments are as the store gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select

from lib.periods import end_of
from lib.store import audit
from lib.store.ledger import RECEIPT, RECEIVED_FILES, Receipt
from lib.store.samples import ITEM_ENTRIES
from lib.store.schema import (
    attachment,
    audit_line,
    entry,
    entry_person,
    entry_version,
    evidence,
    mend,
    receipt,
    sample,
    sample_item,
    sample_result,
    signed_entry,
    upload_file,
    withdrawal,
)
from lib.store.signing import HASHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Select, Table

Row = dict[str, Any]


@dataclass(frozen=True)
class Handed:
    """A receipt with its file's size, and whether the file's bytes are kept."""

    receipt: Receipt
    size: int
    is_kept: bool


def handed(connection: Connection, contract_id: int, as_of: date) -> Sequence[Handed]:
    """The receipts that say anything of entries through a day, or were posted by its end."""
    query = (
        select(*RECEIPT, upload_file.c.size, upload_file.c.content.is_not(None).label("is_kept"))
        .select_from(RECEIVED_FILES)
        .where(_of_receipts(contract_id, as_of))
        .order_by(receipt.c.receipt_id)
    )
    return [
        Handed(Receipt(**{column.name: row._mapping[column] for column in RECEIPT}), *row[-2:])
        for row in connection.execute(query)
    ]


def _of_receipts(contract_id: int, as_of: date) -> ColumnElement[bool]:
    brought = exists().where(
        entry_version.c.contract_id == receipt.c.contract_id,
        entry_version.c.receipt_id == receipt.c.receipt_id,
        _of_entries(entry_version, as_of),
    )
    took_out = exists().where(
        withdrawal.c.contract_id == receipt.c.contract_id,
        withdrawal.c.receipt_id == receipt.c.receipt_id,
        _of_entries(withdrawal, as_of),
    )
    early = receipt.c.posted_at < end_of(as_of)
    return and_(receipt.c.contract_id == contract_id, or_(early, brought, took_out))


def _of_entries(table: Table, as_of: date) -> ColumnElement[bool]:
    """Rows of a table that are about an entry through a day."""
    return exists().where(
        entry.c.contract_id == table.c.contract_id,
        entry.c.entry_id == table.c.entry_id,
        entry.c.day <= as_of,
    )


def mends(connection: Connection, contract_id: int) -> Sequence[Row]:
    """Every cell that was mended on the page before it was posted, receipt by receipt."""
    order = (mend.c.receipt_id, mend.c.sheet, mend.c.row, mend.c.field)
    return _rows(connection, _all_of(mend, contract_id).order_by(*order))


def withdrawals(connection: Connection, contract_id: int, as_of: date) -> Sequence[Row]:
    """Every withdrawal of an entry through a day."""
    query = _all_of(withdrawal, contract_id).where(_of_entries(withdrawal, as_of))
    return _rows(connection, query.order_by(withdrawal.c.entry_id, withdrawal.c.version))


def attachments(connection: Connection, contract_id: int, as_of: date) -> Sequence[Row]:
    """Photos and scans, those taken off too, of what there is through a day; with their type."""
    of_sample = exists().where(
        sample_item.c.contract_id == attachment.c.contract_id,
        sample_item.c.item_id == attachment.c.item_id,
        sample_item.c.sample_id == sample.c.sample_id,
        sample.c.contract_id == attachment.c.contract_id,
        sample.c.first_on <= as_of,
    )
    of_receipt = exists().where(
        receipt.c.receipt_id == attachment.c.receipt_id, _of_receipts(contract_id, as_of)
    )
    query = (
        select(
            *_columns(attachment),
            evidence.c.media_type,
            evidence.c.size,
            evidence.c.received_sha256,
        )
        .select_from(
            attachment.join(
                evidence,
                and_(
                    evidence.c.contract_id == attachment.c.contract_id,
                    evidence.c.sha256 == attachment.c.sha256,
                ),
            )
        )
        .where(attachment.c.contract_id == contract_id)
        .where(or_(_of_entries(attachment, as_of), of_sample, of_receipt))
        .order_by(attachment.c.attachment_id)
    )
    return _rows(connection, query)


def samples(connection: Connection, contract_id: int, as_of: date) -> Sequence[Row]:
    """The samples of what there is through a day, each with its `items`, these with `results`."""
    drawn = _all_of(sample, contract_id).where(sample.c.first_on <= as_of)
    found = _rows(connection, drawn.order_by(sample.c.sample_id))
    items = _items(connection, contract_id)
    return [each | {"items": items.get(each["sample_id"], [])} for each in found]


def _items(connection: Connection, contract_id: int) -> Mapping[int, Sequence[Row]]:
    """The items of every sample, in the order of its sheet."""
    results: dict[int, list[Row]] = {}
    recorded = _all_of(sample_result, contract_id)
    for row in _rows(
        connection, recorded.order_by(sample_result.c.item_id, sample_result.c.number)
    ):
        results.setdefault(row.pop("item_id"), []).append(row)
    query = (
        select(*_columns(sample_item), entry.c.kind, entry.c.day)
        .select_from(ITEM_ENTRIES)
        .where(sample_item.c.contract_id == contract_id)
        .order_by(sample_item.c.sample_id, sample_item.c.position)
    )
    items: dict[int, list[Row]] = {}
    for row in _rows(connection, query):
        said = results.get(row["item_id"], [])
        items.setdefault(row.pop("sample_id"), []).append(row | {"results": said})
    return items


def signed_rows(connection: Connection, contract_id: int, signature_id: int) -> Sequence[Row]:
    """The rows that a signature was given over: number, hash, and all that was hashed (`row`)."""
    signed = and_(
        signed_entry.c.contract_id == contract_id, signed_entry.c.signature_id == signature_id
    )
    people: dict[int, list[str]] = {}
    of_version = select(entry_person.c.entry_id, entry_person.c.staff).where(
        entry_person.c.contract_id == signed_entry.c.contract_id,
        entry_person.c.entry_id == signed_entry.c.entry_id,
        entry_person.c.version == signed_entry.c.version,
    )
    for entry_id, code in connection.execute(of_version.where(signed)):
        people.setdefault(entry_id, []).append(code)
    query = (
        select(signed_entry.c.entry_id, signed_entry.c.row_hash, *HASHED)
        .select_from(_SIGNED_FROM)
        .where(signed)
        .order_by(signed_entry.c.entry_id)
    )
    return [
        {
            "entry_id": row.entry_id,
            "row_hash": row.row_hash,
            "row": {
                **{column.name: row._mapping[column] for column in HASHED},
                "people": sorted(people.get(row.entry_id, [])),
            },
        }
        for row in connection.execute(query)
    ]


_SIGNED_FROM = (
    signed_entry.join(
        entry,
        and_(
            entry.c.contract_id == signed_entry.c.contract_id,
            entry.c.entry_id == signed_entry.c.entry_id,
        ),
    )
    .join(
        entry_version,
        and_(
            entry_version.c.contract_id == signed_entry.c.contract_id,
            entry_version.c.entry_id == signed_entry.c.entry_id,
            entry_version.c.version == signed_entry.c.version,
        ),
    )
    .join(
        receipt,
        and_(
            receipt.c.contract_id == entry_version.c.contract_id,
            receipt.c.receipt_id == entry_version.c.receipt_id,
        ),
    )
)


def audit_lines(connection: Connection, contract_id: int) -> Sequence[Row]:
    """The whole audit log, with all that a line's hash is over but the hash of the line before."""
    query = select(audit_line).where(audit_line.c.contract_id == contract_id)
    found = _rows(connection, query.order_by(audit_line.c.line_id))
    return [{**audit.facts_of(row), "hash": row["hash"]} for row in found]


def _columns(table: Table) -> list[ColumnElement[Any]]:
    return [column for column in table.c if column.name != "contract_id"]


def _all_of(table: Table, contract_id: int) -> Select[Any]:
    return select(*_columns(table)).where(table.c.contract_id == contract_id)


def _rows(connection: Connection, query: Select[Any]) -> Sequence[Row]:
    return [dict(row._mapping) for row in connection.execute(query)]
