"""Drafts in the store: what an account has typed into a form and not yet posted, one a slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select

from lib.store.schema import draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Draft:
    """The cells of one form by field slug, as they were last typed."""

    slot: str
    cells: Mapping[str, str | int | float]
    saved_at: datetime


def listed(connection: Connection, contract_id: int, account: str) -> Sequence[Draft]:
    """An account's drafts, the newest first."""
    query = (
        select(draft.c.slot, draft.c.cells, draft.c.saved_at)
        .where(draft.c.contract_id == contract_id, draft.c.account == account)
        .order_by(draft.c.saved_at.desc(), draft.c.slot)
    )
    return [Draft(**row._mapping) for row in connection.execute(query)]


def save(connection: Connection, contract_id: int, account: str, new: Draft) -> None:
    """Keep a draft in place of what its slot held; the caller holds the contract's lock."""
    remove(connection, contract_id, account, new.slot)
    row = {
        "contract_id": contract_id,
        "account": account,
        "slot": new.slot,
        "cells": dict(new.cells),
        "saved_at": new.saved_at,
    }
    connection.execute(insert(draft).values(row))


def remove(connection: Connection, contract_id: int, account: str, slot: str) -> None:
    """Let go of what a slot holds, if it holds anything."""
    held = and_(
        draft.c.contract_id == contract_id, draft.c.account == account, draft.c.slot == slot
    )
    connection.execute(delete(draft).where(held))
