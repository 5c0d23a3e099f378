"""Raw rows of any kind made into entries, or into all that is wrong with them."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

from lib.logs.columns import SUBJECTS
from lib.logs.entry import Detail, Entry, canonical, digest, member
from lib.logs.references import NameOf, Reference
from lib.problems import Fault
from lib.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lib.contract import Contract
    from lib.fields import Cell, Field, Value
    from lib.logs.kind import LogKind, Row
    from lib.rosters import Roster

    Read = Value | Fault | None  # what a cell says
    Columns = Mapping[str, Sequence[Any]]  # by field slug, in step
    Faults = Sequence[tuple[str, Fault]]  # of a row, by field slug

# What an entry holds in places of its own; all else are its details.
_OWN = ("day", "people", *SUBJECTS)


@dataclass(frozen=True)
class Context:
    """What a row is checked against."""

    contract: Contract
    roster: Roster
    today: date


class Known:
    """What cells were found to say, shared by all kinds: many have the same columns."""

    def __init__(self, context: Context) -> None:
        self.roster = context.roster
        self.days = _Days(context)
        self.cells = cache(_Cells)
        self.codes = cache(partial(_Codes, roster=context.roster))
        self.misfits = cache(partial(_Misfits, roster=context.roster))


class Checker:
    """Checks rows of one kind by columns; what stands in many cells of a column is read once."""

    def __init__(self, kind: LogKind, known: Known) -> None:
        types = {field.slug: field.type for field in kind.fields}
        self._kind = kind
        self._roster = known.roster
        self._days = known.days
        self._cells = {field.slug: known.cells(field) for field in kind.fields}
        self._codes = {s: known.codes(t) for s, t in types.items() if isinstance(t, Reference)}
        self._misfits = {s: known.misfits(t) for s, t in types.items() if isinstance(t, NameOf)}
        self._key_texts = [
            (part if isinstance(part, tuple) else (part,), _KeyTexts()) for part in kind.key
        ]
        self._own_texts = {slug: _Texts() for slug in _OWN}
        details = sorted(f.slug for f in kind.fields if f.stored and f.slug not in _OWN)
        self._detail_texts = {slug: _DetailTexts(slug) for slug in details}

    def check(self, cells: Mapping[str, Sequence[Cell]]) -> Sequence[Entry | Faults]:
        """Of each row the entry, or its faults; `cells` are raw columns by field slug.

        A cell that is wrong hides what would only follow from it.
        """
        columns = self._read(cells)
        faults = self._faults(columns)
        if not faults:
            return self._entries(columns)
        rows = range(len(cells["day"]))
        valid = [index for index in rows if index not in faults]
        entries = iter(self._entries({s: [c[i] for i in valid] for s, c in columns.items()}))
        return [faults[index] if index in faults else next(entries) for index in rows]

    def _read(self, cells: Mapping[str, Sequence[Cell]]) -> Columns:
        """What each cell says, codes in place of names, or what is wrong with it."""
        empty = [None] * len(cells["day"])
        read: dict[str, list[Read]] = {}
        for slug, says in self._cells.items():
            column: Sequence[Any] = cells.get(slug, empty)
            if bool in set(map(type, column)):  # as a key TRUE would be the same as 1
                column = [(bool, each) if isinstance(each, bool) else each for each in column]
            read[slug] = _each(says, column)
        read["day"] = _each(self._days, read["day"])
        days = [day if isinstance(day, date) else None for day in read["day"]]
        for slug, codes in self._codes.items():
            alike = map(codes.alike.__getitem__, days)
            read[slug] = _each(codes, zip(read[slug], alike, strict=True))
        return read

    def _faults(self, columns: Columns) -> Mapping[int, Faults]:
        """What is wrong with rows, by their index."""
        misfits = {
            slug: _each(names, zip(columns[slug], columns[names.subject], strict=True))
            for slug, names in self._misfits.items()
        }
        found: defaultdict[int, list[tuple[str, Fault]]] = defaultdict(list)
        for slug, column in (*columns.items(), *misfits.items()):
            if Fault in set(map(type, column)):
                for index, value in enumerate(column):
                    if isinstance(value, Fault):
                        found[index].append((slug, value))
        for index, row in enumerate(_rows(columns) if self._kind.checks else ()):
            for slug, fault in self._row_faults(row):
                if not isinstance(columns[slug][index], Fault):
                    found[index].append((slug, fault))
        return found

    def _row_faults(self, row: Row) -> Iterator[tuple[str, Fault]]:
        for check in self._kind.checks:
            yield from check(row)

    def _entries(self, columns: Columns) -> Sequence[Entry]:
        """The entries of rows that are valid."""
        empty = [None] * len(columns["day"])
        own = {slug: columns.get(slug, empty) for slug in _OWN}
        details = self._details(columns)
        texts = [_each(self._own_texts[slug], column) for slug, column in own.items()]
        kind = repeat(canonical(self._kind.slug))
        return list(
            map(
                Entry,
                repeat(self._kind.slug),
                own["day"],
                own["people"],
                self._keys(columns),
                own["locality"],
                self._homes(own),
                own["elder"],
                own["household"],
                own["application"],
                details,
                map(digest, zip(kind, *texts, details, strict=False)),
            )
        )

    def _keys(self, columns: Columns) -> Iterator[str]:
        """The canonical text of each row's natural key: equal exactly for the same entry."""
        parts = [
            _each(texts, _first_filled([columns[slug] for slug in slugs]))
            for slugs, texts in self._key_texts
        ]
        return (f"[{','.join(row)}]" for row in zip(*parts, strict=True))

    def _details(self, columns: Columns) -> Sequence[str]:
        """The canonical text of each row's details, empty cells left out."""
        parts = [_each(texts, columns[slug]) for slug, texts in self._detail_texts.items()]
        return ["{" + ",".join(filter(None, row)) + "}" for row in zip(*parts, strict=True)]

    def _homes(self, own: Columns) -> Iterator[str | None]:
        """Where the elder or household of each row lives, when it names no locality."""
        for place, elder, household in zip(
            own["locality"], own["elder"], own["household"], strict=True
        ):
            if place or not (elder or household):
                yield None
            elif elder:
                yield self._roster.elders[elder].locality
            else:
                yield self._roster.households[household].locality


def _each(known: Mapping[Any, Any], keys: Iterable[Any]) -> list[Any]:
    """What is known of each."""
    return list(map(known.__getitem__, keys))


def _rows(columns: Columns) -> Iterator[Row]:
    """The valid values of each row."""
    for row in zip(*columns.values(), strict=True):
        filled = zip(columns, row, strict=True)
        yield {s: value for s, value in filled if not (value is None or isinstance(value, Fault))}


def _first_filled(columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Of several columns, in each row the first that is filled."""
    if len(columns) == 1:
        return columns[0]
    rows = zip(*columns, strict=True)
    return [next((value for value in row if value is not None), None) for row in rows]


class _Cells(dict[Any, "Read"]):
    """What each cell of a column says; the key of TRUE is (bool, True). 1 and 1.0 say the same."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field

    def __missing__(self, key: Any) -> Read:  # noqa: ANN401 - a cell
        value = self[key] = self._field.read(key[1] if isinstance(key, tuple) else key)
        return value


class _Days(dict["date | Fault", "date | Fault"]):
    """The day itself, or what is wrong with it for this contract."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def __missing__(self, day: date | Fault) -> date | Fault:
        fault = day if isinstance(day, Fault) else _day_fault(day, self._context)
        found = self[day] = fault or day
        return found


class _Codes(dict[tuple["Read", date | None], "Read"]):
    """The code (or codes) that a value means on a day; no day where the row's own is not valid.

    Days between which nobody came or went are `alike`: looked up for one of them, right for all.
    """

    def __init__(self, reference: Reference, roster: Roster) -> None:
        super().__init__()
        self.alike = _Alike(reference.turns(roster))
        self._reference = reference
        self._roster = roster

    def __missing__(self, key: tuple[Read, date | None]) -> Read:
        value, day = key
        if value is None or isinstance(value, Fault):
            return value
        found = self[key] = self._reference.resolve(value, self._roster, day)
        return found


class _Alike(dict[date | None, date | None]):
    """Of days between two turns the one that was met first."""

    def __init__(self, turns: Iterable[date]) -> None:
        super().__init__({None: None})
        self._turns = sorted(set(turns))
        self._met: dict[int, date] = {}

    def __missing__(self, day: date) -> date:
        first = self[day] = self._met.setdefault(bisect(self._turns, day), day)
        return first


class _Misfits(dict[tuple["Read", "Read"], "Fault | None"]):
    """What is wrong with a name beside a code, where both are valid."""

    def __init__(self, names: NameOf, roster: Roster) -> None:
        super().__init__()
        self.subject = names.subject
        self._names = names
        self._roster = roster

    def __missing__(self, key: tuple[Read, Read]) -> Fault | None:
        are_valid = not any(each is None or isinstance(each, Fault) for each in key)
        name, code = map(str, key)
        fault = self[key] = self._names.misfit(name, code, self._roster) if are_valid else None
        return fault


class _Texts(dict["Value | None", str]):
    """The canonical text of each value of a column."""

    def __missing__(self, value: Value | None) -> str:
        text = self[value] = self.text(value)
        return text

    def text(self, value: Value | None) -> str:
        """The text of one that was not met yet."""
        return canonical(value if isinstance(value, tuple) else _plain(value))


class _KeyTexts(_Texts):
    """The same as a key compares them: widths and spaces of a text make no other entry."""

    def text(self, value: Value | None) -> str:
        """What is empty, and nought, is no part of a key."""
        return super().text(plain(value) if isinstance(value, str) else value) if value else "null"


class _DetailTexts(_Texts):
    """The same with the column's slug before it; nothing for an empty cell."""

    def __init__(self, slug: str) -> None:
        super().__init__()
        self._slug = slug

    def text(self, value: Value | None) -> str:
        """A member of the details."""
        return "" if value is None else member(self._slug, _plain(value))


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


def _plain(value: Value | None) -> Detail | None:
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
