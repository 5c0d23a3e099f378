"""Selected entries counted by what a column of theirs holds, or by month; their numbers added up.

Of the entries behind cases, the cases are counted: every number equals the total of its selection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, distinct, func, select

from lib.contract import Cases
from lib.fields import TEXT_LIMIT, Choice, Count, Text
from lib.kpi.selection import condition, obligation_of
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST
from lib.store.schema import calendar_day, entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Select

    from lib.fields import Field
    from lib.kpi.scope import Scope
    from lib.kpi.selection import Selection
    from lib.logs.kind import LogKind


@dataclass(frozen=True)
class Tally:
    """How many entries (or cases), and what each number asked for comes to, in their order."""

    number: int
    amounts: tuple[int, ...] = ()


def choices(kind: LogKind) -> Sequence[Field]:
    """The kind's columns that hold one of a few words."""
    return [field for field in kind.fields if isinstance(field.type, Choice)]


def sorting(kind: LogKind) -> Sequence[Field]:
    """The columns by which entries can be sorted: choices, and short texts such as a place's name.

    Not those that name somebody.
    """
    return [
        field
        for field in kind.fields
        if field.stored and not field.names_somebody and (_is_choice(field) or _is_short(field))
    ]


def _is_choice(field: Field) -> bool:
    return isinstance(field.type, Choice)


def _is_short(field: Field) -> bool:
    return isinstance(field.type, Text) and field.type.limit < TEXT_LIMIT


def numbers(kind: LogKind) -> Sequence[Field]:
    """The kind's columns that can be added up."""
    return [field for field in kind.fields if isinstance(field.type, Count)]


def whole(
    connection: Connection, scope: Scope, wanted: Selection, amounts: Sequence[str] = ()
) -> Tally:
    """All selected entries together."""
    (row,) = connection.execute(_tallied(scope, wanted, amounts))
    return _tally(row)


def by_month(
    connection: Connection, scope: Scope, wanted: Selection, amounts: Sequence[str] = ()
) -> Mapping[str, Tally]:
    """By month, `YYYY-MM`, in order; months without an entry are left out."""
    month = calendar_day.c.month
    query = (
        _tallied(scope, wanted, amounts, month)
        .join(calendar_day, calendar_day.c.day == entry.c.day)
        .group_by(month)
        .order_by(month)
    )
    return {key: _tally(row) for key, *row in connection.execute(query)}


def by_value(
    connection: Connection,
    scope: Scope,
    wanted: Selection,
    field: str,
    amounts: Sequence[str] = (),
) -> Mapping[str, Tally]:
    """By what a column of the selection's kind holds.

    Every option of a choice in its order, then what else there is, the most frequent first, and at
    last, under "", the entries that leave it empty.
    """
    held = entry_version.c.details[field].as_string()
    query = _tallied(scope, wanted, amounts, held).group_by(held)
    found = {value or "": _tally(row) for value, *row in connection.execute(query)}
    type_ = LOG_KINDS[wanted.kind].by_slug[field].type
    options = type_.options if isinstance(type_, Choice) else ()
    nothing = Tally(0, (0,) * len(amounts))
    others = sorted(found.keys() - {*options}, key=lambda v: (not v, -found[v].number, v))
    return {value: found.get(value, nothing) for value in (*options, *others)}


def _tallied(
    scope: Scope, wanted: Selection, amounts: Sequence[str], *by: ColumnElement[Any]
) -> Select[Any]:
    """The number and the sums under a selection, behind what they are grouped by."""
    is_cases = isinstance(obligation_of(wanted, scope.contract), Cases)
    number = func.count(distinct(entry_version.c.application)) if is_cases else func.count()
    sums = (
        func.coalesce(func.sum(entry_version.c.details[slug].as_integer()), 0) for slug in amounts
    )
    return select(*by, number, *sums).select_from(LATEST).where(condition(scope, wanted))


def _tally(row: Sequence[Any]) -> Tally:
    number, *sums = row
    return Tally(number, tuple(int(each) for each in sums))
