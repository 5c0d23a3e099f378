"""A made-up log row, and what the makers of rows of each kind have in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from lib.fields import Choice
from lib.logs import LOG_KINDS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from lib.contract import Contract
    from lib.demonstration.schedule import Crew
    from lib.demonstration.seed import Seed
    from lib.fields import Value
    from lib.rosters import Roster

    # Makes the rows of one kind from its crews, in order of days.
    Maker = Callable[["World", "Sequence[Crew]"], "Iterator[Row]"]


_REMARKS = 0.04  # the share of rows with one

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Row:
    """What one row says: people by code, the other cells by field slug, places by name."""

    kind: str
    day: date
    people: tuple[str, ...]
    cells: Mapping[str, Value]


@dataclass(frozen=True)
class Application:
    """A new application, as case handling opened it."""

    code: str
    opened_on: date
    applicant: str
    locality: str
    aid_category: str


@dataclass(frozen=True)
class World:
    """What rows are made from; applications are added as they are opened."""

    contract: Contract
    roster: Roster
    seed: Seed
    applications: list[Application] = field(default_factory=list)


@dataclass(frozen=True)
class Party:
    """The people who do one thing together on a day."""

    day: date
    people: tuple[str, ...]


def parties(world: World, crew: Crew, chance: random.Random, pairs: float) -> list[Party]:
    """The crew as pairs and single people, of one team where it can be."""
    by_team = sorted(crew.staff, key=lambda code: world.roster.staff[code].team)
    found: list[Party] = []
    while by_team:
        number = 2 if chance.random() < pairs else 1
        if pairs == 1 and len(by_team) == number + 1:
            number += 1  # whoever is left goes along
        found.append(Party(crew.day, tuple(by_team[:number])))
        by_team = by_team[number:]
    return found


def all_parties(
    world: World, kind: str, crews: Sequence[Crew], chance: random.Random
) -> list[Party]:
    """The parties of all crews, in pairs as the seed says for the kind."""
    pairs = world.seed.effort_for(kind).pairs
    return [party for crew in crews for party in parties(world, crew, chance, pairs)]


def spread(things: Sequence[Thing], weights: Sequence[float]) -> Iterator[Sequence[Thing]]:
    """The things in runs, one for each weight and as long as it says."""
    total, gone, start = sum(weights), 0.0, 0
    for weight in weights:
        gone += weight
        end = round(gone / total * len(things))
        yield things[start:end]
        start = end


def option(
    kind: str, field: str, chance: random.Random, weights: Sequence[float] | None = None
) -> str:
    """One of the words that a column of a kind may hold."""
    words = LOG_KINDS[kind].by_slug[field].type
    if not isinstance(words, Choice):
        msg = f"{kind}.{field} is no choice"
        raise TypeError(msg)
    return chance.choices(words.options, weights)[0]


def remark(world: World, chance: random.Random) -> dict[str, Value]:
    """A remark now and then."""
    return {"remark": world.seed.text("remark", chance)} if chance.random() < _REMARKS else {}


def busiest(crews: Sequence[Crew]) -> str | None:
    """Whoever is on the most crews: the one who copies the same text again and again."""
    counted = Counter(code for crew in crews for code in crew.staff)
    return min(counted, key=lambda code: (-counted[code], code)) if counted else None
