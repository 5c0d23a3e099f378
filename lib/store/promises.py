"""Trips promised in the store: a team, a day, a locality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from lib.store.schema import locality, promise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Promise:
    """A trip that a team means to make: on a day, to a locality by its code."""

    team: str
    day: date
    locality: str


def ahead(
    connection: Connection, contract_id: int, first: date, before: datetime
) -> Sequence[Promise]:
    """The trips for a day and those after it, promised before a moment.

    They stand by day, then as on the roster.
    """
    place = (locality.c.contract_id == promise.c.contract_id) & (
        locality.c.code == promise.c.locality
    )
    query = (
        select(promise.c.team, promise.c.day, promise.c.locality)
        .select_from(promise.join(locality, place))
        .where(promise.c.contract_id == contract_id, promise.c.day >= first)
        .where(promise.c.promised_at < before)
        .order_by(promise.c.day, locality.c.position, promise.c.team)
    )
    return [Promise(*row) for row in connection.execute(query)]


def of_day(connection: Connection, contract_id: int, team: str, day: date) -> frozenset[str]:
    """The localities that a team has promised to go to on a day."""
    query = select(promise.c.locality).where(promise.c.contract_id == contract_id)
    query = query.where(promise.c.team == team, promise.c.day == day)
    return frozenset(connection.execute(query).scalars())


def add(
    connection: Connection,
    contract_id: int,
    promised: Iterable[Promise],
    *,
    at: datetime,
    by: str,
) -> None:
    """Enter trips that are not promised yet."""
    rows = [
        {
            "contract_id": contract_id,
            "team": each.team,
            "day": each.day,
            "locality": each.locality,
            "promised_at": at,
            "promised_by": by,
        }
        for each in promised
    ]
    if rows:
        connection.execute(insert(promise), rows)


def remove(
    connection: Connection, contract_id: int, team: str, day: date, localities: Iterable[str]
) -> None:
    """Take trips of a day back."""
    connection.execute(
        delete(promise).where(
            promise.c.contract_id == contract_id,
            promise.c.team == team,
            promise.c.day == day,
            promise.c.locality.in_(list(localities)),
        )
    )
