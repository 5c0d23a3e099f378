"""One raw row of any kind made into an entry, or into all that is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, TypeGuard

from lib.logs.columns import SUBJECTS
from lib.logs.entry import Detail, Entry
from lib.logs.references import NameOf, Reference
from lib.problems import Fault
from lib.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lib.contract import Contract
    from lib.fields import Cell, Field, FieldType, Value
    from lib.logs.kind import LogKind, Row
    from lib.rosters import Roster


@dataclass(frozen=True)
class Context:
    """What a row is checked against."""

    contract: Contract
    roster: Roster
    today: date


def check_row(
    kind: LogKind, cells: Mapping[str, Cell], context: Context
) -> Entry | list[tuple[str, Fault]]:
    """The entry of a row, or its faults by field slug; `cells` are the raw cells by field slug.

    A cell that is wrong hides what would only follow from it.
    """
    read = {field.slug: field.read(cells.get(field.slug)) for field in kind.fields}
    day_fault = _day_fault(read.get("day"), context)
    if day_fault:
        read["day"] = day_fault
    values = {
        slug: _resolved(kind.by_slug[slug], value, read, context) for slug, value in read.items()
    }
    faults = [(slug, value) for slug, value in values.items() if isinstance(value, Fault)]
    row = {
        slug: value
        for slug, value in values.items()
        if value is not None and not isinstance(value, Fault)
    }
    broken = {slug for slug, _ in faults}
    for slug, fault in (*_name_faults(kind, row, context), *_row_faults(kind, row)):
        if slug not in broken:
            faults.append((slug, fault))
    return faults or _entry(kind, row, context)


def _day_fault(day: Value | Fault | None, context: Context) -> Fault | None:
    """What is wrong with the row's day for this contract (spec §3, refused)."""
    if not isinstance(day, date):
        return None
    contract = context.contract
    if day not in contract.period:
        expected = f"不在合同期 {contract.start} 至 {contract.end} 内"
        return Fault("outside_contract", expected, day.isoformat())
    if day > context.today:
        return Fault(
            "in_future", f"晚于今天（{context.today}），还没到的日子不能记", day.isoformat()
        )
    return None


def _resolved(
    field: Field,
    value: Value | Fault | None,
    read: Mapping[str, Value | Fault | None],
    context: Context,
) -> Value | Fault | None:
    """The value with roster names turned into codes."""
    if value is None or isinstance(value, Fault) or not _is_looked_up(field.type):
        return value
    day = read.get("day")
    return field.type.resolve(value, context.roster, day if isinstance(day, date) else None)


def _is_looked_up(field_type: FieldType) -> TypeGuard[Reference]:
    return _are_looked_up(type(field_type))


@cache
def _are_looked_up(field_type: type[FieldType]) -> bool:
    """Asked of each type once: whether one keeps a protocol takes as long as reading a cell."""
    return issubclass(field_type, Reference)


def _name_faults(kind: LogKind, row: Row, context: Context) -> Iterator[tuple[str, Fault]]:
    """Names that do not fit the code they stand beside."""
    for field in kind.fields:
        if not isinstance(field.type, NameOf):
            continue
        name, code = row.get(field.slug), row.get(field.type.subject)
        if name is not None and code is not None:
            fault = field.type.misfit(str(name), str(code), context.roster)
            if fault:
                yield field.slug, fault


def _row_faults(kind: LogKind, row: Row) -> Iterator[tuple[str, Fault]]:
    for check in kind.checks:
        yield from check(row)


def _entry(kind: LogKind, row: Row, context: Context) -> Entry:
    """The entry that a valid row makes."""
    subjects = {slug: str(row[slug]) for slug in SUBJECTS if slug in row}
    home = None if "locality" in subjects else _home(subjects, context.roster)
    day, people = row["day"], row["people"]
    if not isinstance(day, date) or not isinstance(people, tuple):  # pragma: no cover - declared so
        msg = f"kind {kind.slug} declares no day or people"
        raise TypeError(msg)
    details = {
        field.slug: _plain(row[field.slug])
        for field in kind.fields
        if field.stored and field.slug in row and field.slug not in {"day", "people", *SUBJECTS}
    }
    return Entry(
        kind=kind.slug,
        day=day,
        people=people,
        key=natural_key(kind, row),
        home=home,
        details=details,
        **subjects,
    )


def _home(subjects: Mapping[str, str], roster: Roster) -> str | None:
    """Where the elder or household of the row lives."""
    if "elder" in subjects:
        return roster.elders[subjects["elder"]].locality
    if "household" in subjects:
        return roster.households[subjects["household"]].locality
    return None


def natural_key(kind: LogKind, row: Row) -> str:
    """The canonical text of the row's natural key: equal exactly for the same entry."""
    parts: list[Detail | list[str] | None] = []
    for part in kind.key:
        slugs = part if isinstance(part, tuple) else (part,)
        value = next((row[slug] for slug in slugs if slug in row), None)
        parts.append(_key_part(value) if value else None)
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _key_part(value: Value) -> Detail | list[str]:
    """The value as a key compares it: widths and spaces of a text make no other entry."""
    if isinstance(value, tuple):
        return list(value)
    return plain(value) if isinstance(value, str) else _plain(value)


def _plain(value: Value) -> Detail:
    """The value as the ledger keeps it."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case tuple():
            return "、".join(value)
        case _:
            return value
