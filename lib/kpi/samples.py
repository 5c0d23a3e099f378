"""Samples that were drawn, and what was found on the spot (spec §5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from lib.kpi.sampling import Observed, estimate
from lib.store.samples import ITEM_ENTRIES
from lib.store.schema import attachment, entry, sample, sample_item, sample_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from lib.kpi.sampling import Estimate
    from lib.periods import Month


class Result(StrEnum):
    """What was found of a sampled entry; the value is how the store writes it."""

    TRUE = "true"
    UNTRUE = "untrue"
    UNVERIFIABLE = "unverifiable"

    @property
    def label(self) -> str:
        """The word officials use."""
        return _LABELS[self]


_LABELS = {Result.TRUE: "属实", Result.UNTRUE: "不符", Result.UNVERIFIABLE: "无法核实"}


@dataclass(frozen=True)
class Checked:
    """Sampled entries: how many, and of those with a result how many of each.

    An entry in several samples counts once, by the last result recorded of it.
    """

    drawn: int = 0
    true: int = 0
    untrue: int = 0
    unverifiable: int = 0

    @property
    def looked_at(self) -> int:
        """How many have a result."""
        return self.true + self.untrue + self.unverifiable


@dataclass(frozen=True)
class Recorded:
    """A result as it was recorded; `number` counts an item's results from 1."""

    number: int
    result: Result
    note: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Stratum:
    """The entries of a kind in a locality (empty: without one): how many, how many are drawn."""

    kind: str
    locality: str
    population: int
    drawn: int


@dataclass(frozen=True)
class Item:
    """A drawn entry in the version that was drawn, and all that was recorded of it, oldest first.

    `position` counts from 1 in the order in which they are best visited; `pictures` hang on it.
    `counts_as` is the entry's version by now, None when it is withdrawn.
    """

    item_id: int
    position: int
    stratum: str
    entry_id: int
    version: int
    kind: str
    day: date
    counts_as: int | None
    pictures: int
    results: tuple[Recorded, ...]

    @property
    def last(self) -> Recorded | None:
        """The result that holds; None before there is one."""
        return self.results[-1] if self.results else None


@dataclass(frozen=True)
class Sample:
    """A sample of the entries of some days and kinds, with all that is needed to draw it again."""

    sample_id: int
    first: date
    last: date
    kinds: tuple[str, ...]
    confidence: Decimal
    margin: Decimal
    seed: str
    population: int
    frame_hash: str
    strata: Mapping[str, Stratum]
    drawn_at: datetime
    drawn_by: str
    items: tuple[Item, ...]

    def checked(self, kind: str = "") -> Checked:
        """How many were drawn and what was found, of a kind or of all."""
        return _counted({item.item_id: _result(item) for item in self._of(kind)})

    def population_of(self, kind: str) -> int:
        """How many entries of a kind it was drawn from."""
        return sum(each.population for each in self.strata.values() if each.kind == kind)

    def estimate(self, kind: str = "", *, doubtful_untrue: bool = False) -> Estimate | None:
        """What it says of all entries it was drawn from, of a kind or of all; None without results.

        What could not be verified takes no part, or counts as untrue.
        """
        found: defaultdict[str, list[Result | None]] = defaultdict(list)
        for item in self._of(kind):
            found[item.stratum].append(_result(item))
        bad = {Result.UNTRUE, Result.UNVERIFIABLE} if doubtful_untrue else {Result.UNTRUE}
        observed = [
            Observed(
                self.strata[name].population,
                results.count(Result.TRUE),
                sum(result in bad for result in results),
            )
            for name, results in found.items()
        ]
        return estimate(observed, self.confidence)

    def _of(self, kind: str) -> Iterable[Item]:
        return (item for item in self.items if item.kind == kind or not kind)


def _result(item: Item) -> Result | None:
    return item.last.result if item.last else None


def listed(connection: Connection, contract_id: int) -> Sequence[Sample]:
    """Every sample with its items and their results, the newest first."""
    return _read(connection, contract_id, sample.c.contract_id == contract_id)


def one(connection: Connection, contract_id: int, sample_id: int) -> Sample | None:
    """A sample with its items and their results; None when there is none of the number."""
    found = _read(connection, contract_id, sample.c.sample_id == sample_id)
    return found[0] if found else None


def _read(
    connection: Connection, contract_id: int, chosen: ColumnElement[bool]
) -> Sequence[Sample]:
    of_contract = and_(sample.c.contract_id == contract_id, chosen)
    ids = select(sample.c.sample_id).where(of_contract)
    items = _items(connection, contract_id, sample_item.c.sample_id.in_(ids))
    query = select(sample).where(of_contract).order_by(sample.c.sample_id.desc())
    return [_sample(row, items[row.sample_id]) for row in connection.execute(query)]


def _sample(row: Row[tuple[object, ...]], items: Sequence[Item]) -> Sample:
    return Sample(
        sample_id=row.sample_id,
        first=row.first_on,
        last=row.last_on,
        kinds=tuple(row.kinds),
        confidence=Decimal(row.confidence),
        margin=Decimal(row.margin),
        seed=row.seed,
        population=row.population,
        frame_hash=row.frame_hash,
        strata={name: Stratum(*name.split("|"), *counts) for name, counts in row.strata.items()},
        drawn_at=row.drawn_at,
        drawn_by=row.drawn_by,
        items=tuple(items),
    )


def _items(
    connection: Connection, contract_id: int, chosen: ColumnElement[bool]
) -> Mapping[int, Sequence[Item]]:
    """The items by sample, in order of their positions."""
    within = and_(sample_item.c.contract_id == contract_id, chosen)
    results = _results(connection, within)
    pictures = _pictures(connection, within)
    query = (
        select(
            sample_item.c.sample_id,
            sample_item.c.item_id,
            sample_item.c.position,
            sample_item.c.stratum,
            sample_item.c.entry_id,
            sample_item.c.version,
            entry.c.kind,
            entry.c.day,
            entry.c.version.label("newest"),
            entry.c.effective,
        )
        .select_from(ITEM_ENTRIES)
        .where(within)
        .order_by(sample_item.c.position)
    )
    found: defaultdict[int, list[Item]] = defaultdict(list)
    for row in connection.execute(query):
        item = Item(
            item_id=row.item_id,
            position=row.position,
            stratum=row.stratum,
            entry_id=row.entry_id,
            version=row.version,
            kind=row.kind,
            day=row.day,
            counts_as=row.newest if row.effective else None,
            pictures=pictures.get(row.item_id, 0),
            results=tuple(results[row.item_id]),
        )
        found[row.sample_id].append(item)
    return found


def _results(
    connection: Connection, within: ColumnElement[bool]
) -> Mapping[int, Sequence[Recorded]]:
    """Everything recorded of each item, the oldest first."""
    query = (
        select(
            sample_result.c.item_id,
            sample_result.c.number,
            sample_result.c.result,
            sample_result.c.note,
            sample_result.c.recorded_at,
            sample_result.c.recorded_by,
        )
        .select_from(
            sample_result.join(
                sample_item,
                and_(
                    sample_item.c.contract_id == sample_result.c.contract_id,
                    sample_item.c.item_id == sample_result.c.item_id,
                ),
            )
        )
        .where(within)
        .order_by(sample_result.c.number)
    )
    found: defaultdict[int, list[Recorded]] = defaultdict(list)
    for item_id, number, result, note, at, by in connection.execute(query):
        found[item_id].append(Recorded(number, Result(result), note, at, by))
    return found


def _pictures(connection: Connection, within: ColumnElement[bool]) -> Mapping[int, int]:
    """How many photos and scans hang on each item."""
    query = (
        select(attachment.c.item_id, func.count().label("number"))
        .select_from(
            attachment.join(
                sample_item,
                and_(
                    sample_item.c.contract_id == attachment.c.contract_id,
                    sample_item.c.item_id == attachment.c.item_id,
                ),
            )
        )
        .where(within, attachment.c.removed_at.is_(None))
        .group_by(attachment.c.item_id)
    )
    return {row.item_id: row.number for row in connection.execute(query)}


def checked_by_kind(
    connection: Connection, contract_id: int, month: Month
) -> Mapping[str, Checked]:
    """What the samples say of a month's entries, by kind; kinds without any are left out."""
    return checked_between(connection, contract_id, month.first, month.last)


def checked_between(
    connection: Connection, contract_id: int, first: date, last: date
) -> Mapping[str, Checked]:
    """What the samples say of the entries of some days, both included; as `checked_by_kind`."""
    latest = (
        select(
            sample_result.c.contract_id,
            sample_result.c.item_id,
            sample_result.c.result,
            sample_result.c.recorded_at,
            func.row_number()
            .over(
                partition_by=(sample_result.c.contract_id, sample_result.c.item_id),
                order_by=sample_result.c.number.desc(),
            )
            .label("newest"),
        )
        .where(sample_result.c.contract_id == contract_id)
        .cte("latest")
    )
    query = (
        select(entry.c.kind, entry.c.entry_id, latest.c.result)
        .select_from(
            ITEM_ENTRIES.outerjoin(
                latest,
                and_(
                    latest.c.contract_id == sample_item.c.contract_id,
                    latest.c.item_id == sample_item.c.item_id,
                    latest.c.newest == 1,
                ),
            )
        )
        .where(sample_item.c.contract_id == contract_id, entry.c.day.between(first, last))
        .order_by(latest.c.recorded_at, sample_item.c.item_id)
    )
    results: defaultdict[str, dict[int, str | None]] = defaultdict(dict)
    for kind, entry_id, result in connection.execute(query):
        results[kind][entry_id] = result or results[kind].get(entry_id)
    return {kind: _counted(found) for kind, found in results.items()}


def _counted(found: Mapping[int, str | None]) -> Checked:
    said = list(found.values())
    counts = {str(result): said.count(result) for result in Result}
    return Checked(len(said), **counts)
