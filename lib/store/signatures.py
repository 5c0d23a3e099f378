"""Months as they were signed, and which of them are closed: signed and not opened again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from lib.store.schema import reopening, signature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Signature:
    """A month as it was signed; opened again (`reopened_at` not None), or still closed.

    `figures` and `parameters` are as the store holds them: plain values, exact numbers as text.
    """

    signature_id: int
    month: str
    signed_at: datetime
    signed_by: str
    figures: Mapping[str, Any]
    parameters: Mapping[str, Any]
    entries: int
    entries_hash: str
    previous_hash: str
    hash: str
    reopened_at: datetime | None = None
    reopened_by: str | None = None
    reason: str | None = None


def listed(connection: Connection, contract_id: int) -> Sequence[Signature]:
    """Every signature there ever was, the oldest first."""
    columns = [column for column in signature.c if column.name != "contract_id"]
    opened = (reopening.c.reopened_at, reopening.c.reopened_by, reopening.c.reason)
    query = (
        select(*columns, *opened)
        .select_from(
            signature.outerjoin(
                reopening,
                and_(
                    reopening.c.contract_id == signature.c.contract_id,
                    reopening.c.signature_id == signature.c.signature_id,
                ),
            )
        )
        .where(signature.c.contract_id == contract_id)
        .order_by(signature.c.signature_id)
    )
    return [Signature(**row._mapping) for row in connection.execute(query)]


def closed(connection: Connection, contract_id: int) -> Mapping[str, Signature]:
    """The signature that holds, by each closed month (`YYYY-MM`), in order of months."""
    held = {
        each.month: each for each in listed(connection, contract_id) if each.reopened_at is None
    }
    return dict(sorted(held.items()))


def closed_months(connection: Connection, contract_id: int) -> frozenset[str]:
    """The closed months (`YYYY-MM`)."""
    return frozenset(closings(connection, contract_id))


@dataclass(frozen=True)
class Closing:
    """That a month (`YYYY-MM`) is closed: when it was signed, and by whom."""

    month: str
    signed_at: datetime
    signed_by: str


def closings(connection: Connection, contract_id: int) -> Mapping[str, Closing]:
    """Who closed each closed month when, by month, in order; without what was signed of it."""
    opened = select(reopening.c.signature_id).where(reopening.c.contract_id == contract_id)
    query = (
        select(signature.c.month, signature.c.signed_at, signature.c.signed_by)
        .where(signature.c.contract_id == contract_id, signature.c.signature_id.not_in(opened))
        .order_by(signature.c.month)
    )
    return {row.month: Closing(*row) for row in connection.execute(query)}
