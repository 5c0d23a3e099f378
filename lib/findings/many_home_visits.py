"""More home visits by one person on a day than are plausible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lib.findings.rule import Rule
from lib.findings.subject import named
from lib.findings.whereabouts import HOME_VISITS, PERSON_DAY
from lib.kpi.scope import counted
from lib.store.ledger import LATEST_PEOPLE
from lib.store.schema import entry

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """A person's home visits of a day with too many: a finding a person and day."""
    most = scope.contract.thresholds.home_visits_per_person_day
    day = (
        select(
            named(*PERSON_DAY).label("subject"),
            entry.c.entry_id,
            func.count().over(partition_by=PERSON_DAY).label("visits"),
        )
        .select_from(LATEST_PEOPLE)
        .where(counted(scope), entry.c.kind.in_(HOME_VISITS))
        .subquery()
    )
    return select(day.c.subject, day.c.entry_id).where(day.c.visits > most)


MANY_HOME_VISITS = Rule(
    code="many_home_visits",
    name="一日入户过多",
    meaning="一人一天入户的次数多得不合常理。可能把几天的记在一天，也可能分头入户却都写了所有人。",
    threshold=lambda limits: f"一人一天入户超过 {limits.home_visits_per_person_day} 次",
    rows=rows,
)
