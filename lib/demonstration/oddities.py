"""Oddities planted in the made-up year: a few rows for each thing that reviewers look for.

What else they look for the year has by itself: overtime, two places on a day, a rush at a month's
end, copied texts, surveys by one person, rows that come late. See `lib/findings/`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lib.contract import Cases, Visits
from lib.fields import Choice, Count
from lib.logs import LOG_KINDS
from lib.periods import Month

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from lib.contract import Contract
    from lib.demonstration.rows import Row
    from lib.demonstration.seed import Oddities, Seed
    from lib.fields import Field
    from lib.logs.kind import LogKind

    # Rows that are planted, by the number of the row in whose place each stands.
    Planted = Mapping[int, Row]
    Plant = Callable[[Contract, Sequence[Row], Oddities, random.Random], Planted]


_ROUND = 5


def planted(contract: Contract, rows: Sequence[Row], seed: Seed) -> list[Row]:
    """The rows, a few of them made odd; how many of each the seed says."""
    found = list(rows)
    for plant in (_same_answers, _close_visits, _surveyed_first, _round_numbers, _alone):
        chance = seed.chance("oddities", plant.__name__)
        for number, row in plant(contract, found, seed.oddities, chance).items():
            found[number] = row
    return found


def _same_answers(
    contract: Contract, rows: Sequence[Row], wanted: Oddities, chance: random.Random
) -> Planted:
    """On a day all of a party's visits to elders are told in the same words: the best ones."""
    most = contract.thresholds.identical_answer_rows
    days: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, row in _of(rows, _visiting(contract)):
        days[row.day, row.people].append(number)
    long = [numbers for numbers in days.values() if len(numbers) >= most]
    chosen = chance.sample(long, min(wanted.same_answers, len(long)))
    return {number: _best(rows[number]) for numbers in chosen for number in numbers}


def _best(row: Row) -> Row:
    """The row with the first option of every choice, and nothing said besides."""
    kind = LOG_KINDS[row.kind]
    told = {f.slug: f.type.options[0] for f in kind.fields if isinstance(f.type, Choice)}
    kept = {f.slug for f in kind.fields if f.slug in kind.key_fields or f.names_somebody}
    return replace(row, cells={k: v for k, v in row.cells.items() if k in kept} | told)


def _close_visits(
    contract: Contract, rows: Sequence[Row], wanted: Oddities, chance: random.Random
) -> Planted:
    """An elder's second visit of a month is made by whoever is out the day after the first."""
    out, twice = {}, defaultdict(list)
    for number, row in _of(rows, _visiting(contract)):
        out[row.day] = row.people
        twice[row.cells["elder"], Month.of(row.day)].append(number)
    pairs = [
        (second, day)
        for first, second in filter(_is_pair, twice.values())
        for day in [rows[first].day + timedelta(days=1)]
        if day in out and Month.of(day) == Month.of(rows[first].day)
    ]
    chosen = chance.sample(pairs, min(wanted.close_visits, len(pairs)))
    return {number: replace(rows[number], day=day, people=out[day]) for number, day in chosen}


def _is_pair(numbers: Sequence[int]) -> bool:
    return len(numbers) == 2  # noqa: PLR2004 - the first visit and the second


def _surveyed_first(
    contract: Contract, rows: Sequence[Row], wanted: Oddities, chance: random.Random
) -> Planted:
    """A new application is surveyed before it is accepted, by whoever surveys on that day."""
    found: dict[int, Row] = {}
    for cases in (each for each in contract.obligation if isinstance(each, Cases)):
        opened, answered = cases.opened, cases.answered
        first = {
            str(row.cells["application"]): row.day
            for _, row in reversed(list(_of(rows, {opened.kind})))
            if row.cells.get(opened.field) == opened.value
        }
        surveys = list(_of(rows, {answered.kind}))
        for number, row in surveys:
            accepted_on = first.get(str(row.cells.get("application")))
            before = [other for _, other in surveys if accepted_on and other.day < accepted_on]
            if before and row.cells.get(answered.field) == answered.value:
                found[number] = replace(row, day=before[-1].day, people=before[-1].people)
    chosen = chance.sample(sorted(found), min(wanted.surveyed_first, len(found)))
    return {number: found[number] for number in chosen}


def _alone(
    contract: Contract, rows: Sequence[Row], wanted: Oddities, chance: random.Random
) -> Planted:
    """A survey is made by one person."""
    pairs = [number for number, row in _of(rows, _surveying(contract)) if len(row.people) > 1]
    chosen = chance.sample(pairs, min(wanted.surveyed_alone, len(pairs)))
    return {number: replace(rows[number], people=rows[number].people[:1]) for number in chosen}


def _round_numbers(
    contract: Contract, rows: Sequence[Row], wanted: Oddities, _: random.Random
) -> Planted:
    """Somebody helps with all that is counted at desks on a day; a month's numbers are round."""
    desk = [(n, row) for n, row in enumerate(rows) if row.kind in _desks(contract)]
    months: defaultdict[tuple[str, str, Month], set[date]] = defaultdict(set)
    for _number, row in desk:
        for code in row.people:
            months[code, row.kind, Month.of(row.day)].add(row.day)
    found = {
        each: [number for number, row in desk if row.kind == each[1] and row.day in days]
        for each, days in months.items()
    }
    busiest = sorted(found, key=lambda each: (-len(found[each]), each))[: wanted.round_numbers]
    return {number: _rounded(rows[number], each[0]) for each in busiest for number in found[each]}


def _rounded(row: Row, code: str) -> Row:
    """The row with round numbers, and with one more of the people."""
    numbers = {
        field.slug: max(_ROUND, round(int(str(row.cells[field.slug])) / _ROUND) * _ROUND)
        for field in _counts(row)
        if row.cells.get(field.slug)
    }
    people = row.people if code in row.people else (*row.people, code)
    return replace(row, people=people, cells={**row.cells, **numbers})


def _counts(row: Row) -> Iterator[Field]:
    return (f for f in LOG_KINDS[row.kind].fields if isinstance(f.type, Count))


def _visiting(contract: Contract) -> set[str]:
    """The kinds with which elders are visited."""
    return {each.kind for each in contract.obligation if isinstance(each, Visits)}


def _surveying(contract: Contract) -> set[str]:
    """The kinds with which cases are answered."""
    return {each.answered.kind for each in contract.obligation if isinstance(each, Cases)}


def _desks(contract: Contract) -> set[str]:
    """The kinds that count something and go nowhere."""
    kinds = (LOG_KINDS[slug] for slug in contract.kinds)
    return {k.slug for k in kinds if "locality" not in k.by_slug and _is_counted(k)}


def _is_counted(kind: LogKind) -> bool:
    return any(isinstance(f.type, Count) and f.required for f in kind.fields)


def _of(rows: Sequence[Row], kinds: Iterable[str]) -> Iterator[tuple[int, Row]]:
    """The rows of these kinds with their numbers, in their order."""
    return ((number, row) for number, row in enumerate(rows) if row.kind in kinds)
