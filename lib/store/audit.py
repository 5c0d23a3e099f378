"""The audit log: one line for each act, written in the act's own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

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
    last = select(func.coalesce(func.max(audit_line.c.line_id), 0))
    line_id = (
        connection.execute(last.where(audit_line.c.contract_id == contract_id)).scalar_one() + 1
    )
    values = {
        "contract_id": contract_id,
        "line_id": line_id,
        "at": at,
        "by": by,
        "act": act,
        "subject": subject,
        "before": before,
        "after": after,
    }
    connection.execute(insert(audit_line).values(values))
