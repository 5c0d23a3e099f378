"""A new application surveyed at home before it was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, false, func, or_, select

from lib.contract import Cases
from lib.findings.rule import Rule
from lib.findings.subject import named
from lib.kpi.scope import meeting
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """Each answer that is dated before its case was first opened: a finding an entry.

    A case that was never opened is not found: another team's workbook may bring it (spec §3). What
    opens a case is never before the first of its kind, and need not be told from the answers.
    """
    cases = [each for each in scope.contract.obligation if isinstance(each, Cases)]
    opens = or_(false(), *(meeting(scope, each.opened) for each in cases))
    answers = or_(false(), *(meeting(scope, each.answered) for each in cases))
    first = func.min(case((opens, entry.c.day))).over(partition_by=entry_version.c.application)
    found = (
        select(entry.c.entry_id, entry.c.day, first.label("opened_on"))
        .select_from(LATEST)
        .where(or_(opens, answers), entry_version.c.application.is_not(None))
        .subquery()
    )
    return select(named(found.c.entry_id).label("subject"), found.c.entry_id).where(
        found.c.day < found.c.opened_on
    )


SURVEY_BEFORE_ACCEPTANCE = Rule(
    code="survey_before_acceptance",
    name="受理前已调查",
    meaning="新申请的入户调查早于受理。可能先走访后补登记，也可能日期写错。",
    threshold=lambda _: "入户调查的日期早于同一受理编号的首次受理",
    rows=rows,
)
