"""An elder's two visits of a month too close to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from lib.contract import Visits
from lib.findings.rule import Rule
from lib.findings.subject import month_of, named
from lib.kpi.scope import counted
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """An elder's visits of a month that are close to another: a finding an elder and month."""
    kinds = [o.kind for o in scope.contract.obligation if isinstance(o, Visits)]
    fewest = scope.contract.thresholds.days_between_visits
    month = month_of(entry.c.day)
    same = (entry.c.kind, entry_version.c.elder, month)
    visit = (
        select(
            named(entry_version.c.elder, month).label("subject"),
            entry.c.entry_id,
            entry.c.day,
            func.lag(entry.c.day).over(partition_by=same, order_by=entry.c.day).label("before"),
            func.lead(entry.c.day).over(partition_by=same, order_by=entry.c.day).label("after"),
        )
        .select_from(LATEST)
        .where(counted(scope), entry.c.kind.in_(kinds), entry_version.c.elder.is_not(None))
        .subquery()
    )
    return select(visit.c.subject, visit.c.entry_id).where(
        or_(
            func.days_between(visit.c.before, visit.c.day) < fewest,
            func.days_between(visit.c.day, visit.c.after) < fewest,
        )
    )


CLOSE_VISITS = Rule(
    code="close_visits",
    name="两次月访过近",
    meaning="同一老人一个月内的两次走访挨得太近，像是凑次数。可能因病、因灾或有求助而连日上门。",
    threshold=lambda limits: f"同月两次走访相隔不到 {limits.days_between_visits} 天",
    rows=rows,
)
