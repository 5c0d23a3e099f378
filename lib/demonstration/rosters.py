"""Made-up rosters: as many of everything as the contract says, plus who joins and leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count, islice, product
from math import ceil
from typing import TYPE_CHECKING

from lib.rosters import AID_CATEGORIES, Elder, Household, Locality, Roster, Staff

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from datetime import date

    from lib.contract import Contract
    from lib.demonstration.seed import Seed

_SELF_CARE = ("全自理", "半失能", "失能")
_SELF_CARE_WEIGHTS = (5, 3, 2)
_AID_WEIGHTS = (5, 2, 2, 1)
_DAYS_BEFORE = 900  # elders of the first day were enrolled within so many days before it
_SUCCESSION = 0.6  # the part of the contract after which somebody leaves
_SHORT = 40  # with fewer working days nobody leaves


@dataclass(frozen=True)
class MadeUpRoster:
    """The rosters as they stand at the end, and the days on which they changed."""

    final: Roster
    changed_on: tuple[date, ...]

    def at(self, day: date) -> Roster:
        """The rosters as known on a day: who joins later is not on them, nor is who leaves."""
        return Roster(
            localities=self.final.localities,
            staff={
                code: _still_on_post(person, day)
                for code, person in self.final.staff.items()
                if person.on_post_on <= day + timedelta(days=15)  # announced with the leaving
            },
            elders={
                code: _still_listed(elder, day)
                for code, elder in self.final.elders.items()
                if elder.enrolled_on <= day
            },
            households=self.final.households,
        )


def _still_on_post(person: Staff, day: date) -> Staff:
    return replace(person, left_on=None) if person.left_on and person.left_on > day else person


def _still_listed(elder: Elder, day: date) -> Elder:
    if elder.left_on and elder.left_on > day:
        return replace(elder, left_on=None, left_reason=None)
    return elder


def made_up(contract: Contract, seed: Seed, working: Sequence[date]) -> MadeUpRoster:
    """Rosters that agree with the contract's figures; `working` are its working days."""
    chance = seed.chance("rosters")
    changes = _change_days(seed, working, chance)
    localities = _localities(contract, seed)
    staff = _staff(contract, seed, working, changes)
    elders = _elders(contract, seed, localities, changes)
    households = _households(contract, seed, localities)
    roster = Roster(
        localities={place.code: place for place in localities},
        staff={person.code: person for person in staff},
        elders={elder.code: elder for elder in elders},
        households={household.code: household for household in households},
    )
    return MadeUpRoster(roster, tuple(changes))


def _change_days(seed: Seed, working: Sequence[date], chance: random.Random) -> list[date]:
    """The days on which the rosters change, none on the first or last few."""
    inner = working[3:-3]
    return sorted(chance.sample(inner, min(seed.elder_changes, len(inner) // 10)))


def _localities(contract: Contract, seed: Seed) -> list[Locality]:
    names = _place_names(seed)
    subdistricts = list(islice(_named(seed.places.subdistricts), contract.roster.subdistricts))
    categories = [name for name, n in contract.roster.by_category.items() for _ in range(n)]
    return [
        Locality(f"L{number:02d}", f"{next(names)}{category}", category, subdistrict)
        for number, (category, subdistrict) in enumerate(
            zip(categories, _cycled(subdistricts), strict=False), 1
        )
    ]


def _place_names(seed: Seed) -> Iterator[str]:
    return (f"{seed.places.prefix}{stem}" for stem in _named(seed.places.stems))


def _named(stems: Sequence[str]) -> Iterator[str]:
    """The stems, then the stems with a number, without end."""
    yield from stems
    for number in count(2):
        yield from (f"{stem}{number}" for stem in stems)


def _cycled(values: Sequence[str]) -> Iterator[str]:
    while True:
        yield from values


def _staff(
    contract: Contract, seed: Seed, working: Sequence[date], changes: Sequence[date]
) -> list[Staff]:
    """Enough people for the quotas; one leaves, and a successor takes over."""
    quota = sum(item.required for item in contract.quotas)
    crew = max((item.people_per_day or 1 for item in contract.item), default=1)
    number = max(2, crew, ceil(quota / len(working) * seed.staff_reserve))
    teams = seed.teams[: max(1, number // 3)]
    names = _staff_names(seed)
    staff = [
        Staff(f"S{n + 1:02d}", next(names), teams[n % len(teams)], contract.start)
        for n in range(number)
    ]
    leaving = [day for day in changes if day >= working[int(len(working) * _SUCCESSION)]]
    if leaving and len(working) >= _SHORT:
        left = replace(staff[number // 2], left_on=leaving[0])
        after = next(day for day in working if day > leaving[0])
        staff[number // 2] = left
        staff.append(Staff(f"S{number + 1:02d}", next(names), left.team, after))
    return staff


def _staff_names(seed: Seed) -> Iterator[str]:
    """Names no two of which are alike."""
    for length in count(1):
        for parts in product(seed.names.staff_numbers, repeat=length):
            for stem in seed.names.staff_stems:
                yield f"{seed.names.staff}{stem}{''.join(parts)}"


def _elders(
    contract: Contract, seed: Seed, localities: Sequence[Locality], changes: Sequence[date]
) -> list[Elder]:
    """The contract's number on its first day; a few leave, a few join."""
    chance = seed.chance("elders")
    number = contract.roster.elders
    joining = round(number * seed.elders_joining) if changes else 0
    leaving = round(number * seed.elders_leaving) if changes else 0
    leavers = set(chance.sample(range(number), leaving))
    elders = []
    for index in range(number + joining):
        enrolled = contract.start - timedelta(days=chance.randrange(_DAYS_BEFORE))
        left = chance.choice(changes) if index in leavers else None
        elder = Elder(
            code=f"T{index + 1:03d}",
            name=_given_name(seed, seed.names.elder, chance),
            locality=chance.choice(localities).code,
            self_care=chance.choices(_SELF_CARE, _SELF_CARE_WEIGHTS)[0],
            enrolled_on=enrolled if index < number else chance.choice(changes),
            left_on=left,
            left_reason=seed.text("leaving_reason", chance) if left else None,
        )
        elders.append(elder)
    return elders


def _households(contract: Contract, seed: Seed, localities: Sequence[Locality]) -> list[Household]:
    """The contract's number, some in every place, more in some."""
    chance = seed.chance("households")
    sizes = [chance.uniform(0.5, 1.6) for _ in localities]
    places = [*localities, *chance.choices(localities, sizes, k=contract.roster.households)]
    return [
        Household(
            code=f"H{number:04d}",
            head_name=_given_name(seed, seed.names.household, chance),
            locality=place.code,
            aid_category=chance.choices(AID_CATEGORIES, _AID_WEIGHTS)[0],
            members=chance.randint(1, 5) if chance.random() < 0.97 else None,  # noqa: PLR2004
        )
        for number, place in enumerate(places[: contract.roster.households], 1)
    ]


def _given_name(seed: Seed, prefix: str, chance: random.Random) -> str:
    return prefix + "".join(chance.sample(seed.names.given, 2))
