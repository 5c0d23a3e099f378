"""What each of the staff did adds up to what the contract's items say."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given

from lib.kpi import people, person_days
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, total
from lib.periods import Month
from lib.store import rosters
from lib.store.engine import reading
from tests.spec.histories import AS_OF, examples, histories, played

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Engine

    from tests.spec.histories import Act


@given(history=histories(), as_of=AS_OF)
@examples(20)
def test_the_staffs_person_days_add_up_to_the_items(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        by_item = people.by_item(connection, scope)
        by_month = people.by_month(connection, scope)
        items = person_days.delivered(connection, scope)
    summed: defaultdict[str, Fraction] = defaultdict(Fraction)
    for (_, kind), value in by_item.items():
        summed[kind] += value
    assert dict(summed) == dict(items)
    for code in {code for code, _ in by_item}:
        of_items = sum(value for (staff, _), value in by_item.items() if staff == code)
        of_months = sum(value for (staff, _), value in by_month.items() if staff == code)
        assert (code, of_items) == (code, of_months)


@given(history=histories(), as_of=AS_OF)
@examples(20)
def test_a_days_number_is_that_of_the_rows_it_opens(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    month = Month.of(as_of)
    days = [month.first.replace(day=number) for number in range(1, month.days + 1)]
    with reading(shared_engine) as connection:
        shown = people.entries_by_day(connection, scope)
        staff = rosters.load(connection, stored.id).staff
        for code in staff:
            of_month = Selection(staff=code, month=str(month))
            here = sum(shown.get((code, day), 0) for day in days)
            assert (code, here) == (code, total(connection, scope, of_month).value)
        for (code, day), number in shown.items():
            wanted = Selection(staff=code, day=day.isoformat())
            assert number == total(connection, scope, wanted).value
