"""What an address selects: the entries behind every figure, and what they come to."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from lib.contract import Cases
from lib.kpi import cases, selection
from lib.kpi.figures import figures, rows_behind
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, Total, parse, total
from lib.periods import months_of
from lib.store import rosters
from lib.store.engine import reading
from tests.spec import small
from tests.spec.histories import AS_OF, examples, histories, played

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy import Connection, Engine

    from tests.spec.histories import Act


@given(history=histories(), as_of=AS_OF)
@examples(12)
def test_the_entries_behind_a_figure_come_to_the_figure(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        for figure in figures(connection, scope):
            code, unit = figure.obligation.code, figure.obligation.unit
            counted = total(connection, scope, selection.delivered(figure.obligation))
            unit = "条" if figure.obligation.measure == "events" else unit
            assert (code, counted) == (code, Total(figure.delivered, unit))


@given(history=histories("对象排查", "专项行动", "家计调查", "业务协办"), as_of=AS_OF)
@examples(12)
def test_the_parts_of_a_figure_add_up_to_it(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        roster = rosters.load(connection, stored.id)
        months = [str(month) for month in months_of(stored.terms.period)]
        whole = total(connection, scope, Selection(figure="patrol")).value
        by_month = (Selection(figure="patrol", month=month) for month in months)
        by_person = (Selection(figure="patrol", staff=code) for code in roster.staff)
        by_place = (Selection(figure="patrol", locality=code) for code in roster.localities)
        for parts in (by_month, by_person, by_place):
            assert added(connection, scope, parts) == whole

        reached = total(connection, scope, Selection(figure="campaign_households")).value
        homes = (
            Selection(figure="campaign_households", locality=code) for code in roster.localities
        )
        assert added(connection, scope, homes) == reached


@given(history=histories("对象排查", "业务培训", "其他工作"), as_of=AS_OF)
@examples(12)
def test_entries_of_every_kind_come_to_person_days(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        roster = rosters.load(connection, stored.id)
        whole = total(connection, scope, Selection(amount="person_days"))
        by_kind = (Selection(kind=kind, amount="person_days") for kind in stored.terms.kinds)
        by_person = (Selection(staff=code, amount="person_days") for code in roster.staff)
        for parts in (by_kind, by_person):
            assert added(connection, scope, parts) == whole.value
        quota = total(connection, scope, Selection(kind="patrol", amount="person_days"))
        assert quota == total(connection, scope, Selection(figure="patrol"))


def added(connection: Connection, scope: Scope, parts: Iterable[Selection]) -> Fraction:
    """What the parts come to together."""
    return sum((total(connection, scope, part).value for part in parts), Fraction(0))


@given(history=histories("业务协办", "家计调查", "专项行动"), as_of=AS_OF)
@examples(12)
def test_a_figures_states_part_its_entries(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)

    def ids(figure: str, state: str) -> set[int]:
        chosen = selection.condition(scope, Selection(figure=figure, state=state))
        return {row.entry_id for row in ledger_rows(connection, chosen)}

    with reading(shared_engine) as connection:
        found, closed = ids("campaign_households", "found"), ids("campaign_households", "closed")
        still_open = ids("campaign_households", "open")
        assert closed | still_open == found
        assert not closed & still_open
        assert ids("campaign_households", "overdue") <= still_open
        opened, answered = ids("new_applications", "opened"), ids("new_applications", "answered")
        obligation = next(o for o in stored.terms.obligation if isinstance(o, Cases))
        behind = ledger_rows(connection, rows_behind(scope, obligation))
        assert opened | answered == {row.entry_id for row in behind}
        assert ids("new_applications", "waiting") <= opened
        limit = stored.terms.thresholds.inquiry_within_working_days
        late = [
            case
            for case in cases.listed(connection, scope, obligation)
            if case.answered_on is None and case.working_days > limit
        ]
        selected = Selection(figure="new_applications", state="late")
        assert total(connection, scope, selected).value == len(late)


@given(history=histories("网络管理"), as_of=AS_OF)
@examples(10)
def test_entries_with_a_detail_are_those_with_any_value_and_those_with_none(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        every = ledger_rows(connection, selection.condition(scope, Selection(kind="data_work")))
        wanted = Selection(kind="data_work", empty="platform")
        without = ledger_rows(connection, selection.condition(scope, wanted))

    assert without == [row for row in every if "platform" not in row.details]


@pytest.mark.parametrize(
    "parts",
    [
        {"figure": "nothing"},
        {"figure": "patrol' OR 1=1 --"},
        {"figure": "patrol", "state": "open"},
        {"state": "open"},
        {"kind": "nothing"},
        {"kind": "patrol", "field": "leads"},
        {"kind": "patrol", "field": "nothing", "value": "1"},
        {"kind": "case_handling", "field": "applicant", "value": "甲"},
        {"kind": "campaign", "field": "head_name", "value": "甲"},
        {"field": "leads", "value": "1"},
        {"kind": "patrol", "amount": "situation"},
        {"kind": "patrol", "amount": "nothing"},
        {"amount": "leads"},
        {"empty": "leads"},
        {"kind": "patrol", "empty": "leads", "value": "1"},
        {"kind": "patrol", "empty": "nothing"},
        {"kind": "case_handling", "empty": "applicant"},
        {"day": "2022-12-31"},
        {"day": "20230303"},
        {"day": "2023-02-30"},
        {"month": "2022-01"},
        {"month": "2023-13"},
        {"locality": "-1"},
        {"staff": "0"},
        {"elder": "E" * 1000},
        {"household": "'"},
    ],
)
def test_what_is_not_there_selects_nothing(engine: Engine, parts):
    stored = small.entered(engine)
    with reading(engine) as connection:
        roster = rosters.load(connection, stored.id)

    assert parse(parts, stored.terms, roster) is None


def test_an_address_is_read_back_as_it_was_written(engine: Engine):
    stored = small.entered(engine)
    with reading(engine) as connection:
        roster = rosters.load(connection, stored.id)
    wanted = Selection(figure="campaign_households", state="open", month="2023-03", household="H1")

    assert parse({**wanted.parts(), "as_of": "2023-03-31"}, stored.terms, roster) == wanted
