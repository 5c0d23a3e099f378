"""Every figure of spec §4, on both stores, against a plain computation of the same history."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given

from lib.contract import (
    Cases,
    Coverage,
    Events,
    LocalityMonths,
    Obligation,
    PersonDays,
    Visits,
)
from lib.kpi import cases, coverage, events, locality_months, person_days, visits
from lib.kpi.figures import figures, overall, overall_due, paces, rows_behind
from lib.kpi.measures import measures
from lib.kpi.person_days import UNITS
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope
from lib.kpi.workdays import workdays
from lib.store import rosters
from lib.store.engine import reading
from tests.spec import small
from tests.spec.histories import AS_OF, Post, examples, histories, played
from tests.spec.plain import Fact, Figures, month_of, shares

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from lib.kpi.rows import LedgerRow
    from lib.store.contracts import StoredContract
    from tests.spec.histories import Act

    Measure = TypeVar("Measure", bound=Obligation)


def of_measure(stored: StoredContract, measure: type[Measure]) -> Measure:
    """The contract's only obligation of that measure."""
    return next(o for o in stored.terms.obligation if isinstance(o, measure))


def names_of_places(engine: Engine, stored: StoredContract) -> Mapping[str, str]:
    """Localities' names by code."""
    with reading(engine) as connection:
        listed = rosters.load(connection, stored.id).localities.values()
    return {locality.code: locality.name for locality in listed}


@given(history=histories(), as_of=AS_OF)
@examples(15)
def test_person_days_are_shared_over_the_kinds_of_a_persons_day(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    with reading(shared_engine) as connection:
        delivered = person_days.delivered(connection, scope)
        by_day = person_days.units_by_day(connection, scope)

    assert delivered == {kind: days for kind, days in plain.person_days().items() if days}
    by_day_and_kind = {(day, kind): Fraction(units, UNITS) for day, kind, units in by_day}
    assert by_day_and_kind == plain.person_days_by_day()


@given(history=histories("对象排查", "政策宣传"), as_of=AS_OF)
@examples(10)
def test_localities_have_their_patrols_by_month_last_visit_leads_and_person_days(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    names, indicator = names_of_places(shared_engine, stored), of_measure(stored, LocalityMonths)
    with reading(shared_engine) as connection:
        localities = locality_months.localities_by_month(connection, scope, indicator)
        visited = locality_months.visits_by_month(connection, scope, indicator)
        states = locality_months.states(connection, scope, indicator)
        worked = person_days.delivered_by_locality(connection, scope, "patrol")

    patrols = plain.patrols_by_month()
    assert localities == {month: len(places) for month, places in patrols.items()}
    assert {(names[code], month): number for (code, month), number in visited.items()} == {
        (place, month): len(days)
        for month, places in patrols.items()
        for place, days in places.items()
    }
    assert {
        names[code]: (state.days_visited, state.last_visit, state.leads)
        for code, state in states.items()
    } == plain.locality_states()
    assert {names[code]: days for code, days in worked.items()} == plain.patrol_person_days()


@given(history=histories("专项行动"), as_of=AS_OF)
@examples(12)
def test_the_campaign_covers_households_and_its_problems_are_followed(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    names, campaign = names_of_places(shared_engine, stored), of_measure(stored, Coverage)
    with reading(shared_engine) as connection:
        delivered = coverage.delivered(connection, scope, campaign)
        places = coverage.by_locality(connection, scope, campaign)
        by_day = coverage.delivered_by_day(connection, scope, campaign)
        problems = coverage.problems(connection, scope, campaign)

    assert delivered == len(plain.households())
    assert {
        names[code]: (reached.required, reached.delivered) for code, reached in places.items()
    } == plain.coverage_by_locality()
    assert by_day == {
        day: len(plain.at(day).households() - plain.at(before).households())
        for before, day in pairs_of_days(plain)
        if plain.at(day).households() != plain.at(before).households()
    }
    assert (
        problems.found,
        problems.followed,
        problems.closed,
        problems.overdue,
    ) == plain.problems()


@pytest.mark.parametrize(
    ("as_of", "closed_on", "expected"),
    [
        (date(2023, 3, 6), None, (1, 0, 0, 0)),
        (date(2023, 3, 16), None, (1, 0, 0, 0)),
        (date(2023, 3, 17), None, (1, 0, 0, 1)),
        (date(2023, 3, 17), date(2023, 3, 17), (1, 0, 1, 0)),
        (date(2023, 3, 17), date(2023, 3, 18), (1, 0, 0, 1)),
    ],
)
def test_a_problem_is_overdue_when_it_is_open_for_more_than_ten_days(
    shared_engine: Engine, as_of: date, closed_on: date | None, expected: tuple[int, ...]
):
    call = {"日期": date(2023, 3, 6), "服务人员": "赵一", "户编号": "H1", "政策宣讲": "是"}
    book = {"专项行动": [{**call, "发现问题": "漏雨", "办结日期": closed_on}]}
    stored, ledger = played(shared_engine, [Post((book,))])
    with reading(shared_engine) as connection:
        found = coverage.problems(connection, Scope(stored, as_of), of_measure(stored, Coverage))

    assert (found.found, found.followed, found.closed, found.overdue) == expected
    assert Figures(ledger, as_of).problems() == expected


def pairs_of_days(plain: Figures) -> list[tuple[date, date]]:
    """Each day on which something was done, with the last one before it."""
    days = sorted({plain.start.replace(day=1), *(fact.day for fact in plain.facts())})
    return list(pairwise(days))


@given(history=histories("特困老人核查"), as_of=AS_OF)
@examples(15)
def test_elders_are_owed_visits_by_their_days_on_the_roster(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    obligation = of_measure(stored, Visits)
    with reading(shared_engine) as connection:
        days = workdays(connection, scope)
        months = visits.by_month(connection, scope, obligation)
        seen = visits.this_month(connection, scope, obligation, days)

    assert {
        month: (figure.elders, figure.compliant, figure.required, figure.delivered)
        for month, figure in months.items()
    } == plain.compliance()
    assert (seen.enough, seen.some, seen.none, seen.working_days_left) == plain.this_month()


@given(history=histories("业务协办", "家计调查"), as_of=AS_OF)
@examples(12)
def test_accepted_applications_are_surveyed_or_wait(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    obligation = of_measure(stored, Cases)
    with reading(shared_engine) as connection:
        counts = cases.opened_and_answered(connection, scope, obligation)
        listed = cases.listed(connection, scope, obligation)

    expected = plain.cases()
    assert counts == (len(expected), sum(first is not None for _, _, first, _ in expected))
    assert [
        (case.application, case.opened_on, case.answered_on, case.working_days) for case in listed
    ] == sorted(expected, key=lambda case: (case[2] is not None, case[1], case[0]))


@given(history=histories("业务培训"), as_of=AS_OF)
@examples(8)
def test_a_training_counts_when_its_plan_was_filed_in_time(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    obligation = of_measure(stored, Events)
    with reading(shared_engine) as connection:
        held, counted = events.held_and_counted(connection, scope, obligation)
        listed = events.listed(connection, scope, obligation)
        rows = ledger_rows(connection, events.held_rows(scope, obligation))

    expected = plain.trainings()
    assert (held, counted) == (len(expected), sum(counts for _, _, counts in expected))
    topics = {row.entry_id: row.details["topic"] for row in rows}
    assert sorted((event.day, topics[event.entry_id], event.counts) for event in listed) == expected
    assert [event.reason == "" for event in listed] == [event.counts for event in listed]


@given(history=histories(), as_of=AS_OF)
@examples(15)
def test_every_obligation_has_its_figure_status_and_pace(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    with reading(shared_engine) as connection:
        days = workdays(connection, scope)
        found = figures(connection, scope)
        pace = paces(connection, scope, found, days)

    expected = plain.figures()
    assert [
        (f.obligation.code, f.obligation.measure, f.required, f.due, f.delivered) for f in found
    ] == expected
    assert [figure.status(stored.terms.thresholds).label for figure in found] == [
        plain.status(*numbers) for _, _, *numbers in expected
    ]
    assert (days.elapsed, days.total) == (plain.elapsed(), plain.working())
    assert {code: (p.rate, p.projected, p.done_on, p.needed) for code, p in pace.items()} == {
        code: plain.pace(code, required)
        for code, measure, required, _, _ in expected
        if measure in {"person_days", "coverage"}
    }
    assert overall(found) == plain.overall()
    assert overall_due(found) == sum(plain.person_day_dues().values())


@given(history=histories(), as_of=AS_OF)
@examples(8)
def test_the_command_lines_object_holds_the_same_figures(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    plain = Figures(ledger, as_of)
    with reading(shared_engine) as connection:
        found = measures(connection, Scope(stored, as_of))

    trainings, applications = plain.trainings(), plain.cases()
    quotas = {i["code"]: i["person_days"] for i in plain.terms["item"] if "person_days" in i}
    assert found == {
        "as_of": as_of.isoformat(),
        "person_days": {
            code: {
                "required": quota,
                "due": decimals(plain.person_day_dues()[code]),
                "delivered": decimals(plain.person_days()[code]),
            }
            for code, quota in quotas.items()
        },
        "campaign_households": {"required": 5, "delivered": len(plain.households())},
        "campaign_by_locality": {
            name: {"required": required, "delivered": delivered}
            for name, (required, delivered) in plain.coverage_by_locality().items()
        },
        "elder_months": {
            month: dict(zip(("elders", "compliant", "required", "delivered"), figures, strict=True))
            for month, figures in plain.compliance().items()
        },
        "training": {
            "required": 2,
            "delivered": sum(counts for _, _, counts in trainings),
            "held": len(trainings),
        },
        "new_applications": {
            "required": len(applications),
            "delivered": sum(first is not None for _, _, first, _ in applications),
        },
        "patrol_localities": {m: len(places) for m, places in plain.patrols_by_month().items()},
        "entries": plain.entries(),
    }


def decimals(value: Fraction) -> float:
    """Four decimals."""
    return round(float(value), 4)


@given(history=histories(), as_of=AS_OF)
@examples(12)
def test_the_rows_behind_a_figure_alone_give_the_figure(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = played(shared_engine, history)
    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    with reading(shared_engine) as connection:
        found = figures(connection, scope)
        behind = [ledger_rows(connection, rows_behind(scope, f.obligation)) for f in found]
        # A day's work is shared with the items without a quota too.
        worked = [
            row
            for kind in stored.terms.kinds
            for row in ledger_rows(connection, rows_behind(scope, quota_of(kind)))
        ]

    parts = shares(Fact(row.kind, row.day, frozenset(row.people), {}) for row in worked)
    recomputed = {
        "person_days": lambda rows: sum(
            (part for (*_, kind), part in parts.items() if kind in {row.kind for row in rows}),
            start=Fraction(0),
        ),
        "coverage": lambda rows: len({row.household for row in rows}),
        "visits": lambda rows: visits_done(rows, plain),
        "events": len,
        "cases": applications_surveyed,
    }
    assert [
        (figure.obligation.code, recomputed[figure.obligation.measure](rows))
        for figure, rows in zip(found, behind, strict=True)
    ] == [(figure.obligation.code, figure.delivered) for figure in found]


def test_the_people_of_an_entry_are_not_those_of_another_contracts_entry(shared_engine: Engine):
    row = {"日期": date(2023, 3, 6), "工作内容": "接待"}
    _, _ = played(shared_engine, [Post(({"其他工作": [{**row, "服务人员": "赵一"}]},))])
    stored, _ = played(shared_engine, [Post(({"其他工作": [{**row, "服务人员": "钱二丰"}]},))])
    scope = Scope(stored, small.END)
    with reading(shared_engine) as connection:
        rows = ledger_rows(connection, rows_behind(scope, quota_of("other_task")))

    assert [row.people for row in rows] == [{"G2": "钱二丰"}]


def quota_of(kind: str) -> PersonDays:
    """The obligation that an item with a quota has."""
    return PersonDays(code=kind, name=kind, unit="人天", required=1)


def visits_done(rows: Sequence[LedgerRow], plain: Figures) -> int:
    """Visits done of those owed, by these rows."""
    owed = {
        (elder, month): required
        for month in plain.months()
        for elder, (required, _) in plain.visits(month).items()
    }
    days = {(row.elder, month_of(row.day)): set() for row in rows}
    for row in rows:
        days[row.elder, month_of(row.day)].add(row.day)
    return sum(min(owed.get(key, 0), len(visited)) for key, visited in days.items())


def applications_surveyed(rows: Sequence[LedgerRow]) -> int:
    """Applications that these rows accept and survey; no other survey is among them."""
    accepted = {row.application for row in rows if row.kind == "case_handling"}
    surveyed = {row.application for row in rows if row.kind == "home_survey"}
    assert surveyed <= accepted
    return len(surveyed)
