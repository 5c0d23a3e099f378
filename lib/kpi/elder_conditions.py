"""In what condition elders were last seen: every choice that a visit's log row makes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, String, and_, func, literal, or_, select, union_all

from lib.fields import Choice
from lib.kpi.visits import rows
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST
from lib.store.schema import elder, entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection, Select, Subquery

    from lib.contract import Visits
    from lib.kpi.rows import Page
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Choices:
    """One choice of a kind: its column, heading, and options from the best to the worst."""

    slug: str
    heading: str
    options: tuple[str, ...]

    @property
    def worst(self) -> str:
        """The option that needs attention."""
        return self.options[-1]


@dataclass(frozen=True)
class Conditions:
    """Elders on the roster; by column and option how many were last seen so."""

    elders: int
    numbers: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Latest:
    """What a choice was when it was last made, on which day, in which entry."""

    value: str
    day: date
    entry_id: int


def choices(visits: Visits) -> Sequence[Choices]:
    """The choices that a visit's log row makes, in the order of its columns."""
    return [
        Choices(field.slug, field.heading, field.type.options)
        for field in LOG_KINDS[visits.kind].fields
        if field.stored and isinstance(field.type, Choice)
    ]


def conditions(connection: Connection, scope: Scope, visits: Visits, place: str) -> Conditions:
    """How many elders of a locality, or (empty) of all, were last seen in which condition."""
    present = _present(scope, place)
    number = select(func.count()).select_from(elder).where(present)
    latest = _latest(scope, visits)
    query = (
        select(latest.c.field, latest.c.value, func.count())
        .select_from(latest.join(elder, elder.c.code == latest.c.elder))
        .where(present)
        .group_by(latest.c.field, latest.c.value)
    )
    numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for field, value, count in connection.execute(query):
        numbers[field][value] = count
    return Conditions(connection.execute(number).scalar_one(), dict(numbers))


def number_in_need(connection: Connection, scope: Scope, visits: Visits, place: str) -> int:
    """How many of them were last seen in the worst condition of any choice."""
    worst = _worst(scope, visits, place)
    return connection.execute(select(func.count()).select_from(worst)).scalar_one()


def in_need(
    connection: Connection, scope: Scope, visits: Visits, place: str, page: Page
) -> Mapping[str, Mapping[str, Latest]]:
    """A page of those, by code and column: the most such conditions first."""
    worst = _worst(scope, visits, place)
    listed = (
        select(worst.c.code)
        .order_by(worst.c.number.desc(), worst.c.position)
        .limit(page.size)
        .offset(page.size * (page.number - 1))
    )
    codes = connection.execute(listed).scalars().all()
    latest = _latest(scope, visits)
    query = select(
        latest.c.elder, latest.c.field, latest.c.value, latest.c.day, latest.c.entry_id
    ).where(latest.c.elder.in_(codes))
    found: dict[str, dict[str, Latest]] = {code: {} for code in codes}
    for code, field, *values in connection.execute(query):
        found[code][field] = Latest(*values)
    return found


def _worst(scope: Scope, visits: Visits, place: str) -> Subquery:
    """Elders in the worst condition of any choice: (code, position, number of such choices)."""
    latest = _latest(scope, visits)
    is_worst = or_(
        *(
            and_(latest.c.field == choice.slug, latest.c.value == choice.worst)
            for choice in choices(visits)
        )
    )
    return (
        select(elder.c.code, elder.c.position, func.count().label("number"))
        .select_from(latest.join(elder, elder.c.code == latest.c.elder))
        .where(_present(scope, place), is_worst)
        .group_by(elder.c.code, elder.c.position)
        .subquery("worst")
    )


def _latest(scope: Scope, visits: Visits) -> Subquery:
    """What each choice was when last made: (elder, field, value, day, entry_id)."""
    ranked = union_all(*(_ranked(scope, visits, choice.slug) for choice in choices(visits)))
    every = ranked.subquery("ranked")
    return select(every).where(every.c.rank == 1).subquery("latest")


def _ranked(scope: Scope, visits: Visits, slug: str) -> Select[Any]:
    """What a choice was at each visit at which it was made; the latest visit has rank 1."""
    value = entry_version.c.details[slug].as_string()
    rank = func.row_number().over(
        partition_by=entry_version.c.elder,
        order_by=(entry.c.day.desc(), entry.c.entry_id.desc()),
    )
    return (
        select(
            entry_version.c.elder,
            literal(slug, String).label("field"),
            value.label("value"),
            entry.c.day,
            entry.c.entry_id,
            rank.label("rank"),
        )
        .select_from(LATEST)
        .where(rows(scope, visits), value.is_not(None))
    )


def _present(scope: Scope, place: str) -> ColumnElement[bool]:
    """Elders on the roster on the as-of day, of a locality or (empty) of all."""
    as_of = literal(scope.as_of, Date)
    present = and_(
        elder.c.contract_id == scope.contract_id,
        elder.c.enrolled_on <= as_of,
        or_(elder.c.left_on.is_(None), elder.c.left_on >= as_of),
    )
    return and_(present, elder.c.locality == place) if place else present
