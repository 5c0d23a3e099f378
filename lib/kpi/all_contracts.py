"""All contracts of the store beside each other, from their terms, the calendar and daily sums.

It names nobody. Person-days alone: what needs rows or rosters is each contract's own overview's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.contract import PersonDays
from lib.kpi import sums, workdays
from lib.kpi.figures import Figure, Status, overall, overall_due
from lib.kpi.person_days import UNITS
from lib.kpi.sums import Totals
from lib.periods import Month
from lib.store import contracts
from lib.store.schema import contract, receipt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from lib.contract import Contract
    from lib.kpi.workdays import Workdays
    from lib.periods import Period
    from lib.store.contracts import ListedContract


@dataclass(frozen=True)
class Stand:
    """How a contract stands as of a day, never past its own end.

    `whole` is of its person-days together, as the overview adds them up; None where it has no
    quotas, or its terms are not `registered`. `behind` are the items that are. `entries` are those
    of the day's calendar month. The terms themselves are left out: they are large to keep.
    """

    contract: ListedContract
    registered: bool
    whole: Figure | None
    status: Status
    behind: tuple[str, ...]
    entries: int
    last_entry_on: date | None
    last_posted_at: datetime | None


def stands(connection: Connection, as_of: date, before: Sequence[Stand] = ()) -> Sequence[Stand]:
    """Every contract of the store, the one furthest behind first.

    Of those who stood so `before`, as of the same day, only contracts with an act since are added
    up anew.
    """
    known = {(stand.contract.id, stand.contract.revision): stand for stand in before}
    moved: list[ListedContract] = []
    found: list[Stand] = []
    for each in contracts.every(connection):
        if stood := known.get((each.id, each.revision)):
            found.append(replace(stood, contract=replace(each, terms=None)))
        else:
            moved.append(each)
    return sorted([*found, *_found(connection, moved, as_of)], key=_urgency)


def _found(connection: Connection, every: Sequence[ListedContract], as_of: date) -> Sequence[Stand]:
    """How these contracts stand, in their order."""
    counted = {each.id: (each.start, min(each.end, as_of)) for each in every}
    totals = sums.of_each(connection, counted, Month.of(as_of))
    posted = _last_posted(connection)

    @cache
    def days(period: Period, day: date) -> Workdays:
        return workdays.within(connection, period, day)

    found = []
    for each in every:
        of_it = totals.get(each.id, Totals())
        quotas: Sequence[Figure] = ()
        if each.terms:
            elapsed = days(each.terms.period, each.terms.as_of(as_of, as_of))
            quotas = figures(each.terms, of_it.units, elapsed)
        found.append(_stand(each, quotas, of_it, posted.get(each.id)))
    return found


def figures(terms: Contract, units: Mapping[str, int], days: Workdays) -> Sequence[Figure]:
    """The figures of a contract's quotas, as `kpi.figures` has them."""
    return [
        Figure(
            quota,
            required=Fraction(quota.required),
            due=days.due(quota.required, quota.plan),
            delivered=Fraction(units.get(quota.code, 0), UNITS),
        )
        for quota in terms.quotas
    ]


def _stand(
    listed: ListedContract, quotas: Sequence[Figure], totals: Totals, posted: datetime | None
) -> Stand:
    whole, status = together(quotas), Status.NOT_DUE
    behind: tuple[str, ...] = ()
    if listed.terms and whole:
        thresholds = listed.terms.thresholds
        status = whole.status(thresholds)
        behind = tuple(
            figure.obligation.name
            for figure in quotas
            if figure.status(thresholds) is Status.BEHIND
        )
    return Stand(
        contract=replace(listed, terms=None),
        registered=listed.terms is not None,
        whole=whole,
        status=status,
        behind=behind,
        entries=totals.entries,
        last_entry_on=totals.last_day,
        last_posted_at=posted,
    )


def together(quotas: Sequence[Figure]) -> Figure | None:
    """Quotas as one: what is delivered beyond one of them makes up for no other."""
    delivered, required = overall(quotas)
    if not required:
        return None
    all_of_them = PersonDays(
        code="person_days", name="人天总进度", unit="人天", required=int(required)
    )
    return Figure(all_of_them, required, overall_due(quotas), delivered)


def _last_posted(connection: Connection) -> Mapping[int, datetime]:
    """When something was last posted, by contract: its last receipt says."""
    last = (
        select(receipt.c.posted_at)
        .where(receipt.c.contract_id == contract.c.contract_id)
        .order_by(receipt.c.receipt_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(select(contract.c.contract_id, last))
    return {contract_id: posted_at for contract_id, posted_at in rows if posted_at}


def _urgency(stand: Stand) -> tuple[int, Fraction, str]:
    """The less of what is due was delivered, the earlier; what nothing can be said of, last."""
    whole, name = stand.whole, stand.contract.name
    if whole is None:
        return 3, Fraction(0), name
    if stand.status is Status.DONE:
        return 2, Fraction(0), name
    if not whole.due:
        return 1, Fraction(0), name
    return 0, whole.delivered / whole.due, name


def counted(every: Sequence[Stand]) -> Sequence[Stand]:
    """Those that are added up: made-up ones only where there are no others."""
    return [each for each in every if not each.contract.is_demonstration] or every


def headline(every: Sequence[Stand]) -> str:
    """How many contracts there are, and how they stand, in one sentence."""
    among = Counter(each.status for each in every if each.whole)
    said = [
        f"{among[status]} 个{status.label}"
        for status in (
            Status.BEHIND,
            Status.WATCH,
            Status.ON_TRACK,
            Status.DONE,
            Status.NOT_DUE,
        )
        if among[status]
    ]
    unknown = sum(not each.registered for each in every)
    if unknown:
        said.append(f"{unknown} 个条款未登记")
    return f"{len(every)} 个合同：{'，'.join(said)}。" if said else f"{len(every)} 个合同。"


def worst(every: Sequence[Stand]) -> Status:
    """The worst status among the contracts that have one."""
    found = {each.status for each in every if each.whole}
    order = (Status.BEHIND, Status.WATCH, Status.ON_TRACK, Status.DONE)
    return next((status for status in order if status in found), Status.NOT_DUE)
