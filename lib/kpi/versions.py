"""One entry through time: what each version said, which file brought it, what was withdrawn."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select, tuple_

from lib.store.ledger import LARGEST_ID, VERSIONS
from lib.store.schema import entry, entry_person, entry_version, receipt, staff, withdrawal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection


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
    source: str
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
    this = entry_version.c.entry_id == entry_id
    return sorted(_read(connection, contract_id, this), key=lambda v: v.version, reverse=True)


def named(
    connection: Connection, contract_id: int, wanted: Iterable[tuple[int, int]]
) -> Mapping[tuple[int, int], Version]:
    """The versions given by entry and number, by these; a page of them, not thousands."""
    these = tuple_(entry_version.c.entry_id, entry_version.c.version).in_(list(wanted))
    return {(v.entry_id, v.version): v for v in _read(connection, contract_id, these)}


def _read(
    connection: Connection, contract_id: int, chosen: ColumnElement[bool]
) -> Sequence[Version]:
    within = and_(entry_version.c.contract_id == contract_id, chosen)
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
            receipt.c.source,
            receipt.c.posted_at,
            receipt.c.posted_by,
            receipt.c.team,
            withdrawal.c.withdrawn_at,
            withdrawal.c.withdrawn_by,
            withdrawal.c.reason,
        )
        .select_from(VERSIONS)
        .where(within)
    )
    people = _people(connection, within)
    return [
        Version(**row._mapping, people=people[row.entry_id, row.version])
        for row in connection.execute(query)
    ]


def _people(
    connection: Connection, within: ColumnElement[bool]
) -> Mapping[tuple[int, int], Mapping[str, str]]:
    """Names by code of each version's people, by entry and version."""
    query = (
        select(entry_version.c.entry_id, entry_version.c.version, staff.c.code, staff.c.name)
        .select_from(
            entry_version.join(
                entry_person,
                and_(
                    entry_person.c.contract_id == entry_version.c.contract_id,
                    entry_person.c.entry_id == entry_version.c.entry_id,
                    entry_person.c.version == entry_version.c.version,
                ),
            ).join(
                staff,
                and_(
                    staff.c.contract_id == entry_person.c.contract_id,
                    staff.c.code == entry_person.c.staff,
                ),
            )
        )
        .where(within)
        .order_by(staff.c.code)
    )
    people: defaultdict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for entry_id, version, code, name in connection.execute(query):
        people[entry_id, version][code] = name
    return people
