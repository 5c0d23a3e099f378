"""A day with many times a person's usual entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, select

from lib.findings.rule import Rule
from lib.findings.subject import named
from lib.kpi.scope import counted
from lib.store.ledger import LATEST_PEOPLE
from lib.store.schema import entry, entry_person

if TYPE_CHECKING:
    from sqlalchemy import CTE, Select

    from lib.kpi.scope import Scope

_SAME_DAY = (entry_person.c.staff, entry.c.kind, entry.c.day)


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """A person's entries of a kind on a day with far more than usual.

    A finding a person, day and kind.
    """
    limits = scope.contract.thresholds
    day = _days(scope)
    jumps = and_(day.c.entries >= limits.pace_rows, day.c.entries > day.c.usual * limits.pace_times)
    same = and_(
        day.c.staff == entry_person.c.staff, day.c.kind == entry.c.kind, day.c.day == entry.c.day
    )
    return (
        select(
            named(entry_person.c.staff, entry.c.day, entry.c.kind).label("subject"),
            entry.c.entry_id,
        )
        .select_from(LATEST_PEOPLE.join(day, same))
        .where(counted(scope), jumps)
    )


def _days(scope: Scope) -> CTE:
    """A row for each person, kind and day: (staff, kind, day, entries, usual).

    What is usual is the median of the person's other days with that kind, the upper one of two. Of
    a day with more entries than that it is the median of all days, the lower one of two.
    """
    same_person = (entry_person.c.staff, entry.c.kind)
    ranked = (
        select(
            *_SAME_DAY,
            func.count().label("entries"),
            func.row_number()
            .over(partition_by=same_person, order_by=(func.count(), entry.c.day))
            .label("rank"),
            func.count().over(partition_by=same_person).label("days"),
        )
        .select_from(LATEST_PEOPLE)
        .where(counted(scope))
        .group_by(*_SAME_DAY)
        .cte("ranked")
    )
    middle = case((ranked.c.rank == (ranked.c.days + 1) // 2, ranked.c.entries))
    usual = func.max(middle).over(partition_by=(ranked.c.staff, ranked.c.kind))
    return select(
        ranked.c.staff,
        ranked.c.kind,
        ranked.c.day,
        ranked.c.entries,
        case((ranked.c.days > 1, usual)).label("usual"),
    ).cte("paced")


PACE_JUMP = Rule(
    code="pace_jump",
    name="一日突增",
    meaning="某人某天同类记录比平日多出几倍。可能集中行动，也可能把几天的记在一天或成批编写。",
    threshold=lambda limits: (
        f"一人一天同类记录 {limits.pace_rows} 条以上，且超过其平日（其他日子的中位数）的 "
        f"{limits.pace_times} 倍"
    ),
    rows=rows,
)
