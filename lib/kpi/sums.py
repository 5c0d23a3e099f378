"""Daily sums kept beside the ledger: of each item's day the entries that count, and person-days.

They are derived, by the one definition of `kpi.person_days`, in the transaction that changes the
ledger. What is glanced at comes from them; what is signed, accepted or paid is asked of the rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, select

from lib.kpi.person_days import UNITS, shares
from lib.logs import LOG_KINDS
from lib.store import bulk
from lib.store.schema import daily_sum, entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Table

    from lib.kpi.scope import Scope
    from lib.periods import Period

    Sum = tuple[int, int]  # entries, units

_AT_ONCE = 1_000  # days; a statement holds only so many values


def refresh(connection: Connection, contract_id: int, days: Iterable[date]) -> None:
    """Make the sums of these days anew; the caller changed entries of them, and holds the lock."""
    every = sorted(set(days))
    for first in range(0, len(every), _AT_ONCE):
        some = every[first : first + _AT_ONCE]
        _make(connection, contract_id, *(_on(table, contract_id, some) for table in _TABLES))


def rebuild(connection: Connection, contract_id: int) -> None:
    """Make all sums of a contract anew."""
    _make(connection, contract_id, *(table.c.contract_id == contract_id for table in _TABLES))


_TABLES = (daily_sum, entry)


def _on(table: Table, contract_id: int, days: Collection[date]) -> ColumnElement[bool]:
    """Rows of these days; every kind is named, because the indexes have it before the day."""
    return and_(
        table.c.contract_id == contract_id,
        table.c.kind.in_(list(LOG_KINDS)),
        table.c.day.in_(days),
    )


def _make(
    connection: Connection, contract_id: int, kept: ColumnElement[bool], of: ColumnElement[bool]
) -> None:
    """Put what entries of whole days come to in the place of the sums that are kept."""
    connection.execute(delete(daily_sum).where(kept))
    found = _found(connection, of)
    rows = [(contract_id, kind, day, *sums) for (day, kind), sums in found.items()]
    if rows:
        bulk.add(connection, daily_sum, list(zip(*rows, strict=True)))


def _found(connection: Connection, of: ColumnElement[bool]) -> Mapping[tuple[date, str], Sum]:
    """The sums that entries of whole days come to, by day and item."""
    found = shares(connection, and_(of, entry.c.effective))
    return {(each.day, each.kind): (each.entries, sum(each.units)) for each in found}


@dataclass(frozen=True)
class Difference:
    """An item's day of which other sums are `kept` than its rows come to, which are `found`.

    Both are entries and units; None where there is nothing.
    """

    day: date
    kind: str
    kept: Sum | None
    found: Sum | None


def differences(connection: Connection, contract_id: int) -> Sequence[Difference]:
    """Where the sums kept of a contract are not what its rows come to, in order of days."""
    query = select(daily_sum).where(daily_sum.c.contract_id == contract_id)
    rows = connection.execute(query)
    kept = {(row.day, row.kind): (row.entries, row.units) for row in rows}
    found = _found(connection, entry.c.contract_id == contract_id)
    return [
        Difference(*each, kept.get(each), found.get(each))
        for each in sorted({*kept, *found})
        if kept.get(each) != found.get(each)
    ]


def named(difference: Difference) -> str:
    """Which day and item, and what is kept of it beside what its rows come to, in words."""
    kind = LOG_KINDS.get(difference.kind)
    return (
        f"{difference.day} {kind.sheet if kind else difference.kind}："
        f"合计 {_words(difference.kept)}，按记录应为 {_words(difference.found)}"
    )


def _words(of: Sum | None) -> str:
    entries, units = of or (0, 0)
    return f"{entries} 条、{Fraction(units, UNITS)} 人天"


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

    units: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    last_day: date | None = None


def of_each(
    connection: Connection, counted: Mapping[int, Period], month: Period
) -> Mapping[int, Totals]:
    """What the sums of contracts come to, by id: of each those days of its that are counted.

    Contracts of the same days are asked for together. Only person-days need every sum: the last day
    is looked for in the month, and before it only of contracts that rest in it.
    """
    together: defaultdict[Period, list[int]] = defaultdict(list)
    for contract_id, days in counted.items():
        together[days].append(contract_id)
    found: defaultdict[int, Totals] = defaultdict(Totals)
    for days, ids in together.items():
        for contract_id, kind, units in connection.execute(_units(ids, days)):
            found[contract_id].units[kind] = int(units)
        for contract_id, entries, last in connection.execute(_recent(ids, days, month)):
            found[contract_id].entries, found[contract_id].last_day = int(entries), last
        resting = [each for each in ids if each in found and not found[each].last_day]
        for contract_id, last in connection.execute(_last_days(resting, days)) if resting else ():
            found[contract_id].last_day = last
    return found


def _units(contract_ids: Sequence[int], days: Period) -> Select[Any]:
    """Units by contract and item."""
    return (
        select(daily_sum.c.contract_id, daily_sum.c.kind, func.sum(daily_sum.c.units))
        .where(_of_these(contract_ids, days))
        .group_by(daily_sum.c.contract_id, daily_sum.c.kind)
    )


def _recent(contract_ids: Sequence[int], days: Period, month: Period) -> Select[Any]:
    """Entries, and the last day, in those days that lie in the month, by contract."""
    return (
        select(daily_sum.c.contract_id, func.sum(daily_sum.c.entries), func.max(daily_sum.c.day))
        .where(
            _of_these(contract_ids, days),
            daily_sum.c.kind.in_(list(LOG_KINDS)),  # as in `_on`
            daily_sum.c.day.between(month.first, month.last),
        )
        .group_by(daily_sum.c.contract_id)
    )


def _last_days(contract_ids: Sequence[int], days: Period) -> Select[Any]:
    """The last day, by contract."""
    return (
        select(daily_sum.c.contract_id, func.max(daily_sum.c.day))
        .where(_of_these(contract_ids, days))
        .group_by(daily_sum.c.contract_id)
    )


def _of_these(contract_ids: Sequence[int], days: Period) -> ColumnElement[bool]:
    return and_(
        daily_sum.c.contract_id.in_(contract_ids),
        daily_sum.c.day.between(days.first, days.last),
    )


def _counted(scope: Scope) -> ColumnElement[bool]:
    """The days from the contract's start to the as-of day, as `scope.counted` counts entries."""
    return and_(
        daily_sum.c.contract_id == scope.contract_id,
        daily_sum.c.day.between(scope.contract.start, scope.as_of),
    )
