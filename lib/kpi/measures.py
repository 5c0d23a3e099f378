"""All figures as one plain object with the keys of spec §7, for `python -m lib measures`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from lib.contract import Cases, Coverage, Events, LocalityMonths, PersonDays, Visits
from lib.kpi import cases, coverage, events, locality_months, person_days, visits
from lib.kpi.scope import counted
from lib.kpi.workdays import workdays
from lib.store import rosters
from lib.store.ledger import LATEST
from lib.store.schema import entry

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lib.kpi.scope import Scope


def measures(connection: Connection, scope: Scope) -> dict[str, Any]:
    """Every figure as of the scope's day; person-days to 4 decimals."""
    result: dict[str, Any] = {"as_of": scope.as_of.isoformat(), "person_days": {}}
    days = workdays(connection, scope)
    worked = person_days.delivered(connection, scope)
    for obligation in scope.contract.obligations:
        code = obligation.code
        match obligation:
            case PersonDays():
                result["person_days"][code] = {
                    "required": obligation.required,
                    "due": _decimal(days.due(obligation.required, obligation.plan)),
                    "delivered": _decimal(worked.get(code, Fraction(0))),
                }
            case Coverage():
                reached = coverage.delivered(connection, scope, obligation)
                result[code] = {"required": obligation.required, "delivered": reached}
                result[obligation.by_locality] = _by_locality(connection, scope, obligation)
            case Visits():
                result[code] = {
                    month: {
                        "elders": figure.elders,
                        "compliant": figure.compliant,
                        "required": figure.required,
                        "delivered": figure.delivered,
                    }
                    for month, figure in visits.by_month(connection, scope, obligation).items()
                }
            case Events():
                held, in_time = events.held_and_counted(connection, scope, obligation)
                result[code] = {
                    "required": obligation.required,
                    "delivered": in_time,
                    "held": held,
                }
            case Cases():
                opened, answered = cases.opened_and_answered(connection, scope, obligation)
                result[code] = {"required": opened, "delivered": answered}
            case LocalityMonths():
                result[code] = dict(
                    locality_months.localities_by_month(connection, scope, obligation)
                )
    result["entries"] = entries_by_kind(connection, scope)
    return result


def entries_by_kind(connection: Connection, scope: Scope) -> dict[str, int]:
    """Effective entries by kind, kinds of the contract without any included."""
    query = select(entry.c.kind, func.count()).select_from(LATEST).where(counted(scope))
    counts = connection.execute(query.group_by(entry.c.kind))
    found: dict[str, int] = {kind: number for kind, number in counts}  # noqa: C416 - rows
    return {kind: found.get(kind, 0) for kind in sorted(scope.contract.kinds)}


def _by_locality(connection: Connection, scope: Scope, obligation: Coverage) -> dict[str, Any]:
    localities = rosters.load(connection, scope.contract_id).localities
    reached = coverage.by_locality(connection, scope, obligation)
    named = {localities[code].name: figure for code, figure in reached.items()}
    return {
        name: {"required": named[name].required, "delivered": named[name].delivered}
        for name in sorted(named)
    }


def _decimal(value: Fraction) -> float:
    """Four decimals, as the command line gives them."""
    return round(float(value), 4)
