"""Cases opened and answered: new applications accepted, and those surveyed at home (spec §4)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    ScalarSelect,
    and_,
    distinct,
    func,
    literal,
    or_,
    select,
)

from lib.kpi.scope import counted, meeting
from lib.store.ledger import LATEST
from lib.store.schema import calendar_day, entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import Cases
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Case:
    """One case: opened on a day, answered on another or (None) waiting.

    `working_days` counts those after the opening, through the answer or the as-of day.
    """

    application: str
    opened_on: date
    answered_on: date | None
    working_days: int


def rows(scope: Scope, cases: Cases) -> ColumnElement[bool]:
    """The entries behind the cases: what opens them, and what answers an opened one."""
    states = state_rows(scope, cases)
    return or_(states["opened"], states["answered"])


def state_rows(scope: Scope, cases: Cases) -> Mapping[str, ColumnElement[bool]]:
    """The entries that open cases, that answer opened ones, and that open those still waiting.

    Of these last, those that have waited for more working days than the threshold.
    """
    opens, answers = meeting(scope, cases.opened), meeting(scope, cases.answered)
    first = _first(scope, cases, opened=True)
    answered = select(_first(scope, cases, opened=False).c.application)
    waiting = and_(opens, entry_version.c.application.not_in(answered))
    early = select(first.c.application).where(first.c.day < _still_in_time(scope))
    return {
        "opened": opens,
        "answered": and_(answers, entry_version.c.application.in_(select(first.c.application))),
        "waiting": waiting,
        "late": and_(waiting, entry_version.c.application.in_(early)),
    }


def _still_in_time(scope: Scope) -> ScalarSelect[date]:
    """The first day after whose openings no more working days than the threshold have passed.

    None when the calendar does not reach so far back: then nothing is late.
    """
    return (
        select(calendar_day.c.day)
        .where(calendar_day.c.is_working, calendar_day.c.day <= scope.as_of)
        .order_by(calendar_day.c.day.desc())
        .offset(scope.contract.thresholds.inquiry_within_working_days)
        .limit(1)
        .scalar_subquery()
    )


def _first(scope: Scope, cases: Cases, *, opened: bool) -> CTE:
    """The first day on which each application was opened, or answered."""
    condition = cases.opened if opened else cases.answered
    return (
        select(entry_version.c.application, func.min(entry.c.day).label("day"))
        .select_from(LATEST)
        .where(meeting(scope, condition), entry_version.c.application.is_not(None))
        .group_by(entry_version.c.application)
        .cte("opened" if opened else "answered")
    )


def opened_and_answered(connection: Connection, scope: Scope, cases: Cases) -> tuple[int, int]:
    """Cases opened by the as-of day, and those of them answered by it."""
    opened, answered = _first(scope, cases, opened=True), _first(scope, cases, opened=False)
    query = select(
        func.count(distinct(opened.c.application)), func.count(distinct(answered.c.application))
    ).select_from(opened.outerjoin(answered, answered.c.application == opened.c.application))
    number, done = connection.execute(query).one()
    return number, done


def _working_days(opened_on: ColumnElement[date], until: ColumnElement[date]) -> ScalarSelect[int]:
    """Working days after the opening, through the last day."""
    return (
        select(func.count())
        .where(calendar_day.c.is_working)
        .where(calendar_day.c.day > opened_on, calendar_day.c.day <= until)
        .scalar_subquery()
    )


def listed(connection: Connection, scope: Scope, cases: Cases) -> Sequence[Case]:
    """Every case opened, the longest waiting first, then the answered ones."""
    opened, answered = _first(scope, cases, opened=True), _first(scope, cases, opened=False)
    until = func.coalesce(answered.c.day, scope.as_of)
    taken = _working_days(opened.c.day, until).correlate(opened, answered)
    query = (
        select(opened.c.application, opened.c.day, answered.c.day, taken)
        .select_from(opened.outerjoin(answered, answered.c.application == opened.c.application))
        .order_by(answered.c.day.is_not(None), opened.c.day, opened.c.application)
    )
    return [Case(*row) for row in connection.execute(query)]


@dataclass(frozen=True)
class AnswerTimes:
    """Working days from opening to answer, over the answered cases; None where there are none."""

    answered: int
    within: int  # no more than the threshold
    median: Fraction | None
    longest: int | None


def answer_times(connection: Connection, scope: Scope, cases: Cases) -> AnswerTimes:
    """How long the answers took; an indicator, not the contract's obligation (spec §4)."""
    listed_cases = listed(connection, scope, cases)
    taken = [case.working_days for case in listed_cases if case.answered_on is not None]
    limit = scope.contract.thresholds.inquiry_within_working_days
    return AnswerTimes(
        answered=len(taken),
        within=sum(days <= limit for days in taken),
        median=Fraction(median(taken)) if taken else None,
        longest=max(taken, default=None),
    )


@dataclass(frozen=True)
class WaitingCase:
    """A case not answered yet: where it was opened, how long ago, and how many entries name it."""

    application: str
    opened_on: date
    locality: str | None
    working_days: int
    entries: int


def waiting(
    connection: Connection, scope: Scope, cases: Cases, size: int | None = None, page: int = 1
) -> Sequence[WaitingCase]:
    """The cases that wait, the oldest first, or one page of them."""
    first = _first(scope, cases, opened=True)
    mine = select(first.c.application, first.c.day).subquery("mine")
    entries = (
        select(func.count())
        .select_from(LATEST)
        .where(counted(scope), entry_version.c.application == mine.c.application)
        .correlate(mine)
        .scalar_subquery()
    )
    query = (
        select(
            mine.c.application,
            mine.c.day,
            func.min(entry_version.c.locality),
            _working_days(mine.c.day, literal(scope.as_of, Date())).correlate(mine),
            entries,
        )
        .select_from(
            LATEST.join(
                mine,
                and_(mine.c.application == entry_version.c.application, mine.c.day == entry.c.day),
            )
        )
        .where(state_rows(scope, cases)["waiting"])
        .group_by(mine.c.application, mine.c.day)
        .order_by(mine.c.day, mine.c.application)
    )
    if size is not None:
        query = query.limit(size).offset(size * (page - 1))
    return [WaitingCase(*row) for row in connection.execute(query)]
