"""Ledger rows as they are read again: names, receipt, uploader and time beside the contents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
)

from lib.access import sees_full_names
from lib.fields import Choice, Text
from lib.logs import LOG_KINDS
from lib.store.dialect import json_values
from lib.store.ledger import LATEST, LATEST_PEOPLE, LATEST_RECEIVED
from lib.store.schema import entry, entry_person, entry_version, locality, receipt, staff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from lib.access import Viewer


_FIELDS = [field for kind in LOG_KINDS.values() for field in kind.fields]
_NAMES = {field.slug for field in _FIELDS if field.names_somebody}
_CHOICES = {field.slug for field in _FIELDS if isinstance(field.type, Choice)} - {
    field.slug for field in _FIELDS if isinstance(field.type, Text)
}


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
    source: str
    file_name: str
    posted_at: datetime
    posted_by: str


@dataclass(frozen=True)
class Page:
    """Which of the rows are shown: so many, after so many; the newest first."""

    size: int
    number: int = 1


def ledger_rows(
    connection: Connection, condition: ColumnElement[bool], page: Page | None = None
) -> Sequence[LedgerRow]:
    """The entries that meet a condition, in order of day and entry; or one page, newest first."""
    identity = (entry.c.contract_id, entry.c.entry_id)
    order: list[ColumnElement[Any]] = [entry.c.day, entry.c.entry_id]
    chosen = select(*identity).select_from(LATEST).where(condition)
    if page:
        order = [column.desc() for column in order]
        chosen = chosen.order_by(*order).limit(page.size).offset(page.size * (page.number - 1))
    within = tuple_(*identity).in_(chosen)
    people = _people(connection, within)
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
            receipt.c.source,
            receipt.c.file_name,
            receipt.c.posted_at,
            receipt.c.posted_by,
        )
        .select_from(LATEST_RECEIVED)
        .where(within)
        .order_by(*order)
    )
    return [
        LedgerRow(**row._mapping, people=people[row.entry_id]) for row in connection.execute(query)
    ]


def numbered(
    connection: Connection, contract_id: int, numbers: Iterable[int]
) -> Mapping[int, LedgerRow]:
    """What these entries say, by their numbers, whether they count or not."""
    wanted = sorted(set(numbers))
    found: dict[int, LedgerRow] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        these = entry.c.entry_id.in_(wanted[first : first + _AT_ONCE])
        rows = ledger_rows(connection, and_(entry.c.contract_id == contract_id, these))
        found |= {row.entry_id: row for row in rows}
    return found


_AT_ONCE = 1_000  # a statement holds only so many values


def number_of(connection: Connection, condition: ColumnElement[bool]) -> int:
    """How many entries meet a condition."""
    query = select(func.count()).select_from(LATEST).where(condition)
    return connection.execute(query).scalar_one()


def containing(text: str, viewer: Viewer) -> ColumnElement[bool]:
    """Entries that hold a text in a code, in the place's name, in a choice or in what is written.

    Names of people are not looked through, nor what is written in rows that the viewer reads with
    names masked: whoever may not see a name could ask for it.
    """
    in_choice = _in_details(text, lambda key: key.in_(_CHOICES))
    in_any = _in_details(text, lambda key: key.not_in(_NAMES))
    in_place = exists().where(
        locality.c.contract_id == entry_version.c.contract_id,
        locality.c.code == entry_version.c.locality,
        locality.c.name.icontains(text, autoescape=True),
    )
    codes = (entry_version.c[name] for name in ("elder", "household", "application"))
    in_details = or_(in_choice, and_(_reads_in_full(viewer), in_any))
    return or_(in_details, in_place, *(code.icontains(text, autoescape=True) for code in codes))


def _in_details(
    text: str, of: Callable[[ColumnElement[str]], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Entries with a detail `of` some columns that holds the text."""
    values = json_values(entry_version.c.details).table_valued("key", "value")
    held = cast(values.c.value, String).icontains(text, autoescape=True)
    return exists().where(of(values.c.key), held)


def _reads_in_full(viewer: Viewer) -> ColumnElement[bool]:
    """Entries that the viewer reads with all names: a reviewer every one, a lead the team's own."""
    if sees_full_names(viewer):
        return true()
    if viewer.team is None:
        return false()
    person, member = entry_person.alias(), staff.alias()
    return exists().where(
        person.c.contract_id == entry_version.c.contract_id,
        person.c.entry_id == entry_version.c.entry_id,
        person.c.version == entry_version.c.version,
        member.c.contract_id == person.c.contract_id,
        member.c.code == person.c.staff,
        member.c.team == viewer.team,
    )


def _people(connection: Connection, within: ColumnElement[bool]) -> Mapping[int, Mapping[str, str]]:
    """Names by code of the people of each chosen entry."""
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
        .where(within)
        .order_by(staff.c.code)
    )
    people: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for entry_id, code, name in connection.execute(query):
        people[entry_id][code] = name
    return people
