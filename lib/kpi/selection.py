"""Which entries are asked for: those behind a figure or of a kind, narrowed to a month or a place.

A selection is what an address says, so it is text throughout, and `parse` lets only that through
which exists. What it selects and what the selected entries come to is one condition.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, distinct, exists, func, select

from lib.contract import Cases, Coverage, Events, LocalityMonths, PersonDays, Visits
from lib.fields import Count
from lib.kpi import cases, coverage, events, person_days, visits
from lib.kpi.figures import rows_behind
from lib.kpi.scope import counted, of_kind
from lib.logs import LOG_KINDS
from lib.periods import Month, months_of
from lib.store.ledger import LATEST
from lib.store.schema import (
    attachment,
    calendar_day,
    elder,
    entry,
    entry_person,
    entry_version,
    household,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.contract import Contract, Obligation
    from lib.fields import Field
    from lib.kpi.scope import Scope
    from lib.rosters import Roster


PERSON_DAYS = "person_days"
PICTURED = "yes"


@dataclass(frozen=True)
class Selection:
    """Entries asked for; each part that is filled narrows them.

    `figure` is an obligation's code, `state` one of that figure's states; `kind` is a log kind,
    `field` and `value` a detail of it, `empty` a detail not filled, `amount` a number in it to add
    up, or PERSON_DAYS, whatever the kind; `month` is `YYYY-MM`, `day` `YYYY-MM-DD`; `pictured` is
    PICTURED for entries with a photo or scan; the others are codes of the rosters.
    """

    figure: str = ""
    state: str = ""
    kind: str = ""
    field: str = ""
    value: str = ""
    empty: str = ""
    amount: str = ""
    month: str = ""
    day: str = ""
    locality: str = ""
    staff: str = ""
    elder: str = ""
    household: str = ""
    application: str = ""
    pictured: str = ""

    def parts(self) -> Mapping[str, str]:
        """The filled parts, as an address holds them."""
        named = ((part.name, getattr(self, part.name)) for part in fields(self))
        return {name: value for name, value in named if value}


STATES: Mapping[type, Mapping[str, str]] = {
    Coverage: {
        "found": "发现问题",
        "followed": "已跟进",
        "closed": "已办结",
        "open": "未办结",
        "overdue": "超期未办结",
    },
    Events: {"held": "已办"},
    Cases: {
        "opened": "受理",
        "answered": "已调查",
        "waiting": "待调查",
        "late": "超期待调查",
    },
}


def delivered(obligation: Obligation) -> Selection:
    """The entries whose total is what the obligation's figure says is delivered."""
    answered = isinstance(obligation, Cases)
    return Selection(figure=obligation.code, state="answered" if answered else "")


@dataclass(frozen=True)
class Total:
    """What selected entries come to, in a unit."""

    value: Fraction
    unit: str


def parse(parts: Mapping[str, str], contract: Contract, roster: Roster) -> Selection | None:
    """The selection that an address asks for; None where it names something that is not there."""
    known = {part.name for part in fields(Selection)}
    wanted = Selection(**{name: value for name, value in parts.items() if name in known})
    return wanted if all(_exists(wanted, contract, roster)) else None


def _exists(wanted: Selection, contract: Contract, roster: Roster) -> Iterator[bool]:
    obligation = obligation_of(wanted, contract)
    yield obligation is not None or not wanted.figure
    yield not wanted.state or wanted.state in STATES.get(type(obligation), {})
    yield wanted.kind in {"", *contract.kinds}
    yield bool(wanted.field) == bool(wanted.value)
    yield not wanted.field or _may_narrow(_field(wanted.kind, wanted.field))
    yield not wanted.empty or _may_narrow(_field(wanted.kind, wanted.empty))
    yield wanted.amount in {"", PERSON_DAYS} or _adds_up(_field(wanted.kind, wanted.amount))
    yield wanted.pictured in {"", PICTURED}
    yield not wanted.day or _is_day(wanted.day, contract)
    yield wanted.month in {"", *map(str, months_of(contract.period))}
    for part, members in (
        (wanted.locality, roster.localities),
        (wanted.staff, roster.staff),
        (wanted.elder, roster.elders),
        (wanted.household, roster.households),
    ):
        yield not part or part in members


def _field(kind: str, slug: str) -> Field | None:
    return LOG_KINDS[kind].by_slug.get(slug) if kind in LOG_KINDS else None


def _may_narrow(field: Field | None) -> bool:
    """Whether entries may be asked for by the field; not by names: one could try them out."""
    return field is not None and field.stored and not field.names_somebody


def _adds_up(field: Field | None) -> bool:
    return field is not None and isinstance(field.type, Count)


def _is_day(text: str, contract: Contract) -> bool:
    try:
        return date.fromisoformat(text) in contract.period and len(text) == len("2023-01-01")
    except ValueError:
        return False


def obligation_of(wanted: Selection, contract: Contract) -> Obligation | None:
    """The obligation whose figure the entries are behind; None when they are chosen otherwise.

    An item without a quota has none: its entries are asked for by kind.
    """
    named = (o for o in contract.obligations if o.code == wanted.figure)
    return next(named, None)


def described(wanted: Selection, contract: Contract, roster: Roster) -> list[str]:
    """The selection in the words of a heading; elders and households by their codes."""
    obligation = obligation_of(wanted, contract)
    names = [obligation.name] if obligation else []
    if wanted.state:
        names.append(STATES[type(obligation)][wanted.state])
    if wanted.kind:
        names.append(LOG_KINDS[wanted.kind].sheet)
    names += [part for part in (wanted.value, wanted.month, wanted.day) if part]
    if wanted.empty:
        names.append(f"未填{LOG_KINDS[wanted.kind].by_slug[wanted.empty].heading}")
    if wanted.locality:
        names.append(roster.localities[wanted.locality].name)
    if wanted.staff:
        names.append(f"服务人员 {wanted.staff}")
    if wanted.pictured:
        names.append("有照片或扫描件")
    return [
        *names,
        *(part for part in (wanted.elder, wanted.household, wanted.application) if part),
    ]


def condition(scope: Scope, wanted: Selection) -> ColumnElement[bool]:
    """The entries selected, as of the scope's day."""
    return and_(_base(scope, wanted), *_narrowed(scope, wanted))


def _base(scope: Scope, wanted: Selection) -> ColumnElement[bool]:
    obligation = obligation_of(wanted, scope.contract)
    match obligation:
        case None:
            return of_kind(scope, wanted.kind) if wanted.kind else counted(scope)
        case Coverage() if wanted.state:
            return coverage.problem_rows(scope, obligation)[wanted.state]
        case Events() if wanted.state:
            return events.held_rows(scope, obligation)
        case Cases() if wanted.state:
            return cases.state_rows(scope, obligation)[wanted.state]
        case _:
            return rows_behind(scope, obligation)


def _narrowed(scope: Scope, wanted: Selection) -> Iterator[ColumnElement[bool]]:
    if wanted.kind:
        yield entry.c.kind == wanted.kind
    if wanted.field:
        yield entry_version.c.details[wanted.field].as_string() == wanted.value
    if wanted.empty:
        yield entry_version.c.details[wanted.empty].as_string().is_(None)
    if wanted.day:
        yield entry.c.day == date.fromisoformat(wanted.day)
    if wanted.month:
        month = Month.parse(wanted.month)
        yield entry.c.day.between(month.first, month.last)
    for column in ("elder", "household", "application"):
        if getattr(wanted, column):
            yield entry_version.c[column] == getattr(wanted, column)
    yield from _beside(scope, wanted)


def _beside(scope: Scope, wanted: Selection) -> Iterator[ColumnElement[bool]]:
    """What other tables narrow: where, by whom, with what evidence."""
    if wanted.locality:
        yield _in_locality(scope, wanted)
    if wanted.pictured:
        yield exists().where(
            attachment.c.contract_id == entry.c.contract_id,
            attachment.c.entry_id == entry.c.entry_id,
            attachment.c.removed_at.is_(None),
        )
    if wanted.staff:
        yield exists().where(
            entry_person.c.contract_id == entry.c.contract_id,
            entry_person.c.entry_id == entry.c.entry_id,
            entry_person.c.version == entry.c.version,
            entry_person.c.staff == wanted.staff,
        )


def _in_locality(scope: Scope, wanted: Selection) -> ColumnElement[bool]:
    """Where the work was done; for households and elders to be reached, where they live now."""
    match obligation_of(wanted, scope.contract):
        case Coverage():
            home = household
        case Visits():
            home = elder
        case _:
            return entry_version.c.locality == wanted.locality
    living = select(home.c.code).where(
        home.c.contract_id == scope.contract_id, home.c.locality == wanted.locality
    )
    return entry_version.c[home.name].in_(living)


def total(connection: Connection, scope: Scope, wanted: Selection) -> Total:
    """What the selected entries come to: person-days, households, visits, an amount, or entries.

    Of the localities visited: how many, and of a single one the days on which it was.
    """
    chosen, unit = condition(scope, wanted), _unit(scope, wanted)
    obligation = obligation_of(wanted, scope.contract)
    if _is_shared(scope, wanted):
        return Total(person_days.of_entries(connection, scope, chosen, wanted.staff), unit)
    if isinstance(obligation, Visits) and not wanted.amount:
        return Total(Fraction(visits.done_in(connection, scope, obligation, chosen)), unit)
    query = select(_aggregate(scope, wanted)).select_from(LATEST).where(chosen)
    return Total(Fraction(int(connection.execute(query).scalar_one())), unit)


def total_by_month(
    connection: Connection, scope: Scope, wanted: Selection, months: Sequence[str]
) -> Mapping[str, Total]:
    """What the selected entries of each of these months come to, as `total` says of one."""
    if _is_shared(scope, wanted):
        return {m: total(connection, scope, replace(wanted, month=m)) for m in months}
    obligation = obligation_of(wanted, scope.contract)
    chosen, unit = condition(scope, wanted), _unit(scope, wanted)
    if isinstance(obligation, Visits) and not wanted.amount:
        found = visits.done_by_month(connection, scope, obligation, chosen)
    else:
        calendar = calendar_day.alias()  # the condition may ask the calendar for itself
        query = (
            select(calendar.c.month, _aggregate(scope, wanted))
            .select_from(LATEST.join(calendar, calendar.c.day == entry.c.day))
            .where(chosen)
            .group_by(calendar.c.month)
        )
        found = {month: int(value) for month, value in connection.execute(query)}
    return {month: Total(Fraction(found.get(month, 0)), unit) for month in months}


def _is_shared(scope: Scope, wanted: Selection) -> bool:
    """Whether the total is of person-days, which no aggregate of the entries alone gives."""
    if wanted.amount:
        return wanted.amount == PERSON_DAYS
    return isinstance(obligation_of(wanted, scope.contract), PersonDays)


def _unit(scope: Scope, wanted: Selection) -> str:
    """What the total is counted in: of an amount, its heading."""
    if wanted.amount == PERSON_DAYS:
        return "人天"
    if wanted.amount:
        return LOG_KINDS[wanted.kind].by_slug[wanted.amount].heading
    match obligation_of(wanted, scope.contract):
        case LocalityMonths() if wanted.locality:
            return "天"
        case Coverage(unit=unit) if not wanted.state:
            return unit
        case PersonDays(unit=unit) | Visits(unit=unit) | Cases(unit=unit):
            return unit
        case LocalityMonths(unit=unit):
            return unit
        case _:
            return "条"


def _aggregate(scope: Scope, wanted: Selection) -> ColumnElement[int]:
    """The total over the selected entries: of an amount, of different values, or of entries."""
    if wanted.amount:
        number = entry_version.c.details[wanted.amount].as_integer()
        return func.coalesce(func.sum(number), 0)
    match obligation_of(wanted, scope.contract):
        case Coverage() if not wanted.state:
            return func.count(distinct(entry_version.c.household))
        case Cases():
            return func.count(distinct(entry_version.c.application))
        case LocalityMonths() if wanted.locality:
            return func.count(distinct(entry.c.day))
        case LocalityMonths():
            return func.count(distinct(entry_version.c.locality))
        case _:
            return func.count()
