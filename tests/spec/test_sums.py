"""Daily sums are what the ledger's rows come to, after every act and on both stores."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from sqlalchemy import delete, insert, select, text, update

from lib.access import Role, Viewer, operator
from lib.actions.daily_sums import put_right
from lib.actions.post import post
from lib.actions.verify import verify
from lib.kpi import person_days, settlement, sums
from lib.kpi.overview import overview
from lib.kpi.person_days import UNITS
from lib.kpi.scope import Scope
from lib.kpi.sums import Difference, Totals
from lib.kpi.verification import Part
from lib.periods import Month
from lib.store.engine import reading, writing
from lib.store.schema import audit_line, daily_sum, monthly_sum
from tests.spec import small
from tests.spec.histories import AS_OF, do, examples, histories
from tests.spec.plain import Figures, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine, Table

    from lib.store.contracts import StoredContract
    from tests.spec.histories import Act

OPERATOR = operator("运维人员")
DAY, OTHER_DAY = date(2023, 3, 6), date(2023, 3, 10)


@given(history=histories(), as_of=AS_OF)
@examples(10)
def test_after_every_act_sums_are_what_the_rows_come_to(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, ledger = small.entered(shared_engine), Ledger(tomllib.loads(small.TERMS))
    ledger.import_rosters(small.ROSTERS)
    for act in history:
        do(shared_engine, stored, ledger, act)
        with reading(shared_engine) as connection:
            assert sums.differences(connection, stored.id) == []

    scope, plain = Scope(stored, as_of), Figures(ledger, as_of)
    with reading(shared_engine) as connection:
        delivered = sums.delivered(connection, scope)
        by_day = sums.units_by_day(connection, scope)
        assert delivered == person_days.delivered(connection, scope)
        assert by_day == person_days.units_by_day(connection, scope)
        last = sums.last_day(connection, scope)
    by_day_and_kind = {(day, kind): Fraction(units, UNITS) for day, kind, units in by_day}
    assert by_day_and_kind == plain.person_days_by_day()
    assert last == max((day for day, _, _ in by_day), default=None)


@given(history=histories(), begun=AS_OF, as_of=AS_OF)
@examples(10)
def test_what_months_come_to_is_what_their_days_come_to(
    shared_engine: Engine, history: Sequence[Act], begun: date, as_of: date
):
    stored, ledger = small.entered(shared_engine), Ledger(tomllib.loads(small.TERMS))
    ledger.import_rosters(small.ROSTERS)
    for act in history:
        do(shared_engine, stored, ledger, act)

    with reading(shared_engine) as connection:
        found = sums.of_each(connection, {stored.id: (begun, as_of)}, Month.of(as_of))

    of_days = [each for each in kept(shared_engine, stored) if begun <= each[1] <= as_of]
    units = Counter[str]()
    for kind, _, _, amount in of_days:
        units[kind] += amount
    entries = [n for _, day, n, _ in of_days if Month.of(day) == Month.of(as_of)]
    last = max((day for _, day, _, _ in of_days), default=None)
    assert dict(found) == ({stored.id: Totals(units, sum(entries), last)} if of_days else {})


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """A contract with five entries on two days: 赵一 does two things on the first."""
    stored = small.entered(engine)
    patrol = {"村(社区)": "东社区", "排查情况": "走访"}
    rows = {
        "对象排查": [
            {"日期": DAY, "服务人员": "赵一", **patrol},
            {"日期": DAY, "服务人员": "孙三", **patrol},
            {"日期": OTHER_DAY, "服务人员": "赵一、孙三", **patrol},
        ],
        "网络管理": [
            {"日期": DAY, "服务人员": "赵一", "工作内容": "数据收集", "条数": 7},
            {"日期": DAY, "服务人员": "赵一", "工作内容": "数据上报", "条数": 7},
        ],
    }
    books = [small.workbook(rows)]
    post(engine, stored, small.ANYBODY, books, today=small.TODAY, now=small.NOW)
    return stored


SUMS = [
    ("data_work", DAY, 2, 1260),
    ("patrol", DAY, 2, 1260 + 2520),
    ("patrol", OTHER_DAY, 1, 2 * 2520),
]


MONTHS = [
    ("data_work", "2023-03", 2, 1260, DAY, DAY),
    ("patrol", "2023-03", 3, 1260 + 3 * 2520, DAY, OTHER_DAY),
]


@pytest.mark.parametrize(
    ("begun", "ended", "patrol", "data_work", "entries", "last"),
    [
        (DAY, OTHER_DAY, 8820, 1260, 5, OTHER_DAY),
        (DAY, date(2023, 3, 9), 3780, 1260, 4, DAY),
        (date(2023, 3, 7), date(2023, 3, 31), 5040, 0, 1, OTHER_DAY),
        (date(2023, 3, 7), date(2023, 4, 30), 5040, 0, 0, OTHER_DAY),
        (DAY, date(2023, 4, 30), 8820, 1260, 0, OTHER_DAY),
    ],
)
def test_of_a_month_only_days_that_are_counted_count(
    engine: Engine,
    stored: StoredContract,
    begun: date,
    ended: date,
    patrol: int,
    data_work: int,
    entries: int,
    last: date,
):
    with reading(engine) as connection:
        found = sums.of_each(connection, {stored.id: (begun, ended)}, Month.of(ended))
    units = Counter({"patrol": patrol, "data_work": data_work})
    assert found == {stored.id: Totals(units, entries, last)}
    with reading(engine) as connection:
        for days in ((date(2023, 3, 7), date(2023, 3, 9)), (date(2023, 3, 11), ended)):
            assert sums.of_each(connection, {stored.id: days}, Month.of(ended)) == {}


def kept(engine: Engine, stored: StoredContract, table: Table = daily_sum) -> list[Any]:
    """The sums of a contract as they stand."""
    columns = (column for column in table.c if column.name != "contract_id")
    query = select(*columns).where(table.c.contract_id == stored.id)
    with reading(engine) as connection:
        return sorted(tuple(row) for row in connection.execute(query))


def spoiled(engine: Engine, stored: StoredContract) -> None:
    """One sum too large, one gone, one too many."""
    of_it = daily_sum.c.contract_id == stored.id
    with writing(engine) as connection:
        for kind, day in (("data_work", DAY), ("patrol", OTHER_DAY)):
            row = of_it & (daily_sum.c.kind == kind) & (daily_sum.c.day == day)
            act = delete(daily_sum) if day == OTHER_DAY else update(daily_sum).values(units=252000)
            connection.execute(act.where(row))
        extra = {"kind": "campaign", "day": DAY, "entries": 1, "units": 2520}
        connection.execute(insert(daily_sum).values(contract_id=stored.id, **extra))


def test_sums_are_put_right_on_record_and_only_where_they_differ(
    engine: Engine, stored: StoredContract
):
    assert kept(engine, stored) == SUMS
    assert put_right(engine, stored, OPERATOR, small.NOW) == []

    spoiled(engine, stored)
    found = put_right(engine, stored, OPERATOR, small.NOW)

    assert found == [
        Difference(DAY, "campaign", (1, 2520), None),
        Difference(DAY, "data_work", (2, 252000), (2, 1260)),
        Difference(OTHER_DAY, "patrol", None, (1, 5040)),
    ]
    assert sums.named(found[2]) == "2023-03-10 对象排查：合计 0 条、0 人天，按记录应为 1 条、2 人天"
    assert kept(engine, stored) == SUMS
    with reading(engine) as connection:
        lines = connection.execute(
            select(audit_line.c.after).where(audit_line.c.act == "rebuild_sums")
        ).scalars()
        assert list(lines) == [{"differences": 3}]


def test_months_are_put_right_as_days_are(engine: Engine, stored: StoredContract):
    assert kept(engine, stored, monthly_sum) == MONTHS
    of_it = monthly_sum.c.contract_id == stored.id
    day = date(2023, 4, 3)
    extra = {"kind": "patrol", "month": "2023-04", "entries": 1, "units": 2520}
    extra |= {"first_on": day, "last_on": day}
    with writing(engine) as connection:
        row = update(monthly_sum).where(of_it, monthly_sum.c.kind == "patrol")
        connection.execute(row.values(last_on=day))
        connection.execute(delete(monthly_sum).where(of_it, monthly_sum.c.kind == "data_work"))
        connection.execute(insert(monthly_sum).values(contract_id=stored.id, **extra))

    found = put_right(engine, stored, OPERATOR, small.NOW)

    assert found == [
        Difference("2023-03", "data_work", None, (2, 1260, DAY, DAY)),
        Difference("2023-03", "patrol", (3, 8820, DAY, day), (3, 8820, DAY, OTHER_DAY)),
        Difference("2023-04", "patrol", (1, 2520, day, day), None),
    ]
    assert sums.named(found[1]) == (
        "2023-03 对象排查：合计 3 条、7/2 人天（2023-03-06 至 2023-04-03），"
        "按记录应为 3 条、7/2 人天（2023-03-06 至 2023-03-10）"
    )
    assert kept(engine, stored, monthly_sum) == MONTHS


def test_spoiled_sums_move_no_money_and_verifying_names_them(
    engine: Engine, stored: StoredContract
):
    scope = Scope(stored, date(2023, 3, 31))
    with reading(engine) as connection:
        before = settlement.settlement(connection, scope, Month.parse("2023-03"))
        seen = overview(connection, scope).delivered

    spoiled(engine, stored)

    with reading(engine) as connection:
        assert settlement.settlement(connection, scope, Month.parse("2023-03")) == before
        assert overview(connection, scope).delivered != seen
    reviewer = Viewer("reviewer", Role.REVIEWER)
    found = verify(engine, stored, reviewer, lambda: small.NOW)
    (difference,) = found.differences
    assert difference.part is Part.SUMS
    assert difference.difference == (
        "2023-03-06 专项行动：合计 1 条、1 人天，按记录应为 0 条、0 人天；"
        "共 3 处，请运行 python -m lib sums 按记录重算"
    )


def test_migrations_fill_the_sums_of_a_ledger_that_is_there(engine: Engine, stored: StoredContract):
    days, months = (
        import_module(f"lib.store.migrations.versions.{name}")
        for name in ("0010_daily_sums", "0013_monthly_sums")
    )
    with writing(engine) as connection:
        connection.execute(delete(daily_sum))
        connection.execute(delete(monthly_sum))
        connection.execute(text(days.FILL))
        month = months.MONTH[connection.dialect.name]
        connection.execute(text(months.FILL.format(month=month)))

    assert kept(engine, stored) == SUMS
    assert kept(engine, stored, monthly_sum) == MONTHS
