"""The same words in many rows of one person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select, union_all

from lib.fields import Text
from lib.findings.rule import Rule
from lib.findings.subject import named
from lib.kpi.scope import of_kind
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST_STAFF
from lib.store.schema import entry, entry_person, entry_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from lib.fields import Field
    from lib.kpi.scope import Scope

_DIGITS = 12  # of a text's hash: enough to tell texts of one person and column apart


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """A person's entries with the same text in a column: a finding a person, column and text.

    A finding is named by a hash of the text, which may be about somebody.
    """
    written = union_all(*_written(scope)).subquery()
    same = (written.c.staff, written.c.kind, written.c.field, written.c.text)
    counted = select(
        *same, written.c.entry_id, func.count().over(partition_by=same).label("rows")
    ).subquery()
    hashed = func.substr(func.sha256(counted.c.text), 1, _DIGITS)
    return select(
        named(counted.c.staff, counted.c.kind, counted.c.field, hashed).label("subject"),
        counted.c.entry_id,
    ).where(counted.c.rows >= scope.contract.thresholds.repeated_text_rows)


def _written(scope: Scope) -> Iterator[Select[tuple[Any, ...]]]:
    """What was written into free columns, long enough to be somebody's own words.

    Once for each of an entry's people.
    """
    for kind in LOG_KINDS.values():
        for field in filter(_is_free, kind.fields):
            text = entry_version.c.details[field.slug].as_string()
            long_enough = scope.contract.thresholds.repeated_text_characters
            yield (
                select(
                    entry_person.c.staff,
                    entry.c.kind,
                    literal(field.slug).label("field"),
                    text.label("text"),
                    entry.c.entry_id,
                )
                .select_from(LATEST_STAFF)
                .where(of_kind(scope, kind.slug), func.length(text) >= long_enough)
            )


def _is_free(field: Field) -> bool:
    """Whether a column is for own words: one with a limit of its own names a platform, a place."""
    return field.type == Text()


REPEATED_TEXT = Rule(
    code="repeated_text",
    name="文字雷同",
    meaning="同一人多条记录的文字一模一样，像是复制。可能是惯用写法，也可能没有逐户了解。",
    threshold=lambda limits: (
        f"同一人同类日志 {limits.repeated_text_rows} 条以上文字相同，"
        f"不足 {limits.repeated_text_characters} 字的不算"
    ),
    rows=rows,
)
