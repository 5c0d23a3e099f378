"""Daily sums kept beside the ledger: of each item's day the entries that count, and person-days.

They are derived, by the one definition of `kpi.person_days`, in the transaction that changes the
ledger; so are the monthly ones, from them. What is glanced at comes from sums; what is signed,
accepted or paid is asked of the rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select

from lib.kpi.person_days import UNITS, shares
from lib.logs import LOG_KINDS
from lib.periods import Month
from lib.store import bulk
from lib.store.schema import daily_sum, entry, monthly_sum

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Select, Table

    from lib.kpi.scope import Scope

    MonthSum = tuple[int, int, date, date]  # entries, units, the first and the last day
    Sum = tuple[int, int] | MonthSum

_AT_ONCE = 1_000  # days; a statement holds only so many values


def refresh(connection: Connection, contract_id: int, days: Iterable[date]) -> None:
    """Make the sums of these days anew; the caller changed entries of them, and holds the lock."""
    every = sorted(set(days))
    for first in range(0, len(every), _AT_ONCE):
        some = every[first : first + _AT_ONCE]
        kept, of = (_on(table, contract_id, some) for table in (daily_sum, entry))
        _make(connection, contract_id, kept, of)
    if every:
        first_month, last_month = Month.of(every[0]), Month.of(every[-1])
        _make_months(connection, *_through(contract_id, first_month, last_month))


def rebuild(connection: Connection, contract_id: int) -> None:
    """Make all sums of a contract anew."""
    kept, of = (table.c.contract_id == contract_id for table in (daily_sum, entry))
    _make(connection, contract_id, kept, of)
    _make_months(connection, monthly_sum.c.contract_id == contract_id, kept)


def _on(table: Table, contract_id: int, days: Collection[date]) -> ColumnElement[bool]:
    """Rows of these days."""
    return and_(_of_all_kinds(table, contract_id), table.c.day.in_(days))


def _of_all_kinds(table: Table, contract_id: int) -> ColumnElement[bool]:
    """Rows of a contract; every kind is named, because the indexes have it before the day."""
    return and_(table.c.contract_id == contract_id, table.c.kind.in_(list(LOG_KINDS)))


def _make(
    connection: Connection, contract_id: int, kept: ColumnElement[bool], of: ColumnElement[bool]
) -> None:
    """Put what entries of whole days come to in the place of the sums that are kept."""
    connection.execute(delete(daily_sum).where(kept))
    found = _found(connection, of)
    rows = [(contract_id, kind, day, *sums) for (day, kind), sums in found.items()]
    if rows:
        bulk.add(connection, daily_sum, list(zip(*rows, strict=True)))


def _through(
    contract_id: int, first: Month, last: Month
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The monthly sums from a month through another, and the daily ones."""
    months = monthly_sum.c.month.between(str(first), str(last))
    days = daily_sum.c.day.between(first.first, last.last)
    return (
        and_(_of_all_kinds(monthly_sum, contract_id), months),
        and_(_of_all_kinds(daily_sum, contract_id), days),
    )


def _make_months(
    connection: Connection, kept: ColumnElement[bool], of: ColumnElement[bool]
) -> None:
    """Put what daily sums of whole months come to in the place of the monthly ones kept."""
    connection.execute(delete(monthly_sum).where(kept))
    add_up_months(connection, of)


def add_up_months(connection: Connection, of: ColumnElement[bool]) -> None:
    """Add monthly sums, of which there are none yet, of these daily ones."""
    key = (daily_sum.c.contract_id, daily_sum.c.kind, func.month_of(daily_sum.c.day))
    added = (func.sum(daily_sum.c.entries), func.sum(daily_sum.c.units))
    days = (func.min(daily_sum.c.day), func.max(daily_sum.c.day))
    made = select(*key, *added, *days).where(of).group_by(*key)
    names = [column.name for column in monthly_sum.c]
    connection.execute(insert(monthly_sum).from_select(names, made))


def _found(
    connection: Connection, of: ColumnElement[bool]
) -> Mapping[tuple[date, str], tuple[int, int]]:
    """The sums that entries of whole days come to, by day and item."""
    found = shares(connection, and_(of, entry.c.effective))
    return {(each.day, each.kind): (each.entries, sum(each.units)) for each in found}


@dataclass(frozen=True)
class Difference:
    """An item's day or month of which other sums are `kept` than its rows come to, in `found`.

    Both are entries and units, and of a month, which is written `YYYY-MM`, the first and the last
    of its days; None where there is nothing.
    """

    when: date | str
    kind: str
    kept: Sum | None
    found: Sum | None


def differences(connection: Connection, contract_id: int) -> Sequence[Difference]:
    """Where sums kept of a contract are not what its rows come to: days in order, then months."""
    days = _found(connection, entry.c.contract_id == contract_id)
    months: dict[tuple[str, str], MonthSum] = {}
    for (day, kind), (entries, units) in sorted(days.items()):
        of_it = str(Month.of(day)), kind
        before = months.get(of_it, (0, 0, day, day))
        months[of_it] = before[0] + entries, before[1] + units, before[2], day
    return [
        *_compared(_kept(connection, contract_id, daily_sum), days),
        *_compared(_kept(connection, contract_id, monthly_sum), months),
    ]


def _kept(connection: Connection, contract_id: int, table: Table) -> Mapping[tuple[Any, str], Sum]:
    """The sums that are kept of a contract in a table, by day or month and item."""
    rows = connection.execute(select(table).where(table.c.contract_id == contract_id))
    return {(when, kind): tuple(of_it) for _, kind, when, *of_it in rows}


def _compared(
    kept: Mapping[tuple[Any, str], Sum], found: Mapping[tuple[Any, str], Sum]
) -> Sequence[Difference]:
    """Where these are not the same."""
    return [
        Difference(*each, kept.get(each), found.get(each))
        for each in sorted({*kept, *found})
        if kept.get(each) != found.get(each)
    ]


def named(difference: Difference) -> str:
    """Which day or month, which item, what is kept of it and what its rows come to, in words."""
    kind = LOG_KINDS.get(difference.kind)
    return (
        f"{difference.when} {kind.sheet if kind else difference.kind}："
        f"合计 {_words(difference.kept)}，按记录应为 {_words(difference.found)}"
    )


def _words(of: Sum | None) -> str:
    entries, units, *days = of or (0, 0)
    between = f"（{days[0]} 至 {days[1]}）" if days else ""
    return f"{entries} 条、{Fraction(units, UNITS)} 人天{between}"


def number(connection: Connection, contract_id: int) -> int:
    """How many items' days there are sums of."""
    query = select(func.count()).where(daily_sum.c.contract_id == contract_id)
    return connection.execute(query).scalar_one()


def delivered(connection: Connection, scope: Scope) -> Mapping[str, Fraction]:
    """Person-days by item, as `person_days.delivered` has them."""
    query = (
        select(daily_sum.c.kind, func.sum(daily_sum.c.units))
        .where(_counted(scope))
        .group_by(daily_sum.c.kind)
    )
    return {kind: Fraction(int(units), UNITS) for kind, units in connection.execute(query)}


def units_by_day(connection: Connection, scope: Scope) -> Sequence[tuple[date, str, int]]:
    """Units of person-days by day and item, as `person_days.units_by_day` has them."""
    query = (
        select(daily_sum.c.day, daily_sum.c.kind, daily_sum.c.units)
        .where(_counted(scope))
        .order_by(daily_sum.c.day, daily_sum.c.kind)
    )
    return [(day, kind, units) for day, kind, units in connection.execute(query)]


def last_day(connection: Connection, scope: Scope) -> date | None:
    """The last day on which anything counted was done."""
    return connection.execute(select(func.max(daily_sum.c.day)).where(_counted(scope))).scalar()


@dataclass
class Totals:
    """What the sums of a contract come to: units by item, entries of a month, the last day."""

    units: Counter[str] = field(default_factory=Counter)
    entries: int = 0
    last_day: date | None = None


def of_each(
    connection: Connection, counted: Mapping[int, tuple[date, date]], month: Month
) -> Mapping[int, Totals]:
    """What the sums of contracts come to, by id: of each from its first to its last day counted.

    Contracts of the same days are asked for together. The monthly sums will do, but for months of
    which only some of the days worked are counted.
    """
    together: defaultdict[tuple[date, date], list[int]] = defaultdict(list)
    for contract_id, days in counted.items():
        together[days].append(contract_id)
    found: defaultdict[int, Totals] = defaultdict(Totals)
    for days, ids in together.items():
        for query in (_of_whole_months(ids, *days, month), _of_cut_months(ids, *days, month)):
            for contract_id, kind, units, entries, last in connection.execute(query):
                of_it = found[contract_id]
                of_it.units[kind] += int(units)
                of_it.entries += int(entries)
                of_it.last_day = max(of_it.last_day or last, last)
    return found


def _of_whole_months(
    contract_ids: Sequence[int], first: date, last: date, month: Month
) -> Select[Any]:
    """Totals of those months of which all days worked lie between the first day and the last."""
    each = monthly_sum.c
    return _totals(monthly_sum, each.month == str(month), each.last_on).where(
        each.contract_id.in_(contract_ids), each.first_on >= first, each.last_on <= last
    )


def _of_cut_months(
    contract_ids: Sequence[int], first: date, last: date, month: Month
) -> Select[Any]:
    """The same of months of which some days worked lie between these days, and some do not."""
    each, day = monthly_sum.c, daily_sum.c.day
    months = (
        select(each.contract_id, each.kind, each.first_on, each.last_on)
        .where(
            each.contract_id.in_(contract_ids),
            or_(each.first_on < first, each.last_on > last),
            each.first_on <= last,
            each.last_on >= first,
        )
        .cte("cut")
        .prefix_with("MATERIALIZED")  # SQLite would begin with the days, which are many more
    )
    its_days = and_(
        daily_sum.c.contract_id == months.c.contract_id,
        daily_sum.c.kind == months.c.kind,
        day.between(months.c.first_on, months.c.last_on),
    )
    return (
        _totals(daily_sum, day.between(month.first, month.last), day)
        .select_from(months.join(daily_sum, its_days))
        .where(day.between(first, last))
    )


def _totals(table: Table, of_month: ColumnElement[bool], day: ColumnElement[Any]) -> Select[Any]:
    """Units, a month's entries and the last day by contract and item."""
    each = table.c
    entries = case((of_month, each.entries), else_=0)
    return select(
        each.contract_id, each.kind, func.sum(each.units), func.sum(entries), func.max(day)
    ).group_by(each.contract_id, each.kind)


def _counted(scope: Scope) -> ColumnElement[bool]:
    """The days from the contract's start to the as-of day, as `scope.counted` counts entries."""
    return and_(
        daily_sum.c.contract_id == scope.contract_id,
        daily_sum.c.day.between(scope.contract.start, scope.as_of),
    )
