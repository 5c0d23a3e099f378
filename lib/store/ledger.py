"""Entries in the store: what is held under a natural key, and how versions are added."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, compress, count, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    insert,
    select,
    update,
)

from lib.logs.entry import Entry, Source
from lib.periods import BUSINESS_ZONE
from lib.store import bulk
from lib.store.numbers import last_number
from lib.store.schema import (
    entry,
    entry_person,
    entry_version,
    mend,
    receipt,
    staff,
    upload_file,
    withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

LARGEST_ID = 2**31 - 1  # of an INTEGER column

# The latest version of every entry, effective or not.
LATEST = entry.join(
    entry_version,
    and_(
        entry_version.c.contract_id == entry.c.contract_id,
        entry_version.c.entry_id == entry.c.entry_id,
        entry_version.c.version == entry.c.version,
    ),
)

# The same with the receipt that brought the version.
LATEST_RECEIVED = LATEST.join(
    receipt,
    and_(
        receipt.c.contract_id == entry_version.c.contract_id,
        receipt.c.receipt_id == entry_version.c.receipt_id,
    ),
)

# Receipts with their files.
RECEIVED_FILES = receipt.join(
    upload_file,
    and_(
        upload_file.c.contract_id == receipt.c.contract_id,
        upload_file.c.sha256 == receipt.c.sha256,
    ),
)

# The people of each entry's latest version.
LATEST_PEOPLE = entry.join(
    entry_person,
    and_(
        entry_person.c.contract_id == entry.c.contract_id,
        entry_person.c.entry_id == entry.c.entry_id,
        entry_person.c.version == entry.c.version,
    ),
)

# Every entry's latest version once for each of its people, who stand beside it with their team.
LATEST_STAFF = LATEST.join(
    entry_person,
    and_(
        entry_person.c.contract_id == entry.c.contract_id,
        entry_person.c.entry_id == entry.c.entry_id,
        entry_person.c.version == entry.c.version,
    ),
).join(
    staff,
    and_(staff.c.contract_id == entry_person.c.contract_id, staff.c.code == entry_person.c.staff),
)

# Every version with its entry, the receipt that brought it, and its withdrawal if there is one.
VERSIONS = (
    entry_version.join(
        entry,
        and_(
            entry.c.contract_id == entry_version.c.contract_id,
            entry.c.entry_id == entry_version.c.entry_id,
        ),
    )
    .join(
        receipt,
        and_(
            receipt.c.contract_id == entry_version.c.contract_id,
            receipt.c.receipt_id == entry_version.c.receipt_id,
        ),
    )
    .outerjoin(
        withdrawal,
        and_(
            withdrawal.c.contract_id == entry_version.c.contract_id,
            withdrawal.c.entry_id == entry_version.c.entry_id,
            withdrawal.c.version == entry_version.c.version,
        ),
    )
)


@dataclass(frozen=True)
class Held:
    """What the ledger holds under a natural key: the latest version."""

    entry_id: int
    kind: str
    key: str
    day: date
    version: int
    effective: bool
    digest: str
    people: tuple[str, ...]
    locality: str | None
    elder: str | None
    household: str | None
    application: str | None
    details: Mapping[str, str | int]


@dataclass(frozen=True)
class Receipt:
    """What one posting of one file changed, by whom and when."""

    receipt_id: int
    posted_at: datetime
    posted_by: str
    team: str | None
    file_name: str
    sha256: str
    added: int
    corrected: int
    unchanged: int
    refused: int
    source: str = Source.WORKBOOK
    reason: str | None = None
    undoes: int | None = None
    withdrawn: int = 0

    @property
    def number(self) -> str:
        """The receipt's number as it is written and asked for."""
        return receipt_number(self.receipt_id, self.posted_at)


# The columns of which a `Receipt` is made.
RECEIPT = [column for column in receipt.c if column.name != "contract_id"]


def receipt_number(receipt_id: int, posted_at: datetime) -> str:
    """A receipt's number: the year in which it was posted, and its place among all of them."""
    return f"{posted_at.astimezone(BUSINESS_ZONE):%Y}-{receipt_id:06d}"


class NewVersion(NamedTuple):
    """An entry to be written: first version (`held` None) or the one after what is held."""

    entry: Entry
    source_row: int
    held: Held | None = None


def held(
    connection: Connection, contract_id: int, entries: Sequence[Entry]
) -> Mapping[tuple[str, str], Held]:
    """What is held on the days of these entries, by kind and natural key."""
    if not entries:
        return {}
    days = [found.day for found in entries]
    within = and_(
        entry.c.contract_id == contract_id,
        entry.c.kind.in_({found.kind for found in entries}),
        entry.c.day.between(min(days), max(days)),
    )
    return {(row.kind, row.key): row for row in _held(connection, within)}


def held_entry(connection: Connection, contract_id: int, entry_id: int) -> Held | None:
    """What is held under an entry's id; None for any number that is none."""
    if not 0 < entry_id <= LARGEST_ID:
        return None
    within = and_(entry.c.contract_id == contract_id, entry.c.entry_id == entry_id)
    return next(iter(_held(connection, within)), None)


def _held(connection: Connection, within: object) -> Iterable[Held]:
    people: defaultdict[int, list[str]] = defaultdict(list)
    query = select(entry.c.entry_id, entry_person.c.staff).select_from(LATEST_PEOPLE)
    for entry_id, code in connection.execute(query.where(within).order_by(entry_person.c.staff)):  # type: ignore[arg-type]
        people[entry_id].append(code)
    query = select(
        entry.c.entry_id,
        entry.c.kind,
        entry.c.natural_key.label("key"),
        entry.c.day,
        entry.c.version,
        entry.c.effective,
        entry_version.c.digest,
        entry_version.c.locality,
        entry_version.c.elder,
        entry_version.c.household,
        entry_version.c.application,
        entry_version.c.details,
    ).select_from(LATEST)
    for row in connection.execute(query.where(within)):  # type: ignore[arg-type]
        yield Held(**row._mapping, people=tuple(people[row.entry_id]))


def add_versions(
    connection: Connection, contract_id: int, receipt_id: int, versions: Sequence[NewVersion]
) -> None:
    """Write new entries and new versions of held ones; the caller holds the contract's lock."""
    if not versions:
        return
    entries, source_rows, before = zip(*versions, strict=True)
    columns: Any = zip(*entries, strict=True)
    said: Any = Entry(*columns)  # column by column, as all that follows
    new_ids = count(last_number(connection, contract_id, entry.c.entry_id) + 1)
    ids = [next(new_ids) if held is None else held.entry_id for held in before]
    numbers = [1 if held is None else held.version + 1 for held in before]
    corrected = {entry_id: n for entry_id, n in zip(ids, numbers, strict=True) if n > 1}
    if corrected:
        point(connection, contract_id, corrected)
    # Each in the order of its table's columns.
    is_new = [held is None for held in before]
    new = [list(compress(column, is_new)) for column in (ids, said.kind, said.key, said.day)]
    added = len(new[0])
    bulk.add(connection, entry, ([contract_id] * added, *new, [1] * added, [True] * added))
    which = ([contract_id] * len(versions), ids, numbers)
    homes = [place or home for place, home in zip(said.locality, said.home, strict=True)]
    places = (homes, said.elder, said.household, said.application)
    rows = ([receipt_id] * len(versions), source_rows, said.digest, *places, said.details_text)
    bulk.add(connection, entry_version, (*which, *rows))
    times = list(map(len, said.people))
    of_each = [list(chain.from_iterable(map(repeat, column, times))) for column in which]
    bulk.add(connection, entry_person, (*of_each, list(chain.from_iterable(said.people))))


def point(connection: Connection, contract_id: int, versions: Mapping[int, int]) -> None:
    """Let these versions count, by entry."""
    row = update(entry).where(
        entry.c.contract_id == contract_id, entry.c.entry_id == bindparam("of")
    )
    connection.execute(
        row.values(version=bindparam("to"), effective=True),
        [{"of": entry_id, "to": version} for entry_id, version in versions.items()],
    )


def keep_file(
    connection: Connection, contract_id: int, sha256: str, content: bytes, *, keep: bool
) -> None:
    """Keep an original file once, by its hash; only the hash when its content must not be kept."""
    known = select(upload_file.c.sha256).where(
        upload_file.c.contract_id == contract_id, upload_file.c.sha256 == sha256
    )
    if connection.execute(known).first() is None:
        values = {"size": len(content), "content": content if keep else None}
        row = {"contract_id": contract_id, "sha256": sha256, **values}
        connection.execute(insert(upload_file).values(row))


def add_receipt(connection: Connection, contract_id: int, facts: Mapping[str, object]) -> Receipt:
    """Write a receipt with the next number; the caller holds the contract's lock."""
    number = last_number(connection, contract_id, receipt.c.receipt_id) + 1
    row = {"contract_id": contract_id, "receipt_id": number, **facts}
    connection.execute(insert(receipt).values(row))
    return Receipt(receipt_id=number, **facts)  # type: ignore[arg-type]


def add_mends(
    connection: Connection, contract_id: int, receipt_id: int, mends: Iterable[Mapping[str, object]]
) -> None:
    """Write which cells of a receipt's file were mended on the page: sheet, row, field, values."""
    identity = {"contract_id": contract_id, "receipt_id": receipt_id}
    rows = [identity | dict(each) for each in mends]
    if rows:
        connection.execute(insert(mend), rows)


def receipt_of(connection: Connection, contract_id: int, receipt_id: int) -> Receipt | None:
    """The receipt of that id; None for any number that is none."""
    return _receipt(connection, contract_id, receipt.c.receipt_id, receipt_id)


def undoing_of(connection: Connection, contract_id: int, receipt_id: int) -> Receipt | None:
    """The receipt that undoes the one of that id, if it is undone."""
    return _receipt(connection, contract_id, receipt.c.undoes, receipt_id)


def _receipt(
    connection: Connection, contract_id: int, column: ColumnElement[int], value: int
) -> Receipt | None:
    """The only receipt that holds an id in a column."""
    if not 0 < value <= LARGEST_ID:
        return None
    query = select(*RECEIPT).where(receipt.c.contract_id == contract_id, column == value)
    row = connection.execute(query).first()
    return Receipt(**row._mapping) if row else None


def earlier_receipt(connection: Connection, contract_id: int, sha256: str) -> Receipt | None:
    """The first receipt of the same bytes."""
    query = (
        select(*RECEIPT)
        .where(receipt.c.contract_id == contract_id, receipt.c.sha256 == sha256)
        .order_by(receipt.c.receipt_id)
    )
    row = connection.execute(query).first()
    return Receipt(**row._mapping) if row else None


@dataclass(frozen=True)
class Original:
    """A receipt's original file, or what was filled into a form."""

    file_name: str
    source: str
    team: str | None
    sha256: str
    content: bytes


def original(connection: Connection, contract_id: int, receipt_id: int) -> Original | None:
    """The file that a receipt is for; None when there is none, or it was not kept."""
    if not 0 < receipt_id <= LARGEST_ID:
        return None
    query = (
        select(
            receipt.c.file_name,
            receipt.c.source,
            receipt.c.team,
            receipt.c.sha256,
            upload_file.c.content,
        )
        .select_from(RECEIVED_FILES)
        .where(receipt.c.contract_id == contract_id, receipt.c.receipt_id == receipt_id)
        .where(upload_file.c.content.is_not(None))
    )
    row = connection.execute(query).first()
    return Original(**row._mapping) if row else None


def applications(
    connection: Connection, contract_id: int, *, kind: str, field: str, value: str
) -> set[str]:
    """The applications named by effective entries of a kind whose field holds a value."""
    query = (
        select(entry_version.c.application)
        .select_from(LATEST)
        .where(
            entry.c.contract_id == contract_id,
            entry.c.kind == kind,
            entry.c.effective,
            entry_version.c.details[field].as_string() == value,
            entry_version.c.application.is_not(None),
        )
    )
    return set(connection.execute(query).scalars())
