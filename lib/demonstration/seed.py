"""The demonstration's seed as frozen values, parsed from `data/demonstration.toml`."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).resolve().parents[2] / "data" / "demonstration.toml"

Words = Annotated[tuple[str, ...], Field(strict=False)]
# Free text is put together from one part of each list.
Parts = Annotated[tuple[Words, ...], Field(strict=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Names(_Frozen):
    """What invented names are made of."""

    staff: str
    staff_stems: str
    staff_numbers: str
    elder: str
    household: str
    applicant: str
    given: str


class Places(_Frozen):
    """What invented places are made of."""

    subdistricts: Words
    prefix: str
    stems: Words
    archive: Words


class Effort(_Frozen):
    """How a kind's quota is worked off: share delivered in the end, course, share in pairs."""

    completion: float = 0.98
    course: float = 1.0
    pairs: float = 0.2


class Shares(_Frozen):
    """How imperfect the year is."""

    households_reached: float
    never_surveyed: float
    visits_missed: Annotated[tuple[float, float], Field(strict=False)]
    rushed_months: int
    turned_months: int
    problems_at_elders: float
    problems_found: float
    problems_followed: float
    problems_closed: float


class Oddities(_Frozen):
    """How much is planted of what reviewers look for, and the year has not by itself."""

    same_answers: int
    close_visits: int
    surveyed_first: int
    surveyed_alone: int
    round_numbers: int


class Steps(_Frozen):
    """One course that an application takes, and how common it is."""

    weight: int
    path: Words


class Seed(_Frozen):
    """All that is made up; how much of it there is comes from the contract."""

    number: int
    unit: str
    teams: Words
    staff_reserve: float
    absent: float
    split_days: float
    overtime_days: int
    uploads_per_month: int
    rechecked: float
    forgotten: float
    elder_changes: int
    elders_joining: float
    elders_leaving: float
    names: Names
    places: Places
    effort: dict[str, Effort]
    shares: Shares
    oddities: Oddities
    steps: Annotated[tuple[Steps, ...], Field(strict=False)]
    texts: dict[str, Parts]

    def chance(self, *purpose: object) -> random.Random:
        """Chance for one purpose, the same each time and apart from every other purpose."""
        return random.Random(f"{self.number}/{'/'.join(map(str, purpose))}")  # noqa: S311 - no secret

    def effort_for(self, kind: str) -> Effort:
        """How the kind's quota is worked off."""
        return self.effort.get(kind, Effort())

    def text(self, name: str, chance: random.Random) -> str:
        """One of the free texts of that name."""
        return "".join(chance.choice(part) for part in self.texts[name])


def load() -> Seed:
    """The seed that the repository ships."""
    return Seed.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8")))
