"""Samples that were drawn, and what was found on the spot (spec §5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from lib.store.schema import entry, sample_item, sample_result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

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


def checked_by_kind(
    connection: Connection, contract_id: int, month: Month
) -> Mapping[str, Checked]:
    """What the samples say of a month's entries, by kind; kinds without any are left out."""
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
            sample_item.join(
                entry,
                and_(
                    entry.c.contract_id == sample_item.c.contract_id,
                    entry.c.entry_id == sample_item.c.entry_id,
                ),
            ).outerjoin(
                latest,
                and_(
                    latest.c.contract_id == sample_item.c.contract_id,
                    latest.c.item_id == sample_item.c.item_id,
                    latest.c.newest == 1,
                ),
            )
        )
        .where(
            sample_item.c.contract_id == contract_id, entry.c.day.between(month.first, month.last)
        )
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
