"""Which receipt brought each version of an entry; setting entries back to an earlier version."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, insert, select, tuple_, update

from lib.store.ledger import LATEST_PEOPLE, VERSIONS, point
from lib.store.schema import entry, entry_person, entry_version, receipt, withdrawal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection, Select, Table


@dataclass(frozen=True)
class Step:
    """One version: the receipt that brought it, and the receipt that this one undoes, if any."""

    version: int
    receipt_id: int
    undoes: int | None
    withdrawn: bool


@dataclass(frozen=True)
class Life:
    """An entry's day, its versions from the first to the latest, and the people of the latest."""

    entry_id: int
    day: date
    people: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def latest(self) -> Step:
        """The version that the entry points at."""
        return self.steps[-1]

    @property
    def brought(self) -> Mapping[int, int]:
        """The version that each receipt brought, by the receipt."""
        return {step.receipt_id: step.version for step in self.steps}

    @property
    def origin(self) -> int:
        """The version that the latest one stands for: itself, or what an undoing brought back."""
        origins: dict[int, int] = {}
        for step in self.steps:
            undone = self.brought[step.undoes] if step.undoes else None
            origins[step.version] = origins[undone - 1] if undone else step.version
        return origins[self.latest.version]

    def is_withdrawn(self, version: int) -> bool:
        """Whether the version stopped counting before another one came."""
        return self.steps[version - 1].withdrawn


def touched(contract_id: int, receipt_id: int) -> ColumnElement[bool]:
    """Entries of which a receipt brought a version."""
    brought = select(entry_version.c.entry_id).where(
        entry_version.c.contract_id == contract_id, entry_version.c.receipt_id == receipt_id
    )
    return and_(entry.c.contract_id == contract_id, entry.c.entry_id.in_(brought))


def days_changed(connection: Connection, contract_id: int, receipt_id: int) -> frozenset[date]:
    """The days of the entries of which a receipt brought a version, or marked one as withdrawn."""
    marked = select(withdrawal.c.entry_id).where(
        withdrawal.c.contract_id == contract_id, withdrawal.c.receipt_id == receipt_id
    )
    withdrawn = and_(entry.c.contract_id == contract_id, entry.c.entry_id.in_(marked))
    query = select(entry.c.day).where(touched(contract_id, receipt_id) | withdrawn).distinct()
    return frozenset(connection.execute(query).scalars())


def lives(connection: Connection, contract_id: int, receipt_id: int) -> Sequence[Life]:
    """The entries of which a receipt brought a version, in the order of their numbers."""
    within = touched(contract_id, receipt_id)
    people: defaultdict[int, list[str]] = defaultdict(list)
    listed = select(entry.c.entry_id, entry_person.c.staff).select_from(LATEST_PEOPLE)
    for entry_id, code in connection.execute(listed.where(within).order_by(entry_person.c.staff)):
        people[entry_id].append(code)
    steps: defaultdict[tuple[int, date], list[Step]] = defaultdict(list)
    for row in connection.execute(_steps().where(within)):
        step = Step(row.version, row.receipt_id, row.undoes, row.withdrawn)
        steps[row.entry_id, row.day].append(step)
    return [
        Life(each, day, tuple(people[each]), tuple(taken)) for (each, day), taken in steps.items()
    ]


def _steps() -> Select[tuple[int, date, int, int, int | None, bool]]:
    """Entry, its day, version, receipt, the receipt undone, whether it is marked as withdrawn."""
    return (
        select(
            entry.c.entry_id,
            entry.c.day,
            entry_version.c.version,
            entry_version.c.receipt_id,
            receipt.c.undoes,
            withdrawal.c.version.is_not(None).label("withdrawn"),
        )
        .select_from(VERSIONS)
        .order_by(entry.c.entry_id, entry_version.c.version)
    )


@dataclass(frozen=True)
class Repeat:
    """A version after the latest one with the contents of an earlier one, `of`.

    `source_row` is its line in the file of the receipt that brings it.
    """

    entry_id: int
    version: int
    of: int
    source_row: int


def repeat(
    connection: Connection, contract_id: int, receipt_id: int, repeats: Sequence[Repeat]
) -> None:
    """Add versions that say again what earlier ones said; they count."""
    if not repeats:
        return
    for table in (entry_version, entry_person):
        said = _said(connection, contract_id, table, [(each.entry_id, each.of) for each in repeats])
        rows = [
            {**row, "version": each.version, **_brought(table, receipt_id, each)}
            for each in repeats
            for row in said[each.entry_id, each.of]
        ]
        connection.execute(insert(table), rows)
    point(connection, contract_id, {each.entry_id: each.version for each in repeats})


def _said(
    connection: Connection, contract_id: int, table: Table, of: Sequence[tuple[int, int]]
) -> Mapping[tuple[int, int], Sequence[dict[str, object]]]:
    """The rows of a table that belong to these versions, by entry and version."""
    found: defaultdict[tuple[int, int], list[dict[str, object]]] = defaultdict(list)
    for first in range(0, len(of), _AT_ONCE):
        within = tuple_(table.c.entry_id, table.c.version).in_(of[first : first + _AT_ONCE])
        query = select(table).where(table.c.contract_id == contract_id, within)
        for row in connection.execute(query).mappings():
            found[row["entry_id"], row["version"]].append(dict(row))
    return found


_AT_ONCE = 1_000  # a statement holds only so many values


def _brought(table: Table, receipt_id: int, each: Repeat) -> Mapping[str, object]:
    """What is the new version's own, beside its number."""
    return (
        {"receipt_id": receipt_id, "source_row": each.source_row} if table is entry_version else {}
    )


def withdraw(
    connection: Connection,
    contract_id: int,
    latest: Iterable[tuple[int, int]],
    *,
    at: datetime,
    by: str,
    reason: str,
    receipt_id: int | None = None,
) -> None:
    """Mark entries' latest versions, given by entry and version, as withdrawn.

    `receipt_id` is that of the undoing which it is a part of. A later correction counts again.
    """
    facts = {"withdrawn_at": at, "withdrawn_by": by, "reason": reason, "receipt_id": receipt_id}
    marks = [
        {"contract_id": contract_id, "entry_id": entry_id, "version": version, **facts}
        for entry_id, version in latest
    ]
    if not marks:
        return
    row = update(entry).where(
        entry.c.contract_id == contract_id, entry.c.entry_id == bindparam("of")
    )
    connection.execute(row.values(effective=False), [{"of": mark["entry_id"]} for mark in marks])
    connection.execute(insert(withdrawal), marks)


@dataclass(frozen=True)
class LastAct:
    """Who withdrew an entry's latest version, or (`withdrawn` False) handed it in, and when."""

    withdrawn: bool
    at: datetime
    by: str


def last_act(connection: Connection, contract_id: int, entry_id: int) -> LastAct:
    """The last that was done to an entry that there is."""
    marked = withdrawal.c.version.is_not(None)
    query = (
        _steps()
        .with_only_columns(
            marked,
            func.coalesce(withdrawal.c.withdrawn_at, receipt.c.posted_at),
            func.coalesce(withdrawal.c.withdrawn_by, receipt.c.posted_by),
        )
        .where(
            entry.c.contract_id == contract_id,
            entry.c.entry_id == entry_id,
            entry_version.c.version == entry.c.version,
        )
    )
    return LastAct(*connection.execute(query).one())
