"""A home survey by fewer people than are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String, cast, func, select

from lib.contract import Cases
from lib.findings.rule import Rule
from lib.kpi.scope import counted
from lib.store.ledger import LATEST_PEOPLE
from lib.store.schema import entry

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """Each survey with too few people: a finding an entry."""
    kinds = [o.answered.kind for o in scope.contract.obligation if isinstance(o, Cases)]
    fewest = scope.contract.thresholds.people_at_home_survey
    return (
        select(cast(entry.c.entry_id, String).label("subject"), entry.c.entry_id)
        .select_from(LATEST_PEOPLE)
        .where(counted(scope), entry.c.kind.in_(kinds))
        .group_by(entry.c.contract_id, entry.c.entry_id)
        .having(func.count() < fewest)
    )


ONE_PERSON_SURVEY = Rule(
    code="one_person_survey",
    name="单人入户调查",
    meaning="入户调查的人数不够。可能是漏写同行人员，也可能确为一人入户。",
    threshold=lambda limits: f"入户调查应有 {limits.people_at_home_survey} 人以上",
    rows=rows,
)
