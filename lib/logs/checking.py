"""Raw rows of any kind made into entries, or into all that is wrong with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from lib.logs.columns import SUBJECTS
from lib.logs.entry import Detail, Entry
from lib.logs.references import NameOf, Reference
from lib.problems import Fault
from lib.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lib.contract import Contract
    from lib.fields import Cell, Field, Value
    from lib.logs.kind import LogKind, Row
    from lib.rosters import Roster


@dataclass(frozen=True)
class Context:
    """What a row is checked against."""

    contract: Contract
    roster: Roster
    today: date


class Checker:
    """Checks the rows of one kind; what stands in many cells of a column is read once."""

    def __init__(self, kind: LogKind, context: Context) -> None:
        self._kind = kind
        self._context = context
        self._columns = {field.slug: _Column(field) for field in kind.fields}
        self._looked_up = {
            field.slug: _Codes(field.type, context.roster)
            for field in kind.fields
            if isinstance(field.type, Reference)
        }
        self._days = _Days(context)
        self._names = [
            (field.slug, field.type) for field in kind.fields if isinstance(field.type, NameOf)
        ]
        self._details = [
            field.slug
            for field in kind.fields
            if field.stored and field.slug not in {"day", "people", *SUBJECTS}
        ]

    def check(self, cells: Mapping[str, Cell]) -> Entry | list[tuple[str, Fault]]:
        """The entry of a row, or its faults by field slug; `cells` are raw, by field slug.

        A cell that is wrong hides what would only follow from it.
        """
        row, faults = self._values(cells)
        broken = {slug for slug, _ in faults}
        for slug, fault in (*self._name_faults(row), *_row_faults(self._kind, row)):
            if slug not in broken:
                faults.append((slug, fault))
        return faults or self._entry(row)

    def _values(
        self, cells: Mapping[str, Cell]
    ) -> tuple[dict[str, Value], list[tuple[str, Fault]]]:
        """What the filled cells say, codes in place of names, and what is wrong with others."""
        read: dict[str, Value | Fault | None] = {}
        for slug, column in self._columns.items():
            cell = cells.get(slug)
            read[slug] = column[type(cell), cell]
        found = read.get("day")
        day = self._days[found] if isinstance(found, date) else found
        read["day"] = day
        on = day if isinstance(day, date) else None
        row, faults = {}, []
        for slug, value in read.items():
            if value is None:
                continue
            if slug in self._looked_up and not isinstance(value, Fault):
                value = self._looked_up[slug][value, on]  # noqa: PLW2901 - the code for the name
            if isinstance(value, Fault):
                faults.append((slug, value))
            else:
                row[slug] = value
        return row, faults

    def _name_faults(self, row: Row) -> Iterator[tuple[str, Fault]]:
        """Names that do not fit the code they stand beside."""
        for slug, names in self._names:
            name, code = row.get(slug), row.get(names.subject)
            if name is not None and code is not None:
                fault = names.misfit(str(name), str(code), self._context.roster)
                if fault:
                    yield slug, fault

    def _entry(self, row: Row) -> Entry:
        """The entry that a valid row makes."""
        subjects = {slug: str(row[slug]) for slug in SUBJECTS if slug in row}
        home = None if "locality" in subjects else _home(subjects, self._context.roster)
        day, people = row["day"], row["people"]
        if not isinstance(day, date) or not isinstance(people, tuple):  # pragma: no cover
            msg = f"kind {self._kind.slug} declares no day or people"
            raise TypeError(msg)
        return Entry(
            kind=self._kind.slug,
            day=day,
            people=people,
            key=natural_key(self._kind, row),
            home=home,
            details={slug: _plain(row[slug]) for slug in self._details if slug in row},
            **subjects,
        )


class _Column(dict[tuple[type, "Cell"], "Value | Fault | None"]):
    """What each cell of a column says; by type too, for 1, 1.0 and TRUE are equal as keys."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field

    def __missing__(self, key: tuple[type, Cell]) -> Value | Fault | None:
        value = self[key] = self._field.read(key[1])
        return value


class _Codes(dict[tuple["Value", date | None], "Value | Fault"]):
    """The code (or codes) that a value means on a day; no day where the row's own is not valid."""

    def __init__(self, reference: Reference, roster: Roster) -> None:
        super().__init__()
        self._reference = reference
        self._roster = roster

    def __missing__(self, key: tuple[Value, date | None]) -> Value | Fault:
        value, day = key
        found = self[key] = self._reference.resolve(value, self._roster, day)
        return found


class _Days(dict[date, "date | Fault"]):
    """The day itself, or what is wrong with it for this contract."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, day: date) -> date | Fault:
        found = self[day] = _day_fault(day, self._context) or day
        return found


def _day_fault(day: date, context: Context) -> Fault | None:
    """What is wrong with a row's day for this contract (spec §3, refused)."""
    contract = context.contract
    if day not in contract.period:
        expected = f"不在合同期 {contract.start} 至 {contract.end} 内"
        return Fault("outside_contract", expected, day.isoformat())
    if day > context.today:
        return Fault(
            "in_future", f"晚于今天（{context.today}），还没到的日子不能记", day.isoformat()
        )
    return None


def _row_faults(kind: LogKind, row: Row) -> Iterator[tuple[str, Fault]]:
    for check in kind.checks:
        yield from check(row)


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
    return _canonical(parts)


_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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
