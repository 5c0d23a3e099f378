"""The figures told by locality: each comes from the rows it opens, and they add up to the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from lib.kpi import locality
from lib.kpi.localities import Cell, columns
from lib.kpi.scope import Scope
from lib.kpi.selection import total
from lib.store import rosters
from lib.store.engine import reading
from tests.spec import small
from tests.spec.histories import AS_OF, examples, histories, played

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Engine

    from tests.spec.histories import Act


@given(history=histories("对象排查", "专项行动", "特困老人核查"), as_of=AS_OF)
@examples(20)
def test_a_localitys_figure_is_what_its_rows_come_to(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    with reading(shared_engine) as connection:
        places = rosters.load(connection, stored.id).localities
        for column in columns(connection, scope):
            if column.wanted is None:
                continue
            by_rows = {
                code: total(connection, scope, wanted).value
                for code in places
                if (wanted := column.rows_of(code))
            }
            shown = {code: column.of(code).value or 0 for code in places}
            assert (column.code, shown) == (column.code, by_rows)


@given(history=histories("对象排查", "专项行动", "特困老人核查", "业务协办"), as_of=AS_OF)
@examples(20)
def test_one_localitys_months_add_up(shared_engine: Engine, history: Sequence[Act], as_of: date):
    stored, _ = played(shared_engine, history)
    with reading(shared_engine) as connection:
        found = locality.figures(connection, Scope(stored, as_of), "L1")
    named = {figure.name: figure for figure in found}
    for name in ("走访天数", "特困老人月访", "全部记录"):
        figure = named[name]
        assert (name, sum(each.value for each in figure.months.values())) == (
            name,
            figure.total.value,
        )


def test_where_nobody_ever_was_comes_first_then_the_longest_ago(engine: Engine):
    stored = small.entered(engine)
    with reading(engine) as connection:
        found = columns(connection, Scope(stored, small.END))
    since = next(column for column in found if column.wanted is None)
    assert {code: since.of(code) for code in since.cells} == dict.fromkeys(since.cells, Cell(None))
    assert [since.urgency(code) for code in since.cells] == [2.0] * len(since.cells)
