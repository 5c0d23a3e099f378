"""A team's workbook of a month: its rows, when it is uploaded, and how it stands then."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from lib.demonstration.rows import spread
from lib.fields import Choice, Count
from lib.logs import LOG_KINDS
from lib.periods import BUSINESS_ZONE, Month

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from lib.demonstration.rows import Row
    from lib.demonstration.seed import Seed
    from lib.fields import Value
    from lib.rosters import Roster

_TYPOS = 4
_HIGH = 40  # a count above it is mistaken for less, not for more


@dataclass(frozen=True)
class Upload:
    """One upload: when, and the rows of which days, both included.

    The `complete` one brings what was forgotten and puts right what was mistyped besides.
    """

    at: datetime
    since: date
    until: date
    complete: bool = False

    @property
    def day(self) -> date:
        """The day on which it is made, where the services are delivered."""
        return self.at.astimezone(BUSINESS_ZONE).date()


@dataclass(frozen=True)
class Book:
    """A team's rows of a month, by their number in the year; `typos` stand until the last upload.

    Forgotten rows come with the last upload as well.
    """

    team: str
    month: Month
    rows: Mapping[int, Row]
    uploads: Sequence[Upload] = ()
    typos: Mapping[int, Mapping[str, Value]] = field(default_factory=dict)
    forgotten: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.team}{self.month}工作台账.xlsx"


def books(roster: Roster, seed: Seed, rows: Sequence[Row], working: Sequence[date]) -> list[Book]:
    """The workbooks of all teams and months, with their uploads."""
    parted: defaultdict[tuple[Month, str], dict[int, Row]] = defaultdict(dict)
    for number, row in enumerate(rows):
        parted[Month.of(row.day), roster.staff[row.people[0]].team][number] = row
    return [
        _book(Book(team, month, held), seed, [day for day in working if Month.of(day) == month])
        for (month, team), held in parted.items()
    ]


def _book(book: Book, seed: Seed, days: Sequence[date]) -> Book:
    """The book with its uploads and, where it is checked once more, its typos."""
    chance = seed.chance("book", book.month, book.team)
    rechecked = chance.random() < seed.rechecked
    uploads = list(_uploads(book, days, seed.uploads_per_month, chance))
    return replace(
        book,
        uploads=[*uploads, _closing(book, chance, rechecked=rechecked)],
        typos=_typos(book.rows, chance) if rechecked else {},
        forgotten=frozenset(n for n in book.rows if chance.random() < seed.forgotten),
    )


def _uploads(
    book: Book, days: Sequence[date], number: int, chance: random.Random
) -> Iterator[Upload]:
    """Uploads as the month goes by, each of what was done since the last; one on its last day."""
    since = book.month.first
    for part in list(spread(days, [1.0] * number))[:-1]:
        if part:
            yield Upload(_moment(part[-1], 17, chance), since, part[-1])
            since = part[-1] + timedelta(days=1)
    yield Upload(_moment(book.month.last, 17, chance), since, book.month.last)


def _closing(book: Book, chance: random.Random, *, rechecked: bool) -> Upload:
    """What is added and put right once the month is over, soon or when it is checked once more."""
    later = chance.randint(9, 23) if rechecked else chance.randint(1, 3)
    after = book.month.last + timedelta(days=1)
    closing = book.month.last + timedelta(days=later)
    return Upload(_moment(closing, 9, chance), after, book.month.last, complete=True)


def _moment(day: date, hour: int, chance: random.Random) -> datetime:
    """A moment in the office's hour, in UTC."""
    local = time(hour, chance.randrange(60), chance.randrange(60))
    return datetime.combine(day, local, BUSINESS_ZONE).astimezone(UTC)


def _typos(rows: Mapping[int, Row], chance: random.Random) -> Mapping[int, Mapping[str, Value]]:
    """Wrong but possible values in a few rows, none in a natural key."""
    numbers = chance.sample(sorted(rows), min(_TYPOS, len(rows)))
    return {number: _typo(rows[number], chance) for number in numbers}


def _typo(row: Row, chance: random.Random) -> Mapping[str, Value]:
    kind = LOG_KINDS[row.kind]
    for column in kind.fields:
        value = row.cells.get(column.slug)
        if value is None or column.slug in kind.key_fields:
            continue
        if isinstance(column.type, Count) and isinstance(value, int):
            return {column.slug: value - 1 if value > _HIGH else value + chance.choice((1, 2, 10))}
        if isinstance(column.type, Choice):
            others = [word for word in column.type.options if word != value]
            return {column.slug: chance.choice(others)}
    return {}


def uploads(books: Sequence[Book], now: datetime) -> list[tuple[Upload, Book]]:
    """Every upload made by now, in order; what the running month holds so far comes last."""
    made = [(upload, book) for book in books for upload in book.uploads if upload.at <= now]
    running = [book for book in books if all(upload.at > now for upload in book.uploads[-1:])]
    made += [(Upload(now, book.month.first, book.month.last), book) for book in running]
    return sorted(made, key=lambda one: (one[0].at, one[1].team))
