"""Who works on what on which day, so that the quotas are met about as the seed says."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from lib.contract import Events
from lib.periods import days_of

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from lib.contract import Contract, Item
    from lib.demonstration.seed import Seed
    from lib.rosters import Roster

_OVERTIME_STAFF = 2
_EVENT_STAFF = 3
_TASK_DAYS = 0.15  # the share of days with work on an item that has no quota
_SHORT_HANDED = 0.15  # the share of crews in which one is missing


@dataclass(frozen=True)
class Crew:
    """The people (codes) who work on one kind on one day."""

    day: date
    staff: tuple[str, ...]


def crews(
    contract: Contract, roster: Roster, seed: Seed, working: Sequence[date]
) -> Mapping[str, list[Crew]]:
    """The crews by kind, in order of days."""
    chance = seed.chance("schedule")
    planner = _Planner(contract, seed, chance)
    reserved = _reserved(contract, working, chance)
    overtime = _overtime(contract, seed, working, chance)
    found: defaultdict[str, list[Crew]] = defaultdict(list)
    for day in sorted({*working, *overtime}):
        free = _present(roster, day, seed, chance)
        if day in overtime:
            free = free[:_OVERTIME_STAFF]
        elapsed = bisect_right(working, day) / len(working)
        for kind, people in planner.shifts(elapsed, free, reserved.get(day, ())).items():
            found[kind].append(Crew(day, tuple(people)))
    return found


def _present(roster: Roster, day: date, seed: Seed, chance: random.Random) -> list[str]:
    """Who is on post and not away, in no order."""
    present = [
        person.code
        for person in roster.staff.values()
        if day in person.on_post and chance.random() >= seed.absent
    ]
    chance.shuffle(present)
    return present


def _overtime(
    contract: Contract, seed: Seed, working: Sequence[date], chance: random.Random
) -> set[date]:
    """A few non-working days that are worked on."""
    known = set(working)
    rest = [day for day in days_of(contract.period) if day not in known]
    return set(chance.sample(rest, min(seed.overtime_days, len(rest) // 10)))


def _reserved(
    contract: Contract, working: Sequence[date], chance: random.Random
) -> Mapping[date, list[tuple[str, int]]]:
    """Days of items without a quota, with how many people: events, and tasks now and then."""
    events = {o.kind: o.required + 1 for o in contract.obligation if isinstance(o, Events)}
    reserved: defaultdict[date, list[tuple[str, int]]] = defaultdict(list)
    for item in contract.item:
        if item.person_days is not None:
            continue
        if item.code in events:
            for day in _event_days(events[item.code], working, chance):
                reserved[day].append((item.code, _EVENT_STAFF))
        else:
            for day in working:
                if chance.random() < _TASK_DAYS:
                    reserved[day].append((item.code, chance.randint(1, 2)))
    return reserved


def _event_days(number: int, working: Sequence[date], chance: random.Random) -> Iterator[date]:
    """So many days, spread over the contract."""
    for index in range(number):
        place = (index + chance.uniform(0.3, 0.7)) / number
        yield working[int(place * len(working))]


class _Planner:
    """Gives each day's people to the items that lag most; remembers what was delivered."""

    def __init__(self, contract: Contract, seed: Seed, chance: random.Random) -> None:
        self._items = [item for item in contract.item if item.person_days]
        self._seed = seed
        self._chance = chance
        self._done: defaultdict[str, float] = defaultdict(float)

    def shifts(
        self, elapsed: float, free: Sequence[str], reserved: Sequence[tuple[str, int]]
    ) -> Mapping[str, list[str]]:
        """The people of each kind on a day, when `elapsed` of the contract has gone by."""
        shifts: dict[str, list[str]] = {}
        for kind, number in (*reserved, *self._wanted(elapsed)):
            taken, free = free[:number], free[number:]
            if taken:
                shifts.setdefault(kind, []).extend(taken)
        self._split(shifts)
        self._count(shifts)
        return shifts

    def _wanted(self, elapsed: float) -> list[tuple[str, int]]:
        """Kinds and people wanted, the one that lags most first."""
        lags = [(self._lag(item, elapsed), item) for item in self._items]
        lags.sort(key=lambda lag: -lag[0] / (lag[1].person_days or 1))
        return [(item.code, self._people(lag, item)) for lag, item in lags]

    def _lag(self, item: Item, elapsed: float) -> float:
        effort = self._seed.effort_for(item.code)
        target = (item.person_days or 0) * effort.completion * float(elapsed**effort.course)
        return target - self._done[item.code]

    def _people(self, lag: float, item: Item) -> int:
        """Whole crews of the contract's size, one person short now and then."""
        crew = item.people_per_day or 1
        wanted = crew * max(0, floor(lag / crew + self._chance.random()))
        short = wanted > 1 and self._chance.random() < _SHORT_HANDED
        return wanted - short

    def _split(self, shifts: dict[str, list[str]]) -> None:
        """Let some people work on a second kind of the day as well."""
        quotas = {item.code for item in self._items}
        kinds = [kind for kind in shifts if kind in quotas]
        for kind in kinds:
            for code in tuple(shifts[kind]):
                other = self._chance.choice(kinds)
                if self._chance.random() < self._seed.split_days and code not in shifts[other]:
                    shifts[other].append(code)

    def _count(self, shifts: Mapping[str, Sequence[str]]) -> None:
        """Add the day's person-days, shared over a person's kinds."""
        kinds_of: defaultdict[str, list[str]] = defaultdict(list)
        for kind, people in shifts.items():
            for code in people:
                kinds_of[code].append(kind)
        for kinds in kinds_of.values():
            for kind in kinds:
                self._done[kind] += 1 / len(kinds)
