"""One entry through time: what each version said, which file brought it, what was withdrawn."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from lib.store.ledger import LARGEST_ID
from lib.store.schema import entry, entry_person, entry_version, receipt, staff, withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Version:
    """What an entry said from one receipt on; withdrawn (`withdrawn_at` not None) or not."""

    entry_id: int
    version: int
    kind: str
    day: date
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
    team: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    reason: str | None


def versions(connection: Connection, contract_id: int, entry_id: int) -> Sequence[Version]:
    """Every version of an entry, the newest first; empty for any number that is none."""
    if not 0 < entry_id <= LARGEST_ID:
        return []
    this = and_(entry_version.c.contract_id == contract_id, entry_version.c.entry_id == entry_id)
    source = (
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
    query = (
        select(
            entry.c.entry_id,
            entry_version.c.version,
            entry.c.kind,
            entry.c.day,
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
            receipt.c.team,
            withdrawal.c.withdrawn_at,
            withdrawal.c.withdrawn_by,
            withdrawal.c.reason,
        )
        .select_from(source)
        .where(this)
        .order_by(entry_version.c.version.desc())
    )
    people = _people(connection, contract_id, entry_id)
    return [
        Version(**row._mapping, people=people[row.version]) for row in connection.execute(query)
    ]


def _people(
    connection: Connection, contract_id: int, entry_id: int
) -> Mapping[int, Mapping[str, str]]:
    """Names by code of each version's people."""
    query = (
        select(entry_person.c.version, staff.c.code, staff.c.name)
        .select_from(
            entry_person.join(
                staff,
                and_(
                    staff.c.contract_id == entry_person.c.contract_id,
                    staff.c.code == entry_person.c.staff,
                ),
            )
        )
        .where(entry_person.c.contract_id == contract_id, entry_person.c.entry_id == entry_id)
        .order_by(staff.c.code)
    )
    people: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for version, code, name in connection.execute(query):
        people[version][code] = name
    return people
