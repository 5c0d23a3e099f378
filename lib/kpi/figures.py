"""Every obligation's figure by one way of asking: required, due, delivered, status, pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor, lcm
from typing import TYPE_CHECKING, assert_never

from lib.contract import (
    Cases,
    Coverage,
    Events,
    LocalityMonths,
    Obligation,
    PersonDays,
    Thresholds,
    Visits,
    share,
)
from lib.kpi import cases, coverage, events, locality_months, person_days, sums, visits
from lib.kpi.workdays import Workdays, workdays, working_days_after
from lib.periods import Month

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection

    from lib.kpi.scope import Scope


class Status(StrEnum):
    """How an obligation stands; always shown in words, never by colour alone."""

    DONE = "done"
    ON_TRACK = "on_track"
    WATCH = "watch"
    BEHIND = "behind"
    NOT_DUE = "not_due"

    @property
    def label(self) -> str:
        """The word officials use."""
        return _LABELS[self]


_LABELS = {
    Status.DONE: "已完成",
    Status.ON_TRACK: "正常",
    Status.WATCH: "关注",
    Status.BEHIND: "滞后",
    Status.NOT_DUE: "未到期",
}


@dataclass(frozen=True)
class Figure:
    """Numerator and denominators of an obligation, kept apart; in the obligation's unit."""

    obligation: Obligation
    required: Fraction
    due: Fraction
    delivered: Fraction

    def status(self, thresholds: Thresholds) -> Status:
        """Done when delivered ≥ required, else by delivered / due."""
        if self.delivered >= self.required > 0:
            return Status.DONE
        if self.due <= 0:
            return Status.NOT_DUE
        ratio = self.delivered / self.due
        if ratio >= share(thresholds.on_track):
            return Status.ON_TRACK
        return Status.WATCH if ratio >= share(thresholds.watch) else Status.BEHIND


@dataclass(frozen=True)
class Pace:
    """The rate of the last working days, where it leads, and what is needed from now on.

    `needed` is per working day, None when no working day is left; `done_on` is None when the
    rate is zero or the day lies beyond the calendar kept.
    """

    rate: Fraction
    projected: Fraction
    done_on: date | None
    needed: Fraction | None


def is_indicator(obligation: Obligation) -> bool:
    """Whether it only helps to manage: shown as that, not passed off as an obligation."""
    return isinstance(obligation, LocalityMonths)


def has_pace(obligation: Obligation) -> bool:
    """Whether it is delivered bit by bit, so that a daily rate says something."""
    return isinstance(obligation, (PersonDays, Coverage))


def rows_behind(scope: Scope, obligation: Obligation) -> ColumnElement[bool]:
    """The condition under which an entry counts towards the obligation's figure."""
    match obligation:
        case PersonDays():
            return person_days.rows(scope, obligation)
        case Coverage():
            return coverage.rows(scope, obligation)
        case Visits():
            return visits.rows(scope, obligation)
        case Events():
            return events.rows(scope, obligation)
        case Cases():
            return cases.rows(scope, obligation)
        case LocalityMonths():
            return locality_months.rows(scope, obligation)
        case _:
            assert_never(obligation)


Daily = Sequence[tuple[date, str, int]]  # units of person-days


def figures(
    connection: Connection, scope: Scope, days: Workdays | None = None, daily: Daily | None = None
) -> Sequence[Figure]:
    """The figure of every obligation of the contract, in its order; indicators left out.

    Working days, and person-days by day, are asked for unless they are known; those of the daily
    sums.
    """
    days = days or workdays(connection, scope)
    worked = _worked(connection, scope, daily)
    return [
        _figure(connection, scope, obligation, days, worked)
        for obligation in scope.contract.obligations
        if not is_indicator(obligation)
    ]


def figures_of_rows(connection: Connection, scope: Scope) -> Sequence[Figure]:
    """The same from the ledger's rows alone: what is signed, accepted or paid rests on no sums."""
    return figures(connection, scope, daily=person_days.units_by_day(connection, scope))


def _worked(connection: Connection, scope: Scope, daily: Daily | None) -> Mapping[str, Fraction]:
    if daily is None:
        return sums.delivered(connection, scope)
    return person_days.through(daily, scope.as_of)


def _figure(
    connection: Connection,
    scope: Scope,
    obligation: Obligation,
    days: Workdays,
    worked: Mapping[str, Fraction],
) -> Figure:
    match obligation:
        case PersonDays(code=code, required=required, plan=plan):
            got = worked.get(code, Fraction(0))
            return Figure(obligation, Fraction(required), days.due(required, plan), got)
        case Coverage(required=required):
            reached = coverage.delivered(connection, scope, obligation)
            return Figure(obligation, Fraction(required), days.due(required), Fraction(reached))
        case Events(required=required):
            _, counted = events.held_and_counted(connection, scope, obligation)
            # An event is held whole: a part of one is never due.
            due = Fraction(floor(days.due(required)))
            return Figure(obligation, Fraction(required), due, Fraction(counted))
        case Cases():
            opened, answered = cases.opened_and_answered(connection, scope, obligation)
            return Figure(obligation, Fraction(opened), Fraction(opened), Fraction(answered))
        case Visits():
            return _visits_figure(connection, scope, obligation, days)
        case _:
            msg = f"{obligation.code} has no figure of its own"
            raise TypeError(msg)


def _visits_figure(
    connection: Connection, scope: Scope, obligation: Visits, days: Workdays
) -> Figure:
    """Visits over the whole contract: owed by the present roster, due and done so far."""
    months = visits.by_month(connection, scope, obligation, scope.contract.end)
    begun = {m: figure for m, figure in months.items() if m <= str(Month.of(scope.as_of))}
    return Figure(
        obligation,
        required=Fraction(sum(month.required for month in months.values())),
        due=visits.due(begun, days, scope.as_of),
        delivered=Fraction(sum(month.delivered for month in begun.values())),
    )


def overall(found: Sequence[Figure]) -> tuple[Fraction, Fraction]:
    """Σ min(delivered, required) and Σ required over the person-day items."""
    quotas = [figure for figure in found if isinstance(figure.obligation, PersonDays)]
    delivered = added([min(f.delivered, f.required) for f in quotas])
    return delivered, added([f.required for f in quotas])


def overall_due(found: Sequence[Figure]) -> Fraction:
    """Σ due over the person-day items."""
    return added([f.due for f in found if isinstance(f.obligation, PersonDays)])


def added(parts: Sequence[Fraction]) -> Fraction:
    """Their sum, over one denominator: one by one, each step would reduce it anew."""
    whole = lcm(*(part.denominator for part in parts))
    return Fraction(sum(part.numerator * (whole // part.denominator) for part in parts), whole)


def paces(
    connection: Connection,
    scope: Scope,
    found: Sequence[Figure],
    days: Workdays,
    daily: Daily | None = None,
) -> Mapping[str, Pace]:
    """The pace of every obligation that has one, by code; person-days by day, if they are known."""
    recent = days.last(scope.contract.thresholds.pace_working_days)
    before = _delivered_before(connection, scope, recent, found, daily)
    paced = [figure for figure in found if figure.obligation.code in before]
    rates = [
        (figure.delivered - before[figure.obligation.code]) / len(recent) if recent else Fraction(0)
        for figure in paced
    ]
    waits = [_wait(figure, rate) for figure, rate in zip(paced, rates, strict=True)]
    coming = working_days_after(connection, scope.as_of, max(waits, default=0))
    return {
        figure.obligation.code: Pace(
            rate=rate,
            projected=figure.delivered + rate * days.left,
            done_on=coming[wait - 1] if 0 < wait <= len(coming) else None,
            needed=_missing(figure) / days.left if days.left else None,
        )
        for figure, rate, wait in zip(paced, rates, waits, strict=True)
    }


def _wait(figure: Figure, rate: Fraction) -> int:
    """In how many working days the rate delivers what is missing; 0 where it never does."""
    return ceil(_missing(figure) / rate) if rate else 0


def _missing(figure: Figure) -> Fraction:
    return max(figure.required - figure.delivered, Fraction(0))


def _delivered_before(
    connection: Connection,
    scope: Scope,
    recent: Sequence[date],
    found: Sequence[Figure],
    daily: Daily | None,
) -> Mapping[str, Fraction]:
    """What had been delivered before the recent working days began."""
    if not recent:
        return {f.obligation.code: Fraction(0) for f in found if has_pace(f.obligation)}
    earlier = scope.at(recent[-1] - timedelta(days=1))
    worked = _worked(connection, earlier, daily)
    before: dict[str, Fraction] = {}
    for obligation in (figure.obligation for figure in found):
        match obligation:
            case PersonDays(code=code):
                before[code] = worked.get(code, Fraction(0))
            case Coverage(code=code):
                before[code] = Fraction(coverage.delivered(connection, earlier, obligation))
            case _:
                pass
    return before
