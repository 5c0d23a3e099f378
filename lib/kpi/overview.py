"""What leadership glances at: how the contract stands, and what needs attention first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.contract import Cases, Coverage, Events, LocalityMonths, Visits
from lib.kpi import burn_up, cases, coverage, events, locality_months, sums, visits
from lib.kpi.figures import Figure, Pace, Status, figures, overall, overall_due, paces
from lib.kpi.workdays import Workdays, workdays
from lib.periods import Month
from lib.rosters import disagreements
from lib.store import calendar, rosters
from lib.store.schema import receipt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from fractions import Fraction

    from sqlalchemy import Connection

    from lib.contract import Obligation
    from lib.kpi.burn_up import BurnUp
    from lib.kpi.scope import Scope
    from lib.rosters import Listed


@dataclass(frozen=True)
class Line:
    """One obligation as it stands; `pace` None where a daily rate says nothing."""

    figure: Figure
    status: Status
    pace: Pace | None


@dataclass(frozen=True)
class MonthVisits:
    """The current month's visits of one obligation."""

    obligation: Visits
    seen: visits.SeenThisMonth


@dataclass(frozen=True)
class MonthLocalities:
    """Localities visited in the current month, of all on the roster; an indicator."""

    obligation: LocalityMonths
    visited: int
    localities: int


@dataclass(frozen=True)
class EventsHeld:
    """Events held and counted, of those required; why the others do not count."""

    obligation: Events
    counted: int
    held: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Waiting:
    """Cases not answered yet; of those, waiting for more working days than the threshold."""

    obligation: Cases
    waiting: int
    too_long: int


@dataclass(frozen=True)
class Attention:
    """One thing that needs attention, the `urgent` first; the obligation it is about, if one."""

    urgent: bool
    sentence: str
    about: Obligation | None = None


@dataclass(frozen=True)
class Overview:
    """The whole contract as of one day."""

    as_of: date
    workdays: Workdays
    lines: tuple[Line, ...]
    delivered: Fraction
    required: Fraction
    due: Fraction
    visits: tuple[MonthVisits, ...]
    localities: tuple[MonthLocalities, ...]
    events: tuple[EventsHeld, ...]
    waiting: tuple[Waiting, ...]
    attention: tuple[Attention, ...]
    burn_up: BurnUp
    last_posted_at: datetime | None
    last_entry_on: date | None

    def lines_with(self, *statuses: Status) -> Sequence[Line]:
        """The obligations that stand so."""
        return [line for line in self.lines if line.status in statuses]


def overview(connection: Connection, scope: Scope) -> Overview:
    """Everything the overview shows, each part from its one definition."""
    days = workdays(connection, scope)
    listed = rosters.listed(connection, scope.contract_id, scope.contract.start)
    daily = sums.units_by_day(connection, scope)
    found = figures(connection, scope, days, daily)
    pace = paces(connection, scope, found, days, daily)
    thresholds = scope.contract.thresholds
    lines = tuple(Line(f, f.status(thresholds), pace.get(f.obligation.code)) for f in found)
    delivered, required = overall(found)
    seen = tuple(_visits(connection, scope, days))
    places = tuple(_localities(connection, scope, listed.localities))
    held = tuple(_events(connection, scope))
    waiting = tuple(_waiting(connection, scope))
    attention = [
        *_visit_attention(seen, thresholds.urgent_working_days),
        *_waiting_attention(waiting, thresholds.inquiry_within_working_days),
        *_event_attention(held),
        *_problem_attention(connection, scope),
        *_place_attention(places),
        *_data_attention(connection, scope, listed),
    ]
    posted_at, entry_on = _freshness(connection, scope)
    return Overview(
        as_of=scope.as_of,
        workdays=days,
        lines=lines,
        delivered=delivered,
        required=required,
        due=overall_due(found),
        visits=seen,
        localities=places,
        events=held,
        waiting=waiting,
        attention=tuple(sorted(attention, key=lambda item: not item.urgent)),
        burn_up=burn_up.of_quotas(scope, days, daily),
        last_posted_at=posted_at,
        last_entry_on=entry_on,
    )


def _visits(connection: Connection, scope: Scope, days: Workdays) -> Iterator[MonthVisits]:
    for obligation in scope.contract.obligation:
        if isinstance(obligation, Visits):
            seen = visits.this_month(connection, scope, obligation, days)
            yield MonthVisits(obligation, seen)


def _localities(connection: Connection, scope: Scope, listed: int) -> Iterator[MonthLocalities]:
    for obligation in scope.contract.obligation:
        if isinstance(obligation, LocalityMonths):
            months = locality_months.localities_by_month(connection, scope, obligation)
            visited = months.get(str(Month.of(scope.as_of)), 0)
            yield MonthLocalities(obligation, visited, listed)


def _events(connection: Connection, scope: Scope) -> Iterator[EventsHeld]:
    for obligation in scope.contract.obligation:
        if isinstance(obligation, Events):
            listed = events.listed(connection, scope, obligation)
            reasons = tuple(f"{e.day} 一场{e.reason}" for e in listed if not e.counts)
            counted_events = len(listed) - len(reasons)
            yield EventsHeld(obligation, counted_events, len(listed), reasons)


def _waiting(connection: Connection, scope: Scope) -> Iterator[Waiting]:
    limit = scope.contract.thresholds.inquiry_within_working_days
    for obligation in scope.contract.obligation:
        if isinstance(obligation, Cases):
            listed = cases.listed(connection, scope, obligation)
            open_cases = [case for case in listed if case.answered_on is None]
            too_long = sum(case.working_days > limit for case in open_cases)
            yield Waiting(obligation, len(open_cases), too_long)


def _visit_attention(seen: Sequence[MonthVisits], urgent_days: int) -> Iterator[Attention]:
    for month in seen:
        missing = month.seen.some + month.seen.none
        if missing:
            left = month.seen.working_days_left
            when = f"本月还剩 {left} 个工作日" if left else "本月已无工作日"
            sentence = (
                f"{month.obligation.name}：{missing} 人未访够，"
                f"其中 {month.seen.none} 人一次未访；{when}"
            )
            yield Attention(left <= urgent_days, sentence, month.obligation)


def _waiting_attention(waiting: Sequence[Waiting], limit: int) -> Iterator[Attention]:
    for cases_waiting in waiting:
        if cases_waiting.waiting:
            late = cases_waiting.too_long
            clause = f"，其中 {late} 件受理已超过 {limit} 个工作日" if late else ""
            sentence = f"{cases_waiting.obligation.name}：{cases_waiting.waiting} 件待调查{clause}"
            yield Attention(bool(cases_waiting.too_long), sentence, cases_waiting.obligation)


def _event_attention(held: Sequence[EventsHeld]) -> Iterator[Attention]:
    for event in held:
        for reason in event.reasons:
            sentence = f"{event.obligation.name}：{reason}，不计数"
            yield Attention(urgent=False, sentence=sentence, about=event.obligation)


def _problem_attention(connection: Connection, scope: Scope) -> Iterator[Attention]:
    limit = scope.contract.thresholds.problem_open_days
    for obligation in scope.contract.obligation:
        if isinstance(obligation, Coverage):
            found = coverage.problems(connection, scope, obligation)
            still_open = found.found - found.closed
            if still_open:
                sentence = (
                    f"{obligation.name}：发现问题 {found.found} 个，未办结 {still_open} 个，"
                    f"其中 {found.overdue} 个超过 {limit} 天"
                )
                yield Attention(urgent=False, sentence=sentence, about=obligation)


def _place_attention(places: Sequence[MonthLocalities]) -> Iterator[Attention]:
    for place in places:
        missing = place.localities - place.visited
        if missing:
            sentence = f"{place.obligation.name}：本月还有 {missing} 个村（社区）未到（管理指标）"
            yield Attention(urgent=False, sentence=sentence, about=place.obligation)


def _data_attention(connection: Connection, scope: Scope, listed: Listed) -> Iterator[Attention]:
    for words in disagreements(scope.contract, listed):
        yield Attention(urgent=False, sentence=f"名册与合同不一致，{words}")
    for year in calendar.unannounced_years(connection, scope.contract.period):
        sentence = f"{year} 年节假日安排尚未收录，暂按周一至周五计算工作日"
        yield Attention(urgent=False, sentence=sentence)


def _freshness(connection: Connection, scope: Scope) -> tuple[datetime | None, date | None]:
    """When something was last posted, and the last day anything counted was done."""
    newest = select(receipt.c.posted_at).where(receipt.c.contract_id == scope.contract_id)
    posted_at = connection.execute(newest.order_by(receipt.c.receipt_id.desc()).limit(1)).scalar()
    return posted_at, sums.last_day(connection, scope)


def headline(found: Overview) -> str:
    """One sentence that says how the contract stands, made from the figures alone."""
    if found.last_entry_on is None:
        return "还没有日志入账，尚无进度可看。"
    parts = []
    if found.required:
        done = percent(found.delivered, found.required)
        parts.append(f"人天总进度 {done}，应达 {percent(found.due, found.required)}")
    for status in (Status.BEHIND, Status.WATCH):
        names = "、".join(line.figure.obligation.name for line in found.lines_with(status))
        if names:
            parts.append(f"{status.label}：{names}")
    if worst(found) not in {Status.BEHIND, Status.WATCH}:
        parts.append(f"各项均{worst(found).label}")
    left = found.workdays.left
    parts.append(f"合同还剩 {left} 个工作日" if left else "合同期已满")
    return "；".join(parts) + "。"


def worst(found: Overview) -> Status:
    """The worst status of any obligation, for the colour and word beside the headline.

    Where none is in danger, it is done or not due only when every obligation is.
    """
    statuses = {line.status for line in found.lines}
    for status in (Status.BEHIND, Status.WATCH):
        if status in statuses:
            return status
    return Status.ON_TRACK if len(statuses) > 1 else next(iter(statuses), Status.NOT_DUE)


def percent(part: Fraction, whole: Fraction) -> str:
    """A share with one decimal, cut and not rounded: 99.96 % never reads as 100 %."""
    if not whole:
        return "—"
    tenths = int(part * 1000 / whole)
    return f"{tenths / 10:g}%"
