"""The made-up workbooks as bytes: rosters, and a team's ledger of a month as it stands."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib.demonstration.writing import written
from lib.logs import kinds_of
from lib.rosters import SHEETS
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lib.contract import Contract
    from lib.demonstration.books import Book, Upload
    from lib.demonstration.rows import Row
    from lib.demonstration.seed import Seed
    from lib.fields import Plain, Value
    from lib.logs.kind import LogKind
    from lib.rosters import Member, Roster, RosterSheet

_BLANK_ROWS = 0.02


def roster_workbook(roster: Roster, seed: Seed) -> bytes:
    """The four sheets of the rosters, without title or numbers."""
    return office_ledger(
        [
            LedgerSheet(
                sheet.sheet,
                [field.heading for field in sheet.fields],
                [
                    _listed(sheet, member, roster, seed)
                    for member in roster.members(sheet.slug).values()
                ],
            )
            for sheet in SHEETS
        ]
    )


def _listed(sheet: RosterSheet, member: Member, roster: Roster, seed: Seed) -> list[Plain]:
    """A member's row; localities by name, as the offices list them."""
    chance = seed.chance("roster", member.code)
    home = getattr(member, "locality", None)
    names = {home: roster.localities[home].name} if home else {}
    cells: list[Plain] = []
    for field in sheet.fields:
        value = getattr(member, field.slug)
        cells.append(written(field, names.get(value, value), chance))
    return cells


class Clerk:
    """Writes the workbooks of one contract's teams."""

    def __init__(self, contract: Contract, roster: Roster, seed: Seed) -> None:
        self._contract = contract
        self._roster = roster
        self._seed = seed

    def workbook(self, book: Book, upload: Upload) -> bytes | None:
        """The book as it stands at an upload; None while no row is in it."""
        sheets = [
            self._sheet(kind, book, rows)
            for kind in kinds_of(self._contract)
            if (rows := list(self._rows(kind, book, upload)))
        ]
        return office_ledger(sheets) if sheets else None

    def _sheet(self, kind: LogKind, book: Book, rows: Sequence[Sequence[Plain]]) -> LedgerSheet:
        month = book.month
        return LedgerSheet(
            name=kind.sheet,
            headings=[field.heading for field in kind.fields],
            rows=rows,
            title=f"{month.year}年{month.number}月{kind.sheet}工作台账（{book.team}）",
            byline=(self._seed.unit, self._lead(book.team)),
        )

    def _lead(self, team: str) -> str:
        """The first of the team, who fills its workbooks in."""
        members = self._roster.staff.values()
        return next(person.name for person in members if person.team == team)

    def _rows(self, kind: LogKind, book: Book, upload: Upload) -> Iterator[list[Plain]]:
        """The kind's rows known by then, and blank ones between."""
        for number, row in _known(book, upload):
            if row.kind != kind.slug:
                continue
            chance = self._seed.chance("row", number)
            typos = {} if upload.complete else book.typos.get(number, {})
            yield self._cells(kind, row, {**row.cells, **typos}, upload.day, chance)
            if chance.random() < _BLANK_ROWS:
                yield []

    def _cells(
        self,
        kind: LogKind,
        row: Row,
        values: Mapping[str, Value],
        uploaded_on: date,
        chance: random.Random,
    ) -> list[Plain]:
        """One row; days that had not come yet are left open."""
        names = tuple(self._roster.staff[code].name for code in row.people)
        held = {**values, "day": row.day, "people": names}
        cells = []
        for field in kind.fields:
            value = held.get(field.slug)
            still_open = isinstance(value, date) and value > uploaded_on
            cells.append(written(field, None if still_open else value, chance))
        return cells


def _known(book: Book, upload: Upload) -> Iterable[tuple[int, Row]]:
    """The rows that the team hands in with an upload."""
    late = {*book.forgotten, *book.typos} if upload.complete else set()
    in_time = book.rows.keys() - book.forgotten
    return (
        (number, row)
        for number, row in book.rows.items()
        if number in late or (number in in_time and upload.since <= row.day <= upload.until)
    )
