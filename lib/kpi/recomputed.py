"""The figures of a signed month once more, under the parameters that they were signed with.

Figures depend on entries, which are frozen, and on three things that go on changing: the contract's
file, the calendar, and the elders' days on the roster. All three are kept with a signature.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from lib.contract import Contract
from lib.findings.doubt import Doubt
from lib.kpi.samples import Checked
from lib.kpi.scope import Scope
from lib.kpi.settled import computed, facts, settled
from lib.kpi.settlement import Line, Settlement, figures_of, last_day
from lib.periods import Month
from lib.store import calendar
from lib.store.schema import calendar_day, elder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.store.contracts import StoredContract
    from lib.store.signatures import Signature


def parameters(connection: Connection, stored: StoredContract) -> dict[str, Any]:
    """All that figures depend on beside entries, as plain JSON; elders by their codes alone.

    `contract`: the terms as their file says them; `working_days`: days of the contract that are
    worked, by month; `elders`: the first and the last day (null: still there) on the roster.
    """
    worked: defaultdict[str, list[int]] = defaultdict(list)
    for day in calendar.working_days(connection, stored.terms.period):
        worked[str(Month.of(day))].append(day.day)
    return {
        "contract": stored.terms.model_dump(mode="json"),
        "working_days": dict(worked),
        "elders": {
            code: [_text(day) for day in days]
            for code, days in _elders(connection, stored.id).items()
        },
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _elders(connection: Connection, contract_id: int) -> Mapping[str, tuple[date, date | None]]:
    """First and last day on the roster, by code."""
    query = (
        select(elder.c.code, elder.c.enrolled_on, elder.c.left_on)
        .where(elder.c.contract_id == contract_id)
        .order_by(elder.c.position)
    )
    return {code: (first, last) for code, first, last in connection.execute(query)}


def signed_terms(signature: Signature) -> Contract:
    """The contract's terms as they were when the month was signed."""
    return Contract.model_validate_json(json.dumps(signature.parameters["contract"]))


def recomputed(
    connection: Connection, stored: StoredContract, signature: Signature
) -> dict[str, Any]:
    """The facts of a signed month that follow from the ledger, computed now as they were then.

    Equal to `settled.computed(signature.figures)` while no entry has changed. What stood beside
    the figures, findings and samples, is not part of it. The connection is one of
    `contracts.rehearsing`: roster and calendar are set as they were signed, and set back.
    """
    then = replace(stored, terms=signed_terms(signature))
    month = Month.parse(signature.month)
    scope = Scope(then, then.terms.start)
    with _as_signed(connection, then, signature.parameters):
        lines = tuple(
            Line(figure, before, Doubt(), Checked())
            for figure, before in figures_of(connection, scope, month)
        )
    found = Settlement(month, last_day(scope, month), lines, ())
    return computed(facts(settled(found)))


@contextmanager
def _as_signed(
    connection: Connection, stored: StoredContract, signed: Mapping[str, Any]
) -> Iterator[None]:
    """Roster and calendar as they were signed; nothing of it is kept."""
    trial = connection.begin_nested()
    try:
        _set_elders(connection, stored, signed["elders"])
        _set_working_days(connection, stored, signed["working_days"])
        yield
    finally:
        trial.rollback()


def _set_elders(
    connection: Connection, stored: StoredContract, signed: Mapping[str, Sequence[str | None]]
) -> None:
    """Let elders be on the roster as they were; those who came later never are."""
    never = (stored.terms.end + timedelta(days=1), None)
    then = {code: (_day(first), _day(last)) for code, (first, last) in signed.items()}
    changed = [
        {"of": code, "first": then.get(code, never)[0], "last": then.get(code, never)[1]}
        for code, days in _elders(connection, stored.id).items()
        if days != then.get(code, never)
    ]
    if changed:
        row = update(elder).where(elder.c.contract_id == stored.id, elder.c.code == bindparam("of"))
        days = row.values(enrolled_on=bindparam("first"), left_on=bindparam("last"))
        connection.execute(days, changed)


def _set_working_days(
    connection: Connection, stored: StoredContract, signed: Mapping[str, Sequence[int]]
) -> None:
    """Let the days of the contract be worked as they were."""
    then = {
        Month.parse(month).first + timedelta(days=number - 1)
        for month, numbers in signed.items()
        for number in numbers
    }
    now = set(calendar.working_days(connection, stored.terms.period))
    for worked, days in ((True, then - now), (False, now - then)):
        if days:
            row = update(calendar_day).where(calendar_day.c.day.in_(sorted(days)))
            connection.execute(row.values(is_working=worked))
