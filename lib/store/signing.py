"""What a month is signed over: a hash of every row that counts in it, and a hash over these."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, select

from lib.store.chain import digest, linked
from lib.store.ledger import LATEST_PEOPLE, LATEST_RECEIVED
from lib.store.numbers import last_number
from lib.store.schema import (
    entry,
    entry_person,
    entry_version,
    receipt,
    reopening,
    signature,
    signed_entry,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from lib.periods import Month


@dataclass(frozen=True)
class SignedRow:
    """One entry that counts: which version of it, and the hash of all that this version says."""

    entry_id: int
    version: int
    row_hash: str


# What a row's hash is over, beside its people: what it says and where it came from.
HASHED = (
    entry.c.kind,
    entry.c.natural_key,
    entry.c.day,
    entry_version.c.version,
    entry_version.c.digest,
    entry_version.c.locality,
    entry_version.c.elder,
    entry_version.c.household,
    entry_version.c.application,
    entry_version.c.details,
    entry_version.c.receipt_id,
    entry_version.c.source_row,
    receipt.c.sha256,
    receipt.c.posted_at,
    receipt.c.posted_by,
)


def rows(connection: Connection, contract_id: int, month: Month) -> Sequence[SignedRow]:
    """The effective entries of a month as they count now, in the order of their numbers."""
    within = _effective(contract_id, month)
    people = _people(connection, within)
    query = (
        select(entry.c.entry_id, *HASHED)
        .select_from(LATEST_RECEIVED)
        .where(within)
        .order_by(entry.c.entry_id)
    )
    return [
        SignedRow(entry_id, facts["version"], row_hash(facts, people[entry_id]))
        for entry_id, facts in (
            (row.entry_id, {column.name: row._mapping[column] for column in HASHED})
            for row in connection.execute(query)
        )
    ]


def row_hash(facts: Mapping[str, Any], people: Iterable[str]) -> str:
    """The hash of a row: the names and values of its columns, and its people's codes in order."""
    return digest({**facts, "people": sorted(people)})


def entries_hash(found: Iterable[SignedRow]) -> str:
    """The hash over rows: each one's number, version and hash, in order of numbers."""
    ordered = sorted(found, key=lambda row: row.entry_id)
    return digest([[row.entry_id, row.version, row.row_hash] for row in ordered])


def _effective(contract_id: int, month: Month) -> ColumnElement[bool]:
    return and_(
        entry.c.contract_id == contract_id,
        entry.c.effective,
        entry.c.day.between(month.first, month.last),
    )


def _people(connection: Connection, within: ColumnElement[bool]) -> Mapping[int, Sequence[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    query = select(entry.c.entry_id, entry_person.c.staff).select_from(LATEST_PEOPLE).where(within)
    for entry_id, code in connection.execute(query):
        found[entry_id].append(code)
    return found


def signed_rows(connection: Connection, contract_id: int, signature_id: int) -> Sequence[SignedRow]:
    """The rows that a signature was given over, in the order of their numbers."""
    query = (
        select(signed_entry.c.entry_id, signed_entry.c.version, signed_entry.c.row_hash)
        .where(
            signed_entry.c.contract_id == contract_id,
            signed_entry.c.signature_id == signature_id,
        )
        .order_by(signed_entry.c.entry_id)
    )
    return [SignedRow(*row) for row in connection.execute(query)]


# What a signature's own hash is over, beside the hash of the month signed before.
SEALED = (
    "month",
    "signed_at",
    "signed_by",
    "figures",
    "parameters",
    "entries",
    "entries_hash",
)


def seal(previous: str, facts: Mapping[str, Any]) -> str:
    """The hash over a signature, given its `SEALED` parts and the hash of the month before."""
    return linked(previous, {name: facts[name] for name in SEALED})


def add(
    connection: Connection,
    contract_id: int,
    previous: str,
    facts: Mapping[str, Any],
    signed: Sequence[SignedRow],
) -> int:
    """Keep a signature over these rows, under the number given back; the caller holds the lock.

    `facts` are its month, moment, signer, figures and parameters; `previous` is the hash of the
    month signed before, empty for the first.
    """
    sealed = {**facts, "entries": len(signed), "entries_hash": entries_hash(signed)}
    number = last_number(connection, contract_id, signature.c.signature_id) + 1
    identity = {"contract_id": contract_id, "signature_id": number}
    hashes = {"previous_hash": previous, "hash": seal(previous, sealed)}
    connection.execute(insert(signature).values({**identity, **sealed, **hashes}))
    lines = [
        {
            **identity,
            "entry_id": row.entry_id,
            "version": row.version,
            "row_hash": row.row_hash,
        }
        for row in signed
    ]
    if lines:
        connection.execute(insert(signed_entry), lines)
    return int(number)


def reopen(
    connection: Connection,
    contract_id: int,
    signature_ids: Iterable[int],
    *,
    at: datetime,
    by: str,
    reason: str,
) -> None:
    """Open signed months again, for one reason; their signatures stay."""
    said = {"reopened_at": at, "reopened_by": by, "reason": reason}
    lines = [
        {"contract_id": contract_id, "signature_id": number, **said} for number in signature_ids
    ]
    if lines:
        connection.execute(insert(reopening), lines)
