"""The audit log as it is looked up: by month, by who acted, by what was done, and about what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from lib.periods import BUSINESS_ZONE, Month, Period, months_of
from lib.store.schema import audit_line as line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Select

    from lib.kpi.rows import Page


@dataclass(frozen=True)
class Asked:
    """Which lines are asked for; each part that is filled narrows them.

    `text` stands anywhere in what an act was about, whatever its case.
    """

    month: Month | None = None
    by: str = ""
    act: str = ""
    text: str = ""


@dataclass(frozen=True)
class Line:
    """A line of the log; `origin` is empty where it was not known, or not kept yet."""

    line_id: int
    at: datetime
    by: str
    origin: str
    act: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


def _condition(contract_id: int, asked: Asked) -> ColumnElement[bool]:
    conditions = [line.c.contract_id == contract_id]
    if asked.month:
        first, after = _begin(asked.month.first), _begin(asked.month.next.first)
        conditions += [line.c.at >= first, line.c.at < after]
    if asked.by:
        conditions.append(line.c.by == asked.by)
    if asked.act:
        conditions.append(line.c.act == asked.act)
    if asked.text:
        conditions.append(line.c.subject.icontains(asked.text, autoescape=True))
    return and_(*conditions)


def _begin(day: date) -> datetime:
    """The moment at which a day begins where the services are delivered."""
    return datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC)


def number_of(connection: Connection, contract_id: int, asked: Asked) -> int:
    """How many lines are asked for."""
    query = select(func.count()).select_from(line).where(_condition(contract_id, asked))
    return connection.execute(query).scalar_one()


def listed(
    connection: Connection, contract_id: int, asked: Asked, page: Page | None = None
) -> Sequence[Line]:
    """A page of the lines asked for, or all of them, the newest first."""
    columns = (line.c.line_id, line.c.at, line.c.by, func.coalesce(line.c.origin, ""))
    query: Select[Any] = (
        select(*columns, line.c.act, line.c.subject, line.c.before, line.c.after)
        .where(_condition(contract_id, asked))
        .order_by(line.c.line_id.desc())
    )
    if page:
        query = query.limit(page.size).offset(page.size * (page.number - 1))
    return [Line(*row) for row in connection.execute(query)]


def people(connection: Connection, contract_id: int) -> Sequence[str]:
    """Everybody who ever acted, as the log names them."""
    query = select(line.c.by).where(line.c.contract_id == contract_id).distinct()
    return sorted(connection.execute(query).scalars())


def span(connection: Connection, contract_id: int) -> tuple[datetime, datetime] | None:
    """The moments of the first act and of the last; None before the first."""
    ends = (
        select(end(line.c.at)).where(line.c.contract_id == contract_id).scalar_subquery()
        for end in (func.min, func.max)  # each by itself is one look into the index
    )
    first, last = connection.execute(select(*ends)).one()
    return (first, last) if first else None


def months(between: tuple[datetime, datetime]) -> Sequence[Month]:
    """The months from one moment to another, the newest first."""
    days = Period(*(moment.astimezone(BUSINESS_ZONE).date() for moment in between))
    return [*months_of(days)][::-1]
