"""The receipts: which there are, and what each of them changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, select, union

from lib.periods import BUSINESS_ZONE, Month, Period, months_of
from lib.store.ledger import RECEIPT, Receipt
from lib.store.schema import entry, entry_version, mend, receipt, withdrawal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Select

    from lib.kpi.rows import Page

OPERATORS = "-"  # in place of a team: what came by the command line belongs to none


@dataclass(frozen=True)
class Asked:
    """Which receipts are asked for; each part that is filled narrows them.

    With `kind` those that brought entries of that log kind: dated by `until`, or any.
    """

    team: str = ""
    by: str = ""
    month: Month | None = None
    kind: str = ""
    until: date | None = None


def _condition(contract_id: int, asked: Asked) -> ColumnElement[bool]:
    conditions = [receipt.c.contract_id == contract_id]
    if asked.team:
        conditions.append(receipt.c.team == (None if asked.team == OPERATORS else asked.team))
    if asked.by:
        conditions.append(receipt.c.posted_by == asked.by)
    if asked.month:
        first, after = _begin(asked.month.first), _begin(asked.month.next.first)
        conditions += [receipt.c.posted_at >= first, receipt.c.posted_at < after]
    if asked.kind:
        conditions.append(receipt.c.receipt_id.in_(_bringing(contract_id, asked)))
    return and_(*conditions)


def _bringing(contract_id: int, asked: Asked) -> Select[tuple[int]]:
    """The receipts by which a version of an entry of the kind came."""
    brought = and_(
        entry_version.c.contract_id == entry.c.contract_id,
        entry_version.c.entry_id == entry.c.entry_id,
    )
    found = (
        select(entry_version.c.receipt_id)
        .select_from(entry_version.join(entry, brought))
        .where(entry.c.contract_id == contract_id, entry.c.kind == asked.kind)
    )
    return found.where(entry.c.day <= asked.until) if asked.until else found


def _begin(day: date) -> datetime:
    """The moment at which a day begins where the services are delivered."""
    return datetime.combine(day, time(), BUSINESS_ZONE).astimezone(UTC)


def number_of(connection: Connection, contract_id: int, asked: Asked) -> int:
    """How many receipts are asked for."""
    query = select(func.count()).select_from(receipt).where(_condition(contract_id, asked))
    return connection.execute(query).scalar_one()


def listed(connection: Connection, contract_id: int, asked: Asked, page: Page) -> Sequence[Receipt]:
    """A page of the receipts asked for, the newest first."""
    query = (
        select(*RECEIPT)
        .where(_condition(contract_id, asked))
        .order_by(receipt.c.receipt_id.desc())
        .limit(page.size)
        .offset(page.size * (page.number - 1))
    )
    return [Receipt(**row._mapping) for row in connection.execute(query)]


def months(connection: Connection, contract_id: int, asked: Asked) -> Sequence[Month]:
    """The months from the first receipt asked for to the last, the newest first."""
    span = select(func.min(receipt.c.posted_at), func.max(receipt.c.posted_at))
    first, last = connection.execute(span.where(_condition(contract_id, asked))).one()
    if first is None:
        return []
    days = Period(*(moment.astimezone(BUSINESS_ZONE).date() for moment in (first, last)))
    return [*months_of(days)][::-1]


def teams(connection: Connection, contract_id: int) -> Sequence[str]:
    """The teams that receipts are of, `OPERATORS` the last when there are any of none."""
    query = select(receipt.c.team).where(receipt.c.contract_id == contract_id).distinct()
    found = set(connection.execute(query).scalars())
    return [*sorted(found - {None}), *([OPERATORS] if None in found else [])]


def other_sides(
    connection: Connection, contract_id: int, receipts: Sequence[Receipt]
) -> Mapping[int, Receipt]:
    """By the id of each of these: the receipt that undoes it, or the one that it undoes."""
    undone_by = {each.undoes: each.receipt_id for each in receipts if each.undoes}
    numbers = [each.receipt_id for each in receipts]
    query = select(*RECEIPT).where(
        receipt.c.contract_id == contract_id,
        receipt.c.undoes.in_(numbers) | receipt.c.receipt_id.in_(undone_by),
    )
    found = [Receipt(**row._mapping) for row in connection.execute(query)]
    undoing = {each.undoes: each for each in found if each.undoes in numbers}
    undone = {undone_by[n]: each for each in found if (n := each.receipt_id) in undone_by}
    return {number: other for number, other in (undoing | undone).items() if number}


class Part(StrEnum):
    """What a receipt did to an entry."""

    NEW = "new"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


def changed(
    connection: Connection, contract_id: int, receipt_id: int, part: Part, page: Page
) -> Sequence[tuple[int, int]]:
    """A page of the entries of which the receipt did this, with the version: as in its file."""
    query = _changed(contract_id, receipt_id)[part]
    shown = query.order_by("entry_id").limit(page.size).offset(page.size * (page.number - 1))
    return [(row.entry_id, row.version) for row in connection.execute(shown)]


def _changed(contract_id: int, receipt_id: int) -> Mapping[Part, Select[tuple[int, int]]]:
    """Entries and versions; one that was set back and withdrawn at once is withdrawn only."""
    brought = select(entry_version.c.entry_id, entry_version.c.version).where(
        entry_version.c.contract_id == contract_id, entry_version.c.receipt_id == receipt_id
    )
    marked = select(withdrawal.c.entry_id, withdrawal.c.version).where(
        withdrawal.c.contract_id == contract_id, withdrawal.c.receipt_id == receipt_id
    )
    also_marked = exists().where(
        withdrawal.c.contract_id == contract_id,
        withdrawal.c.receipt_id == receipt_id,
        withdrawal.c.entry_id == entry_version.c.entry_id,
        withdrawal.c.version == entry_version.c.version,
    )
    return {
        Part.NEW: brought.where(entry_version.c.version == 1),
        Part.CORRECTED: brought.where(entry_version.c.version > 1, ~also_marked),
        Part.WITHDRAWN: marked,
    }


@dataclass(frozen=True)
class Later:
    """What became of a receipt's entries: later receipts with how many of them each changed.

    `withdrawn` were withdrawn one by one.
    """

    receipts: Sequence[tuple[Receipt, int]]
    withdrawn: int


def later(connection: Connection, contract_id: int, receipt_id: int) -> Later:
    """What was done after a receipt to the entries that it changed, by whichever team."""
    mine = union(*_changed(contract_id, receipt_id).values()).subquery("mine")
    brought = select(entry_version.c.receipt_id, mine.c.entry_id).where(
        entry_version.c.contract_id == contract_id,
        entry_version.c.entry_id == mine.c.entry_id,
        entry_version.c.version > mine.c.version,
    )
    marked = select(withdrawal.c.receipt_id, mine.c.entry_id).where(
        withdrawal.c.contract_id == contract_id,
        withdrawal.c.entry_id == mine.c.entry_id,
        withdrawal.c.version >= mine.c.version,
    )
    others = brought.union_all(marked.where(withdrawal.c.receipt_id != receipt_id)).subquery()
    numbers = (
        select(others.c.receipt_id, func.count(others.c.entry_id.distinct()).label("entries"))
        .group_by(others.c.receipt_id)
        .order_by(others.c.receipt_id)
    )
    changed_by = {row.receipt_id: row.entries for row in connection.execute(numbers)}
    alone = marked.where(withdrawal.c.receipt_id.is_(None)).subquery()
    query = select(*RECEIPT).where(
        receipt.c.contract_id == contract_id, receipt.c.receipt_id.in_(changed_by)
    )
    found = connection.execute(query.order_by(receipt.c.receipt_id))
    receipts = [Receipt(**row._mapping) for row in found]
    return Later(
        [(each, changed_by[each.receipt_id]) for each in receipts],
        connection.execute(select(func.count()).select_from(alone)).scalar_one(),
    )


@dataclass(frozen=True)
class Mended:
    """A cell of the receipt's file that was mended on the page: `found` there, `put` instead."""

    sheet: str
    row: int
    field: str
    found: str
    put: str


def mends(connection: Connection, contract_id: int, receipt_id: int) -> Sequence[Mended]:
    """The mended cells of a receipt, by place."""
    query = (
        select(mend.c.sheet, mend.c.row, mend.c.field, mend.c.found, mend.c.put)
        .where(mend.c.contract_id == contract_id, mend.c.receipt_id == receipt_id)
        .order_by(mend.c.sheet, mend.c.row, mend.c.field)
    )
    return [Mended(*row) for row in connection.execute(query)]
