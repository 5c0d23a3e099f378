"""The made-up contract-year: every row of every kind, each valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.demonstration import cases, desk, visits
from lib.demonstration.oddities import planted
from lib.demonstration.rows import Row, World
from lib.demonstration.schedule import crews
from lib.logs import LOG_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from lib.contract import Contract
    from lib.demonstration.rows import Maker
    from lib.demonstration.seed import Seed
    from lib.rosters import Roster

# In this order: surveys follow the applications that case handling opened.
MAKERS: Mapping[str, Maker] = {
    "case_handling": cases.case_handling,
    "home_survey": cases.home_survey,
    "elder_check": visits.elder_check,
    "campaign": visits.campaign,
    "patrol": visits.patrol,
    "data_work": desk.data_work,
    "archive_work": desk.archive_work,
    "publicity": desk.publicity,
    "training": desk.training,
    "other_task": desk.other_task,
}


def year(contract: Contract, roster: Roster, seed: Seed, working: Sequence[date]) -> list[Row]:
    """All rows in order of days; `working` are the contract's working days."""
    shifts = crews(contract, roster, seed, working)
    world = World(contract, roster, seed)
    made = (
        row for kind, make in MAKERS.items() if kind in shifts for row in make(world, shifts[kind])
    )
    in_order = sorted(_distinct(made), key=lambda row: row.day)
    return sorted(_distinct(planted(contract, in_order, seed)), key=lambda row: row.day)


def _distinct(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows without those that would be the same entry as an earlier one."""
    seen = set()
    for row in rows:
        key = (row.kind, _key(row))
        if key not in seen:
            seen.add(key)
            yield row


def _key(row: Row) -> tuple[object, ...]:
    """The natural key, as its kind declares it."""
    held = {**row.cells, "day": row.day, "people": tuple(sorted(row.people))}
    parts = (part if isinstance(part, tuple) else (part,) for part in LOG_KINDS[row.kind].key)
    return tuple(next((held[slug] for slug in part if slug in held), None) for part in parts)
