"""A month's visits to elders made in its last days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, false, func, or_, select

from lib.contract import Visits, share
from lib.findings.rule import Rule
from lib.findings.subject import month_of
from lib.kpi.scope import counted
from lib.periods import months_of
from lib.store.schema import entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """The visits of a month's last days, where they are too many of it: a finding a month."""
    kinds = [o.kind for o in scope.contract.obligation if isinstance(o, Visits)]
    most = share(scope.contract.thresholds.rush_share)
    is_last = or_(false(), *(entry.c.day.between(*days) for days in _last_days(scope)))
    month = month_of(entry.c.day)
    whole = (entry.c.kind, month)
    last = case((is_last, 1), else_=0)
    visit = (
        select(
            month.label("subject"),
            entry.c.entry_id,
            last.label("last"),
            func.sum(last).over(partition_by=whole).label("at_the_end"),
            func.count().over(partition_by=whole).label("visits"),
        )
        .where(counted(scope), entry.c.kind.in_(kinds))
        .subquery()
    )
    return select(visit.c.subject, visit.c.entry_id).where(
        visit.c.last == 1,
        visit.c.at_the_end * most.denominator > visit.c.visits * most.numerator,
    )


def _last_days(scope: Scope) -> Iterator[tuple[date, date]]:
    """The first and last of the last days of each month that is over, as far as it is served."""
    for month in months_of(scope.contract.period):
        end = min(month.last, scope.contract.end)
        if end <= scope.as_of:
            first = end - timedelta(days=scope.contract.thresholds.rush_last_days - 1)
            yield max(first, month.first), end


MONTH_END_RUSH = Rule(
    code="month_end_rush",
    name="月末突击走访",
    meaning="一个月的走访大多挤在最后几天。可能月初安排了别的工作，也可能突击凑数。",
    threshold=lambda limits: (
        f"当月最后 {limits.rush_last_days} 天的走访超过全月的 {limits.rush_share:.0%}"
    ),
    rows=rows,
)
