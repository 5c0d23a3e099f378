"""The demonstration: a made-up contract-year, whole, valid, imperfect, and always the same.

When the year is changed on purpose, the golden file is made anew from `python -m lib measures`.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import and_, func, select

from lib import contract
from lib.demonstration import fill
from lib.demonstration import seed as seeds
from lib.demonstration.rosters import made_up
from lib.demonstration.writing import written
from lib.demonstration.year import year
from lib.errors import StoreError
from lib.findings import RULES
from lib.findings.found import findings
from lib.kpi.figures import figures
from lib.kpi.measures import measures
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, counted
from lib.logs import LOG_KINDS
from lib.periods import BUSINESS_ZONE
from lib.rosters import disagreements
from lib.store import calendar, contracts, rosters, territories
from lib.store.engine import reading
from lib.store.schema import entry, entry_version, receipt, withdrawal
from lib.store.setup import prepare

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

ROOT = Path(__file__).resolve().parents[2]
ENTRY = and_(
    entry.c.contract_id == entry_version.c.contract_id,
    entry.c.entry_id == entry_version.c.entry_id,
)
RECEIPT = and_(
    receipt.c.contract_id == entry_version.c.contract_id,
    receipt.c.receipt_id == entry_version.c.receipt_id,
)
GOLDEN = json.loads((ROOT / "tests/golden/demonstration.json").read_text(encoding="utf-8"))
TODAY = date(2024, 3, 1)
NOW = datetime(2024, 3, 1, 2, tzinfo=UTC)

TINY = """
code = "tiny"
name = "示例小合同"
buyer = "示例局"
start = 2024-03-01
end = 2024-05-31

[roster]
localities = 3
by_category = { "社区" = 1, "村" = 2 }
subdistricts = 1
households = 0
elders = 7

[[item]]
code = "patrol"
name = "排查"
people_per_day = 2
days = 20
person_days = 40

[[item]]
code = "elder_check"
name = "核查"
person_days = 30

[[item]]
code = "training"
name = "培训"

[[obligation]]
code = "elder_months"
name = "月访"
measure = "visits"
kind = "elder_check"
times_per_month = 2
unit = "人次"

[[obligation]]
code = "training"
name = "培训"
measure = "events"
kind = "training"
required = 1
filed_field = "filed_on"
unit = "次"
"""


@dataclass(frozen=True)
class Filled:
    """A store that holds the demonstration, and the contract in it."""

    engine: Engine
    stored: StoredContract

    @property
    def end(self) -> Scope:
        """The whole contract."""
        return Scope(self.stored, self.stored.terms.end)


def shipped() -> contract.Contract:
    return contract.load(ROOT / "data/contract.toml")


@pytest.fixture(scope="module")
def filled(shared_engine) -> Filled:
    """The demonstration of the shipped contract, filled once on each store."""
    stored = prepare(shared_engine, shipped())
    fill(shared_engine, stored, today=TODAY, now=NOW)
    return Filled(shared_engine, stored)


@pytest.mark.parametrize("expected", GOLDEN, ids=lambda expected: expected["as_of"])
def test_measures_are_exactly_the_golden_ones(filled, expected):
    scope = Scope(filled.stored, date.fromisoformat(expected["as_of"]))
    with reading(filled.engine) as connection:
        assert measures(connection, scope) == expected


def test_a_filled_contract_is_not_filled_again(filled):
    with pytest.raises(StoreError, match="已有演示数据"):
        fill(filled.engine, filled.stored, today=TODAY, now=NOW)


def test_every_person_is_visibly_invented(filled):
    with reading(filled.engine) as connection:
        roster = rosters.load(connection, filled.stored.id)
        rows = ledger_rows(connection, counted(filled.end))
    names = [person.name for person in (*roster.staff.values(), *roster.elders.values())]
    names += [household.head_name for household in roster.households.values()]
    names += [row.details["applicant"] for row in rows if "applicant" in row.details]
    assert [name for name in names if not str(name).startswith("示")] == []
    places = [place.name for place in roster.localities.values()]
    places += [place.subdistrict for place in roster.localities.values()]
    assert [place for place in places if not place.startswith("示例")] == []


def test_the_contract_is_marked_and_its_rosters_agree(filled):
    with reading(filled.engine) as connection:
        assert contracts.is_demonstration(connection, filled.stored.id)
        roster = rosters.load(connection, filled.stored.id)
    assert disagreements(filled.stored.terms, roster.listed(filled.stored.terms.start)) == ()
    assert any(person.left_on for person in roster.staff.values())
    assert any(elder.left_on for elder in roster.elders.values())
    assert any(elder.enrolled_on > filled.stored.terms.start for elder in roster.elders.values())


def test_no_row_is_refused_while_some_are_corrected_and_withdrawn(filled):
    with reading(filled.engine) as connection:
        refused, corrected = connection.execute(
            select(func.sum(receipt.c.refused), func.sum(receipt.c.corrected))
        ).one()
        versions = connection.execute(select(func.max(entry_version.c.version))).scalar_one()
        withdrawn = connection.execute(select(func.count()).select_from(withdrawal)).scalar_one()
        moments = connection.execute(select(receipt.c.posted_at)).scalars().all()
    assert refused == 0
    assert corrected > 0
    assert versions == 2
    assert withdrawn == 2
    assert moments == sorted(moments)
    assert moments[0] < datetime(2023, 3, 5, tzinfo=UTC)
    assert moments[-1] < NOW


def test_every_place_is_looked_after_by_one_of_the_teams(filled):
    with reading(filled.engine) as connection:
        teams = territories.load(connection, filled.stored.id)
        roster = rosters.load(connection, filled.stored.id)
    assert teams.keys() == roster.localities.keys()
    assert set(teams.values()) == set(roster.teams)


def test_some_obligations_are_met_and_some_are_not(filled):
    with reading(filled.engine) as connection:
        found = figures(connection, filled.end)
    thresholds = filled.stored.terms.thresholds
    statuses = Counter(str(figure.status(thresholds)) for figure in found)
    assert statuses == {"done": 3, "on_track": 6, "watch": 2, "behind": 1}


UNPICTURED = {"same_picture"}  # the demonstration has no photos


def test_every_rule_finds_something_and_none_finds_much(filled):
    with reading(filled.engine) as connection:
        found = Counter(each.rule.code for each in findings(connection, filled.end))
    assert {code for code in RULES.keys() - UNPICTURED if not 1 <= found[code] <= 30} == set()


def test_most_rows_come_within_a_week(filled):
    query = (
        select(entry.c.day, receipt.c.posted_at)
        .join_from(entry_version, entry, ENTRY)
        .join(receipt, RECEIPT)
        .where(entry_version.c.version == 1)
    )
    with reading(filled.engine) as connection:
        ages = [
            (posted.astimezone(BUSINESS_ZONE).date() - day).days
            for day, posted in connection.execute(query)
        ]
    limit = filled.stored.terms.thresholds.late_posting_days
    assert min(ages) >= 0
    assert 0 < sum(age > limit for age in ages) < len(ages) / 20


def test_the_same_seed_makes_the_same_rows_and_they_read_back(filled):
    seed, terms = seeds.load(), filled.stored.terms
    with reading(filled.engine) as connection:
        working = calendar.working_days(connection, terms.period)
    assert len(working) == 231
    made = made_up(terms, seed, working)
    rows = year(terms, made.final, seed, working)
    assert rows == year(terms, made_up(terms, seed, working).final, seed, working)
    for number, row in enumerate(rows):
        chance = seed.chance("row", number)
        for field in LOG_KINDS[row.kind].fields:
            value = row.cells.get(field.slug)
            assert (
                field.slug in {"day", "people"}
                or value is None
                or (field.read(written(field, value, chance)) == value)
            )


def tiny() -> contract.Contract:
    """The small contract, with the thresholds of the one that is shipped."""
    thresholds = shipped().thresholds.model_dump().items()
    text = "\n".join([TINY, "[thresholds]", *(f"{key} = {value}" for key, value in thresholds)])
    return contract.parse(text, "tiny.toml")


@pytest.mark.parametrize(
    ("today", "trainings"), [(date(2024, 2, 1), 0), (date(2024, 4, 15), 1), (date(2024, 8, 1), 2)]
)
def test_a_small_contract_is_filled_as_far_as_today(engine, today, trainings):
    stored = prepare(engine, tiny())
    fill(engine, stored, today=today, now=datetime(2024, today.month, today.day, 4, tzinfo=UTC))
    with reading(engine) as connection:
        found = measures(connection, Scope(stored, stored.terms.end))
        rows = ledger_rows(connection, counted(Scope(stored, stored.terms.end)))
        roster = rosters.load(connection, stored.id)
    assert disagreements(stored.terms, roster.listed(stored.terms.start)) == ()
    assert found["training"]["held"] == trainings
    assert max((row.day for row in rows), default=today) <= today
    assert bool(rows) == (today > stored.terms.start)


def test_todays_rows_are_there_while_it_is_yesterday_in_greenwich(engine):
    stored = prepare(engine, tiny())
    today, past_midnight = date(2024, 4, 15), datetime(2024, 4, 14, 17, 30, tzinfo=UTC)
    fill(engine, stored, today=today, now=past_midnight)
    with reading(engine) as connection:
        rows = ledger_rows(connection, counted(Scope(stored, stored.terms.end)))
    assert max(row.day for row in rows) == today
