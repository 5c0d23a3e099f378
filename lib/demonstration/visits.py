"""Made-up visits: to elders each month, to the campaign's households once, to localities."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from lib.contract import Visits
from lib.demonstration.rows import Row, World, all_parties, busiest, option, remark, spread
from lib.fields import NO, YES
from lib.logs.campaign import PROBLEM_CATEGORIES
from lib.periods import Month

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from lib.demonstration.rows import Party
    from lib.demonstration.schedule import Crew
    from lib.fields import Value
    from lib.rosters import Elder, Household, Locality

    Member = TypeVar("Member", Elder, Household)

_RUSH_DAYS = 3
_RUSH = 20.0
_HEALTH_BY_SELF_CARE = {"全自理": (60, 35, 5), "半失能": (25, 60, 15), "失能": (5, 55, 40)}


def elder_check(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """Each month so many rounds along one route, some visits missed."""
    chance = world.seed.chance("elder_check")
    route = _route(list(world.roster.elders.values()), chance)
    months: defaultdict[Month, list[Party]] = defaultdict(list)
    for party in all_parties(world, "elder_check", crews, chance):
        months[Month.of(party.day)].append(party)
    shares = world.seed.shares
    late = {month: sum(map(_is_late, parties)) for month, parties in months.items()}
    rushed = sorted(late, key=lambda month: -late[month])[: shares.rushed_months]
    turned = chance.sample(list(months), min(shares.turned_months, len(months)))
    for month, parties in months.items():
        rounds = _rounds(parties, _times(world))
        for number, part in enumerate(rounds):
            course = route[::-1] if month in turned and number % 2 else route
            yield from _round(world, course, part, chance, rushed=month in rushed)


def _route(members: Sequence[Member], chance: random.Random) -> list[Member]:
    """Place by place, the places in any order."""
    places = sorted({member.locality for member in members})
    chance.shuffle(places)
    order = {place: index for index, place in enumerate(places)}
    shuffled = chance.sample(list(members), len(members))
    return sorted(shuffled, key=lambda member: order[member.locality])


def _round(
    world: World,
    route: Sequence[Elder],
    parties: Sequence[Party],
    chance: random.Random,
    *,
    rushed: bool,
) -> Iterator[Row]:
    """One visit to most elders along the route, the route parted among the parties."""
    missed = chance.uniform(*world.seed.shares.visits_missed)
    visits = [elder for elder in route if chance.random() >= missed]
    weights = _weights(parties, chance, rushed=rushed)
    for party, elders in zip(parties, spread(visits, weights), strict=True):
        for elder in elders:
            if party.day in elder.on_roster:
                yield _visit(world, party, elder, chance)


def _times(world: World) -> int:
    """How often a month elders are to be seen, by the contract."""
    visits = (o for o in world.contract.obligation if isinstance(o, Visits))
    return next((o.times_per_month for o in visits if o.kind == "elder_check"), 1)


def _rounds(parties: Sequence[Party], number: int) -> Iterator[list[Party]]:
    """A month's parties in so many rounds, no day in two of them."""
    days = sorted({party.day for party in parties})
    for part in spread(days, [1.0] * number):
        if part:
            yield [party for party in parties if party.day in part]


def _weights(parties: Sequence[Party], chance: random.Random, *, rushed: bool) -> list[float]:
    """How much each party does; in a rush the last days do most."""
    return [
        chance.uniform(0.7, 1.3) * (_RUSH if rushed and _is_late(party) else 1.0)
        for party in parties
    ]


def _is_late(party: Party) -> bool:
    """Whether it goes out in the last days of the month."""
    return party.day > Month.of(party.day).last - timedelta(days=_RUSH_DAYS)


def _visit(world: World, party: Party, elder: Elder, chance: random.Random) -> Row:
    """What was seen at an elder's home."""
    found = chance.random() < world.seed.shares.problems_at_elders
    health = _HEALTH_BY_SELF_CARE.get(elder.self_care, (1, 1, 1))
    cells: dict[str, Value] = {
        "elder": elder.code,
        "elder_name": elder.name,
        "living": option("elder_check", "living", chance, (75, 22, 3)),
        "health": option("elder_check", "health", chance, health),
        "safety": option("elder_check", "safety", chance, (40, 60) if found else (1, 0)),
        "care": option("elder_check", "care", chance, (60, 40) if found else (1, 0)),
    }
    if found:
        cells["problem"] = world.seed.text("elder_problem", chance)
        cells["handling"] = world.seed.text("elder_handling", chance)
    return Row("elder_check", party.day, party.people, cells | remark(world, chance))


def campaign(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """Most households once along a route, a few again; with too few households all again."""
    chance = world.seed.chance("campaign")
    households = _route(list(world.roster.households.values()), chance)
    reached = households[: round(len(households) * world.seed.shares.households_reached)]
    parties = all_parties(world, "campaign", crews, chance)
    weights = [chance.uniform(0.6, 1.4) for _ in parties]
    for party, found in zip(parties, spread(reached, weights) if parties else (), strict=True):
        again = chance.random() < 0.1 or not found  # noqa: PLR2004 - one in ten
        extra = [chance.choice(reached)] if again and reached else []
        for household in (*found, *extra):
            yield _call(world, party, household, chance)


def _call(world: World, party: Party, household: Household, chance: random.Random) -> Row:
    """What was said and found at a household, and what became of it."""
    shares = world.seed.shares
    cells: dict[str, Value] = {
        "household": household.code,
        "head_name": household.head_name,
        "explained": chance.choices((YES, NO), (98, 2))[0],
        "hardship": world.seed.text("hardship", chance),
    }
    if chance.random() < shares.problems_found:
        cells["problem"] = world.seed.text("problem", chance)
        cells["problem_category"] = chance.choice(PROBLEM_CATEGORIES)
        if chance.random() < shares.problems_followed:
            cells["follow_up"] = world.seed.text("follow_up", chance)
        if chance.random() < shares.problems_closed:
            closed = party.day + timedelta(days=chance.randint(1, 22))
            cells["closed_on"] = min(closed, world.contract.end)
    return Row("campaign", party.day, party.people, cells | remark(world, chance))


def patrol(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """One locality a party and day, some places much oftener than others."""
    chance = world.seed.chance("patrol")
    places = list(world.roster.localities.values())
    favour = [chance.uniform(0.5, 1.5) for _ in places]
    copier = busiest(crews)
    for party in all_parties(world, "patrol", crews, chance):
        twice = chance.random() < 0.01  # noqa: PLR2004 - two places on a day, against the rule
        for place in chance.choices(places, favour, k=1 + twice):
            copies = copier in party.people and chance.random() < 0.5  # noqa: PLR2004 - every other
            yield _patrolled(world, party, place, chance, "copied" if copies else "patrol")


def _patrolled(
    world: World, party: Party, place: Locality, chance: random.Random, text: str
) -> Row:
    leads = chance.choices((0, 1, 2), (80, 16, 4))[0]
    cells: dict[str, Value] = {
        "locality": place.name,
        "households_visited": chance.randint(3, 15),
        "situation": world.seed.text(text, chance),
        "leads": leads,
    }
    if leads:
        cells["lead_note"] = world.seed.text("lead", chance)
    return Row("patrol", party.day, party.people, cells | remark(world, chance))
