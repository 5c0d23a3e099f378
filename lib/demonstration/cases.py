"""Made-up applications: handled step by step, surveyed at home."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lib.demonstration.rows import Application, Row, World, all_parties, option, remark
from lib.fields import NO, YES
from lib.logs.home_survey import NEW_APPLICATION, REVIEWS
from lib.rosters import AID_CATEGORIES

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from lib.demonstration.rows import Party
    from lib.demonstration.schedule import Crew
    from lib.fields import Value

_ROWS_A_DAY = ((1, 2, 3, 4), (25, 40, 25, 10))
_SURVEYS_A_DAY = ((1, 2, 3, 4), (5, 40, 40, 15))
_AID_WEIGHTS = (50, 10, 20, 20)
_PATIENCE = 4  # an application waits at least a day and up to so many for its survey


@dataclass
class _Open:
    """An application under way: its next steps, and the day from which the next can be done."""

    application: Application
    steps: list[str]
    next_on: date


def case_handling(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """Steps of open applications as they come due, else a new application accepted."""
    chance = world.seed.chance("case_handling")
    under_way: list[_Open] = []
    for party in all_parties(world, "case_handling", crews, chance):
        for _ in range(chance.choices(*_ROWS_A_DAY)[0]):
            due = [case for case in under_way if case.next_on <= party.day]
            case = due[0] if due else _opened(world, party.day, chance)
            if not due:
                under_way.append(case)
            yield _step(world, party, case, chance)
            if not case.steps:
                under_way.remove(case)


def _opened(world: World, day: date, chance: random.Random) -> _Open:
    """A new application, to be accepted today."""
    number = len(world.applications) + 1
    names = world.seed.names
    application = Application(
        code=f"SL{day.year}{number:05d}",
        opened_on=day,
        applicant=names.applicant + "".join(chance.sample(names.given, 2)),
        locality=chance.choice(list(world.roster.localities.values())).name,
        aid_category=chance.choices(AID_CATEGORIES, _AID_WEIGHTS)[0],
    )
    world.applications.append(application)
    courses = world.seed.steps
    course = chance.choices(courses, [course.weight for course in courses])[0]
    return _Open(application, list(course.path), day)


def _step(world: World, party: Party, case: _Open, chance: random.Random) -> Row:
    """The next step, done today."""
    application, step = case.application, case.steps.pop(0)
    first = application.opened_on == party.day
    case.next_on = party.day + timedelta(days=chance.choice((0, 0, 1)) if first else _wait(chance))
    cells: dict[str, Value] = {
        "locality": application.locality,
        "application": application.code,
        "applicant": application.applicant,
        "aid_category": application.aid_category,
        "step": step,
    }
    if first:
        cells["complete"] = NO if "材料补正" in case.steps else YES
    return Row("case_handling", party.day, party.people, cells | remark(world, chance))


def _wait(chance: random.Random) -> int:
    return chance.randint(2, 12)


def home_survey(world: World, crews: Sequence[Crew]) -> Iterator[Row]:
    """New applications in the order they were accepted, a few never; else reviews."""
    chance = world.seed.chance("home_survey")
    share = world.seed.shares.never_surveyed
    waiting = deque(
        (application, application.opened_on + timedelta(days=chance.randint(1, _PATIENCE)))
        for application in world.applications
        if chance.random() >= share
    )
    for party in all_parties(world, "home_survey", crews, chance):
        for _ in range(chance.choices(*_SURVEYS_A_DAY)[0]):
            if waiting and waiting[0][1] <= party.day:
                subject = _of_application(waiting.popleft()[0])
            elif world.roster.households:
                subject = _of_household(world, chance)
            else:
                break
            cells = subject | _findings(chance) | remark(world, chance)
            yield Row("home_survey", party.day, party.people, cells)


def _of_application(application: Application) -> dict[str, Value]:
    return {
        "survey_type": NEW_APPLICATION,
        "application": application.code,
        "locality": application.locality,
        "applicant": application.applicant,
    }


def _of_household(world: World, chance: random.Random) -> dict[str, Value]:
    household = chance.choice(list(world.roster.households.values()))
    return {
        "survey_type": chance.choice(REVIEWS),
        "household": household.code,
        "locality": world.roster.localities[household.locality].name,
        "applicant": household.head_name,
    }


def _findings(chance: random.Random) -> dict[str, Value]:
    return {
        "members": chance.randint(1, 5),
        "monthly_income": chance.randrange(90, 980),
        "conclusion": option("home_survey", "conclusion", chance, (70, 20, 10)),
    }
