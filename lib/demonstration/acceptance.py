"""How the made-up year is accepted: findings decided, a sample checked, the first months signed."""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from lib.access import Role, Viewer
from lib.actions import close_month, decide_finding, draw_sample, record_result
from lib.demonstration import users
from lib.findings.found import State, findings
from lib.kpi import samples
from lib.kpi.frame import Design
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.kpi.settlement import last_day
from lib.periods import months_of
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Engine

    from lib.findings.found import Finding
    from lib.periods import Month
    from lib.store.contracts import StoredContract

REVIEWER = Viewer(str(Role.REVIEWER), Role.REVIEWER, origin=users.ORIGIN)
_SIGNED = 2  # months; those after them wait for whoever looks at the demonstration
_CONFIRMED = frozenset({"two_localities", "identical_answers"})  # what no explanation covers
_UNTRUE, _UNVERIFIABLE = 7, 11  # of the sampled entries, in their order
_DISMISSED_WITH = "已与组长核对原始记录，属正常情况"
_CONFIRMED_WITH = "与现场登记不一致，列入存疑"


@dataclass(frozen=True)
class _Desk:
    """A store, and the moment at which its first months are looked at."""

    engine: Engine
    stored: StoredContract
    now: datetime
    today: date


def accept(engine: Engine, stored: StoredContract, *, today: date, now: datetime) -> None:
    """Accept the first months that are over, with a password that nobody knows afterwards."""
    over = [
        month
        for month in months_of(stored.terms.period)
        if last_day(Scope(stored, today), month) < today
    ]
    if not over:
        return
    password = secrets.token_urlsafe(12)
    users.admit(engine, stored, REVIEWER, password, now)
    desk = _Desk(engine, stored, now, today)
    for month in over[:_SIGNED]:
        _decide(desk, month)
        if month == over[0]:
            _check(desk, month)
        _sign(desk, month, password)


def _decide(desk: _Desk, month: Month) -> None:
    """Confirm some kinds of the month's findings and dismiss the others, each kind with a note."""
    scope = Scope(desk.stored, month.last)
    with reading(desk.engine) as connection:
        found = findings(connection, scope, month=str(month))
    for state, each in _sorted(found).items():
        decide_finding.decide(
            desk.engine,
            desk.stored,
            REVIEWER,
            [decide_finding.Looked(one.rule.code, one.subject, str(month)) for one in each],
            state,
            note=_CONFIRMED_WITH if state is State.CONFIRMED else _DISMISSED_WITH,
            today=desk.today,
            now=desk.now,
        )


def _sorted(found: Sequence[Finding]) -> Mapping[State, Sequence[Finding]]:
    decided: defaultdict[State, list[Finding]] = defaultdict(list)
    for each in found:
        confirmed = each.rule.code in _CONFIRMED
        decided[State.CONFIRMED if confirmed else State.DISMISSED].append(each)
    return decided


def _check(desk: _Desk, month: Month) -> None:
    """Draw a sample of the month and record what was found of each entry."""
    terms = desk.stored.terms
    first, last = max(month.first, terms.start), last_day(Scope(desk.stored, month.last), month)
    design = Design(first, last, terms.kinds, Decimal("0.95"), Decimal("0.1"))
    number = draw_sample.draw(
        desk.engine,
        desk.stored,
        REVIEWER,
        design,
        f"DEMO-{month}",
        today=desk.today,
        now=desk.now,
    )
    with reading(desk.engine) as connection:
        sample = samples.one(connection, desk.stored.id, number)
    for item in sample.items if sample else ():
        result, note = _RESULTS.get(item.position, (Result.TRUE, ""))
        record_result.record(
            desk.engine,
            desk.stored,
            REVIEWER,
            item.item_id,
            result,
            note=note,
            shown=0,
            now=desk.now,
        )


_RESULTS = {
    _UNTRUE: (Result.UNTRUE, "本人和邻居都说当天没有人来过"),
    _UNVERIFIABLE: (Result.UNVERIFIABLE, "已外出，电话未接通"),
}


def _sign(desk: _Desk, month: Month, password: str) -> None:
    with reading(desk.engine) as connection:
        found = close_month.proposed(connection, Scope(desk.stored, desk.today), month)
    close_month.sign(
        desk.engine,
        desk.stored,
        REVIEWER,
        month,
        password=password,
        shown=found.shown,
        now=desk.now,
        today=desk.today,
    )
