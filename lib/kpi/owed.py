"""Everything still owed as of a day, of whatever measure: what a worklist and a workbook list.

Each is answered by a log row of one kind. What was found missing by an obligation's own module is
only gathered here, so that a list and the figure beside it cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.contract import Cases, Coverage, LocalityMonths, Visits
from lib.kpi import cases, elder_checks, locality_months, unreached
from lib.kpi.unreached import Among
from lib.periods import Month
from lib.store.schema import locality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import Obligation
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Owed:
    """What one elder, household, application or locality is owed by an obligation.

    `figure` is the obligation's code, `kind` the log kind whose row answers it. `times` are the
    visits still owed this month, 1 where there is nothing to count. `since` is the day last seen or
    visited, or accepted; `days` are those gone by since then or, of who was never seen and where
    nobody ever was, since a visit was first owed. An application lies where it was accepted first.
    """

    figure: str
    kind: str
    locality: str | None
    elder: str | None = None
    household: str | None = None
    application: str | None = None
    times: int = 1
    since: date | None = None
    days: int | None = None
    urgent: bool = False


def owed(connection: Connection, scope: Scope) -> Sequence[Owed]:
    """What is owed, one locality after another as on the roster, so that a village is one trip.

    Within a locality the urgent comes first, then the contract's order of obligations, then what
    each of these calls the most pressing. Urgent are elders and localities not seen for longer than
    the contract file's threshold, and applications that wait for longer than theirs.
    """
    found = [
        each
        for obligation in scope.contract.obligation
        for each in _by(connection, scope, obligation)
    ]
    order = _order(connection, scope)
    return sorted(found, key=lambda each: (order.get(each.locality, len(order)), not each.urgent))


def _order(connection: Connection, scope: Scope) -> Mapping[str | None, int]:
    """Where each locality stands on the roster."""
    query = select(locality.c.code).where(locality.c.contract_id == scope.contract_id)
    codes = connection.execute(query.order_by(locality.c.position)).scalars()
    return {code: position for position, code in enumerate(codes)}


def _by(connection: Connection, scope: Scope, obligation: Obligation) -> Iterator[Owed]:
    """What an obligation owes; nothing where it owes no visit to anybody or anything."""
    match obligation:
        case Visits():
            return _visits(connection, scope, obligation)
        case Coverage():
            return _households(connection, scope, obligation)
        case Cases():
            return _applications(connection, scope, obligation)
        case LocalityMonths():
            return _localities(connection, scope, obligation)
        case _:
            return iter(())


def _visits(connection: Connection, scope: Scope, obligation: Visits) -> Iterator[Owed]:
    """Elders still owed visits in the as-of day's month; not those who can get none any more."""
    for each in elder_checks.worklist(connection, scope, obligation, ""):
        if not each.gone:
            yield Owed(
                obligation.code,
                obligation.kind,
                each.locality,
                elder=each.elder,
                times=each.owed - each.done,
                since=each.last_on,
                days=each.days,
                urgent=each.overdue,
            )


def _households(connection: Connection, scope: Scope, obligation: Coverage) -> Iterator[Owed]:
    """Households that nobody has been to."""
    for each in unreached.listed(connection, scope, obligation, Among()):
        yield Owed(obligation.code, obligation.kind, each.locality, household=each.code)


def _applications(connection: Connection, scope: Scope, obligation: Cases) -> Iterator[Owed]:
    """Applications accepted and not answered; urgent after more working days than the threshold."""
    limit = scope.contract.thresholds.inquiry_within_working_days
    for each in cases.waiting(connection, scope, obligation):
        yield Owed(
            obligation.code,
            obligation.answered.kind,
            each.locality,
            application=each.application,
            since=each.opened_on,
            days=(scope.as_of - each.opened_on).days,
            urgent=each.working_days > limit,
        )


def _localities(connection: Connection, scope: Scope, obligation: LocalityMonths) -> Iterator[Owed]:
    """Localities not visited yet in the as-of day's month: an indicator, and no obligation.

    Where nobody ever was counts as unvisited since the contract's start, longer than anywhere else.
    """
    month, limit = Month.of(scope.as_of), scope.contract.thresholds.not_seen_days
    states = locality_months.states(connection, scope, obligation)
    for code, last in ((code, state.last_visit) for code, state in states.items()):
        if last is None or last < month.first:
            days = max((scope.as_of - (last or scope.contract.start)).days, 0)
            yield Owed(
                obligation.code, obligation.kind, code, since=last, days=days, urgent=days > limit
            )
