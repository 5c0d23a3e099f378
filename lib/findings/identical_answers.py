"""The same answers in many home visits of one person on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, tuple_, union_all

from lib.fields import Choice, Text
from lib.findings.rule import Rule
from lib.findings.subject import named
from lib.findings.whereabouts import PERSON_DAY
from lib.kpi.scope import of_kind
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST_PEOPLE, LATEST_STAFF
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from lib.kpi.scope import Scope
    from lib.logs.kind import LogKind


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """A person's visits of a day with the same answers: a finding a person, day and kind."""
    visits = union_all(*(_visits(scope, kind) for kind in LOG_KINDS.values() if kind.at_home))
    found = visits.subquery()
    return select(found.c.subject, found.c.entry_id).where(
        found.c.alike >= scope.contract.thresholds.identical_answer_rows
    )


def _visits(scope: Scope, kind: LogKind) -> Select[tuple[str, int, int]]:
    """Each person and visit, and how many were seen by that person on that day and answered so."""
    busy = (
        select(*PERSON_DAY)
        .select_from(LATEST_PEOPLE)
        .where(of_kind(scope, kind.slug))
        .group_by(*PERSON_DAY)
        .having(func.count() >= scope.contract.thresholds.identical_answer_rows)
    )
    answers = [entry_version.c.details[slug].as_string() for slug in _answers(kind)]
    seen = func.coalesce(
        entry_version.c.elder, entry_version.c.household, entry_version.c.application
    )
    so = (*PERSON_DAY, *answers)
    first = func.dense_rank().over(partition_by=so, order_by=seen)
    last = func.dense_rank().over(partition_by=so, order_by=seen.desc())
    return (
        select(
            named(*PERSON_DAY, entry.c.kind).label("subject"),
            entry.c.entry_id,
            # Ranked from both ends, the two ranks of each add up to how many there are and one.
            (first + last - 1).label("alike"),
        )
        .select_from(LATEST_STAFF)
        .where(of_kind(scope, kind.slug), tuple_(*PERSON_DAY).in_(busy))
    )


def _answers(kind: LogKind) -> Sequence[str]:
    """The columns that say what was found: words and choices by which no row is told apart."""
    return [
        field.slug
        for field in kind.fields
        if field.stored
        and isinstance(field.type, (Choice, Text))
        and field.slug not in kind.key_fields
    ]


IDENTICAL_ANSWERS = Rule(
    code="identical_answers",
    name="入户答案雷同",
    meaning="一人一天走访多户，各项答案全都一样。可能情况确实相近，也可能没有逐户核查。",
    threshold=lambda limits: (
        f"一人一天 {limits.identical_answer_rows} 户以上，同类日志的选项和文字全部相同"
    ),
    rows=rows,
)
