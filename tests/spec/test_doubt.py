"""Person-days in doubt: of entries in several findings, each counted once (spec §5)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.actions.post import post
from lib.findings import RULES
from lib.findings.doubt import Doubt, in_doubt, person_days_of
from lib.findings.found import Finding, FoundRow, State
from lib.kpi.scope import Scope
from lib.periods import Month
from lib.store.engine import reading
from lib.store.findings import Act
from tests.spec import small
from tests.spec.histories import AS_OF, DAYS, examples, histories, played
from tests.spec.plain import Figures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract
    from tests.spec.histories import Act as Happened

    Told = tuple[str, Sequence[int]]

_ENTRIES = st.lists(st.integers(1, 8), min_size=1, max_size=5, unique=True)
TOLD = st.lists(st.tuples(st.sampled_from([str(state) for state in State]), _ENTRIES), max_size=4)


def finding(number: int, state: str, entries: Sequence[int]) -> Finding:
    """A finding with these entries that stands so."""
    rows = tuple(FoundRow(each, 1, "", small.START) for each in entries)
    made = Finding(next(iter(RULES.values())), str(number), rows)
    if state == State.OPEN:
        return made
    return replace(made, acts=(Act(number, state, "", made.basis, small.NOW, ""),))


@given(history=histories(), told=TOLD, as_of=AS_OF, month=st.none() | st.sampled_from(DAYS))
@examples(15)
def test_what_is_in_doubt_is_what_a_plain_count_says(
    shared_engine: Engine,
    history: Sequence[Happened],
    told: Sequence[Told],
    as_of: date,
    month: date | None,
):
    stored, ledger = played(shared_engine, history)
    found = [finding(number, *each) for number, each in enumerate(told, 1)]
    of_month = Month.of(month) if month else None
    with reading(shared_engine) as connection:
        doubts = in_doubt(connection, Scope(stored, as_of), of_month, found)

    plain = Figures(ledger, as_of).doubts(told, str(of_month) if of_month else None)
    assert {item: (each.confirmed, each.undecided) for item, each in doubts.items()} == plain


@pytest.fixture
def worked(engine: Engine) -> StoredContract:
    """One person's day: an elder's visit (entry 1) and two of other work (entries 2 and 3)."""
    stored = small.entered(engine)
    day = {"日期": small.START, "服务人员": "赵一"}
    visit = {"特困人员编号": "E1", "姓名": "周大", "生活状况": "良好", "健康状况": "良好"}
    tasks = [{**day, "工作内容": task} for task in ("接待", "会务")]
    sheets = {"特困老人核查": [{**day, **visit}], "其他工作": tasks}
    book = small.workbook(sheets)
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    assert not done.plan.refusals
    return stored


@pytest.mark.parametrize(
    ("told", "doubts"),
    [
        ([], {}),
        ([("dismissed", [1, 2])], {}),
        ([("open", [2])], {"other_task": (0, Fraction(1, 4))}),
        ([("explained", [2, 3])], {"other_task": (0, Fraction(1, 2))}),
        ([("confirmed", [2]), ("open", [2, 3])], {"other_task": (Fraction(1, 4), Fraction(1, 4))}),
        ([("open", [2]), ("explained", [2])], {"other_task": (0, Fraction(1, 4))}),
        ([("dismissed", [1]), ("open", [1])], {"elder_check": (0, Fraction(1, 2))}),
        ([("dismissed", [1]), ("confirmed", [1])], {"elder_check": (Fraction(1, 2), 0)}),
    ],
)
def test_an_entry_in_several_findings_is_in_doubt_once(
    engine: Engine,
    worked: StoredContract,
    told: Sequence[Told],
    doubts: dict[str, tuple[Fraction, Fraction]],
):
    found = [finding(number, *each) for number, each in enumerate(told, 1)]
    with reading(engine) as connection:
        said = in_doubt(connection, Scope(worked, small.END), Month.of(small.START), found)
    assert said == {
        item: Doubt(Fraction(one), Fraction(two)) for item, (one, two) in doubts.items()
    }


def test_what_is_in_doubt_of_another_month_is_not_this_ones(engine: Engine, worked: StoredContract):
    with reading(engine) as connection:
        scope = Scope(worked, small.END)
        found = [finding(1, "open", [1])]
        assert in_doubt(connection, scope, Month.of(small.END), found) == {}
        assert in_doubt(connection, scope, None, found) == {
            "elder_check": Doubt(undecided=Fraction(1, 2))
        }


def test_a_findings_person_days_are_those_of_its_entries(engine: Engine, worked: StoredContract):
    with reading(engine) as connection:
        days = person_days_of(connection, Scope(worked, small.END), [1, 2])
    assert days == {"elder_check": Fraction(1, 2), "other_task": Fraction(1, 4)}
