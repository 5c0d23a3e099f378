"""Trips promised and not made: no entry of the team in the place, on the day or since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, select

from lib.kpi.scope import counted
from lib.store.ledger import LATEST_STAFF
from lib.store.promises import Promise
from lib.store.schema import entry, entry_version, locality, promise, staff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from lib.kpi.scope import Scope


def unkept(connection: Connection, scope: Scope) -> Sequence[Promise]:
    """What was promised for a day before the as-of day and is still open, as on the roster.

    A place promised more than once by a team stands here once, with the first day still open.
    """
    place = and_(
        locality.c.contract_id == promise.c.contract_id, locality.c.code == promise.c.locality
    )
    query = (
        select(promise.c.team, func.min(promise.c.day), promise.c.locality)
        .select_from(promise.join(locality, place))
        .where(promise.c.contract_id == scope.contract_id, promise.c.day < scope.as_of)
        .where(~_was_there(scope))
        .group_by(promise.c.team, promise.c.locality, locality.c.position)
        .order_by(locality.c.position, promise.c.team)
    )
    return [Promise(*row) for row in connection.execute(query)]


def _was_there(scope: Scope) -> ColumnElement[bool]:
    """Whether one of the team has a counted entry in the place, on the promised day or later."""
    return exists(
        select(entry.c.entry_id)
        .select_from(LATEST_STAFF)
        .where(
            counted(scope),
            entry.c.day >= promise.c.day,
            entry_version.c.locality == promise.c.locality,
            staff.c.team == promise.c.team,
        )
        .correlate(promise)
    )
