"""Photos and scans in the store: what is attached to what, and what was taken off.

Their bytes lie in `blobs`, put there before any row refers to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, Select, and_, insert, select, update

from lib.store.ledger import LARGEST_ID
from lib.store.numbers import last_number
from lib.store.schema import attachment, evidence, receipt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Subject:
    """What evidence is attached to: an entry, a receipt or an item of a sample, by its id."""

    of: Literal["entry", "receipt", "item"]
    id: int

    @property
    def is_possible(self) -> bool:
        """Whether a store can have such an id."""
        return 0 < self.id <= LARGEST_ID

    def __str__(self) -> str:
        return f"{self.of} {self.id}"


@dataclass(frozen=True)
class Attachment:
    """A photo or scan as it hangs on its subject; taken off when `removed_at` is not None."""

    attachment_id: int
    sha256: str
    received_sha256: str
    media_type: str
    entry_id: int | None
    receipt_id: int | None
    item_id: int | None
    attached_at: datetime
    attached_by: str
    removed_at: datetime | None
    removed_by: str | None
    removed_reason: str | None

    @property
    def subject(self) -> Subject:
        """What it is attached to."""
        if self.entry_id is not None:
            return Subject("entry", self.entry_id)
        if self.receipt_id is not None:
            return Subject("receipt", self.receipt_id)
        assert self.item_id is not None  # noqa: S101 - the table's check says so
        return Subject("item", self.item_id)


def attachments(connection: Connection, contract_id: int, subject: Subject) -> Sequence[Attachment]:
    """All that was ever attached to a subject, in order; none for an id that is none."""
    if not subject.is_possible:
        return []
    hangs_on = attachment.c[f"{subject.of}_id"] == subject.id
    query = _attachments(contract_id).where(hangs_on).order_by(attachment.c.attachment_id)
    return [Attachment(**row._mapping) for row in connection.execute(query)]


def attachment_of(
    connection: Connection, contract_id: int, attachment_id: int
) -> Attachment | None:
    """One attachment; None for any number that is none."""
    if not 0 < attachment_id <= LARGEST_ID:
        return None
    query = _attachments(contract_id).where(attachment.c.attachment_id == attachment_id)
    row = connection.execute(query).first()
    return Attachment(**row._mapping) if row else None


def _attachments(contract_id: int) -> Select[tuple[object, ...]]:
    of_the_row = and_(
        evidence.c.contract_id == attachment.c.contract_id,
        evidence.c.sha256 == attachment.c.sha256,
    )
    columns = [column for column in attachment.c if column.name != "contract_id"]
    return (
        select(*columns, evidence.c.received_sha256, evidence.c.media_type)
        .select_from(attachment.join(evidence, of_the_row))
        .where(attachment.c.contract_id == contract_id)
    )


def keep(connection: Connection, contract_id: int, facts: Mapping[str, object]) -> None:
    """Enter a photo or scan whose bytes are kept, unless it is known: `facts` by column."""
    known = select(evidence.c.sha256).where(
        evidence.c.contract_id == contract_id, evidence.c.sha256 == facts["sha256"]
    )
    if connection.execute(known).first() is None:
        connection.execute(insert(evidence).values(contract_id=contract_id, **facts))


def attach(
    connection: Connection,
    contract_id: int,
    subject: Subject,
    sha256: str,
    *,
    at: datetime,
    by: str,
) -> int:
    """Attach a known photo or scan, under the number given back; the caller holds the lock."""
    number = last_number(connection, contract_id, attachment.c.attachment_id) + 1
    values = {
        "contract_id": contract_id,
        "attachment_id": number,
        "sha256": sha256,
        f"{subject.of}_id": subject.id,
        "attached_at": at,
        "attached_by": by,
    }
    connection.execute(insert(attachment).values(values))
    return number


def take_off(
    connection: Connection,
    contract_id: int,
    attachment_id: int,
    *,
    at: datetime,
    by: str,
    reason: str,
) -> None:
    """Mark an attachment as taken off; row and bytes stay."""
    row = update(attachment).where(
        attachment.c.contract_id == contract_id, attachment.c.attachment_id == attachment_id
    )
    connection.execute(row.values(removed_at=at, removed_by=by, removed_reason=reason))


def is_receipt_of(
    connection: Connection, contract_id: int, receipt_id: int, team: str | None
) -> bool:
    """Whether there is such a receipt, and it is the team's."""
    query = select(receipt.c.team).where(
        receipt.c.contract_id == contract_id, receipt.c.receipt_id == receipt_id
    )
    row = connection.execute(query).first()
    return row is not None and row.team is not None and row.team == team


def hashes(connection: Connection, first: str) -> set[str]:
    """The hashes of all photos and scans, of every contract, that begin with these digits."""
    query = select(evidence.c.sha256).where(evidence.c.sha256.startswith(first, autoescape=True))
    return set(connection.execute(query.distinct()).scalars())
