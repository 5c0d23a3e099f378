"""What each of the staff did: parted by item, month and day, it adds up to the whole."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import given

from lib.kpi import person_days
from lib.kpi.people import entries_by_day, worked
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, counted
from lib.kpi.selection import PERSON_DAYS, Selection, total
from lib.periods import Month
from lib.store.engine import reading
from tests.spec import small
from tests.spec.histories import AS_OF, examples, histories, played

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Engine

    from tests.spec.histories import Act


@given(history=histories(), as_of=AS_OF)
@examples(12)
def test_each_ones_person_days_come_from_their_rows(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        found = worked(connection, scope)
        for (staff, item), days in found.by_item.items():
            wanted = Selection(kind=item, staff=staff, amount=PERSON_DAYS)
            assert total(connection, scope, wanted).value == days
        for (staff, month), days in found.by_month.items():
            wanted = Selection(staff=staff, month=month, amount=PERSON_DAYS)
            assert total(connection, scope, wanted).value == days
        whole = sum(person_days.delivered(connection, scope).values(), Fraction(0))
    assert sum(found.by_item.values(), Fraction(0)) == whole
    assert sum(found.by_month.values(), Fraction(0)) == whole


@given(history=histories(), as_of=AS_OF)
@examples(12)
def test_each_days_entries_are_its_rows(shared_engine: Engine, history: Sequence[Act], as_of: date):
    stored, _ = played(shared_engine, history)
    scope, month = Scope(stored, as_of), Month.of(as_of)
    with reading(shared_engine) as connection:
        rows = ledger_rows(connection, counted(scope))
        found = entries_by_day(connection, scope, month)
    counts = Counter(
        (code, row.day, row.kind)
        for row in rows
        for code in row.people
        if Month.of(row.day) == month
    )
    shown = {(*key, kind): number for key, kinds in found.items() for kind, number in kinds.items()}
    assert shown == counts


def test_without_any_log_nobody_worked(engine: Engine):
    stored = small.entered(engine)
    with reading(engine) as connection:
        found = worked(connection, Scope(stored, small.END))
        days = entries_by_day(connection, Scope(stored, small.END), Month.of(small.END))
    assert (found.by_item, found.by_month, days) == ({}, {}, {})
