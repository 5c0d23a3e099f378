"""A person's numbers that end in 0 or 5 more often than counted ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, union_all

from lib.contract import share
from lib.fields import Count
from lib.findings.rule import Rule
from lib.findings.subject import month_of, named
from lib.kpi.scope import of_kind
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST_STAFF
from lib.store.schema import entry, entry_person, entry_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from lib.kpi.scope import Scope

_ROUND = 5


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """The entries with a round number, where a person has too many of them.

    A finding a person, kind and month. Of numbers that were counted, one in five is round.
    """
    limits = scope.contract.thresholds
    most = share(limits.round_number_share)
    number = union_all(*_numbers(scope)).subquery()
    tallied = select(
        number.c.subject,
        number.c.entry_id,
        number.c.round,
        func.sum(number.c.round).over(partition_by=number.c.subject).label("rounded"),
        func.count().over(partition_by=number.c.subject).label("numbers"),
    ).subquery()
    return (
        select(tallied.c.subject, tallied.c.entry_id)
        .where(
            tallied.c.round == 1,
            tallied.c.numbers >= limits.round_number_rows,
            tallied.c.rounded * most.denominator > tallied.c.numbers * most.numerator,
        )
        .distinct()
    )


def _numbers(scope: Scope) -> Iterator[Select[tuple[Any, ...]]]:
    """Every number filled in, once for each of its entry's people; 0 is no number of things."""
    for kind in LOG_KINDS.values():
        for field in kind.fields:
            if isinstance(field.type, Count):
                number = entry_version.c.details[field.slug].as_integer()
                month = month_of(entry.c.day)
                yield (
                    select(
                        named(entry_person.c.staff, entry.c.kind, month).label("subject"),
                        entry.c.entry_id,
                        case((number % _ROUND == 0, 1), else_=0).label("round"),
                    )
                    .select_from(LATEST_STAFF)
                    .where(of_kind(scope, kind.slug), number > 0)
                )


ROUND_NUMBERS = Rule(
    code="round_numbers",
    name="尾数多为 0 和 5",
    meaning="同一人一个月所填数字的尾数大多是 0 或 5，像是估的。可能整箱整份清点，也可能没有清点。",
    threshold=lambda limits: (
        f"一人一月同类日志所填数字 {limits.round_number_rows} 个以上，"
        f"尾数是 0 或 5 的超过 {limits.round_number_share:.0%}（0 不算）"
    ),
    rows=rows,
)
