"""Made-up work at desks and with groups: data, archives, publicity, trainings, other tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lib.demonstration.rows import Row, World, all_parties, option, remark
from lib.fields import NO, YES
from lib.logs.publicity import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lib.demonstration.schedule import Crew
    from lib.fields import Value


def data_work(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """One task a party and day."""
    chance = world.seed.chance("data_work")
    for party in all_parties(world, "data_work", crews, chance):
        cells: dict[str, Value] = {
            "task": option("data_work", "task", chance),
            "platform": world.seed.text("platform", chance),
            "items": chance.randint(15, 140),
        }
        yield Row("data_work", party.day, party.people, cells | remark(world, chance))


def archive_work(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """One or two steps a party and day, in a subdistrict or at the bureau."""
    chance = world.seed.chance("archive_work")
    subdistricts = dict.fromkeys(place.subdistrict for place in world.roster.localities.values())
    places = [*subdistricts, *world.seed.places.archive]
    for party in all_parties(world, "archive_work", crews, chance):
        place = chance.choice(places)
        for _ in range(chance.choice((1, 1, 1, 2))):
            cells: dict[str, Value] = {
                "place": place,
                "archive_category": option("archive_work", "archive_category", chance),
                "step": option("archive_work", "step", chance),
                "copies": chance.randint(3, 40),
            }
            yield Row("archive_work", party.day, party.people, cells | remark(world, chance))


def publicity(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """One event a party and day."""
    chance = world.seed.chance("publicity")
    places = [place.name for place in world.roster.localities.values()]
    for party in all_parties(world, "publicity", crews, chance):
        cells: dict[str, Value] = {
            "locality": chance.choice(places),
            "form": chance.choice(FORMS),
            "audience": chance.randint(8, 190),
            "handouts": chance.randint(0, 150),
            "content": world.seed.text("publicity", chance),
        }
        yield Row("publicity", party.day, party.people, cells | remark(world, chance))


def training(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """One session a crew; the last one's plan was never filed."""
    chance = world.seed.chance("training")
    categories, topics = world.seed.texts["training"]
    for number, crew in enumerate(crews):
        filed = number == 0 or number < len(crews) - 1
        cells: dict[str, Value] = {
            "training_category": categories[number % len(categories)],
            "topic": topics[number % len(topics)],
            "place": world.seed.text("training_place", chance),
            "officers": chance.randint(2, 8),
            "assistants": chance.randint(20, 45),
            "integrity": YES if number % 2 else NO,
        }
        if filed:
            filed_on = crew.day - timedelta(days=chance.randint(3, 12))
            cells["filed_on"] = filed_on
            cells["filing_number"] = f"示例备〔{filed_on.year}〕{number + 1}号"
        yield Row("training", crew.day, crew.staff, cells)


def other_task(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """One task a crew, given by the buyer or a subdistrict."""
    chance = world.seed.chance("other_task")
    subdistricts = dict.fromkeys(place.subdistrict for place in world.roster.localities.values())
    for crew in crews:
        cells: dict[str, Value] = {
            "assigned_by": chance.choice((world.contract.buyer, *subdistricts)),
            "task": world.seed.text("other_task", chance),
            "outcome": world.seed.text("outcome", chance),
        }
        yield Row("other_task", crew.day, crew.staff, cells | remark(world, chance))
