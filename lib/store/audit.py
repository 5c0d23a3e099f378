"""The audit log: one line for each act, written in its transaction and linked to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from lib.store.chain import linked
from lib.store.schema import audit_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection


def record(
    connection: Connection,
    contract_id: int,
    *,
    at: datetime,
    by: str,
    act: str,
    subject: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Add a line; the caller holds the contract's lock. No person's data goes into it."""
    last = (
        select(audit_line.c.line_id, audit_line.c.hash)
        .where(audit_line.c.contract_id == contract_id)
        .order_by(audit_line.c.line_id.desc())
        .limit(1)
    )
    number, previous = connection.execute(last).one_or_none() or (0, "")
    facts = {
        "contract_id": contract_id,
        "line_id": number + 1,
        "at": at,
        "by": by,
        "act": act,
        "subject": subject,
        "before": before,
        "after": after,
    }
    connection.execute(insert(audit_line).values({**facts, "hash": linked(previous, facts)}))
