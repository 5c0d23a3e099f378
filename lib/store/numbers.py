"""Numbers within a contract: from 1, each one more than the last, given under its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection


def last_number(connection: Connection, contract_id: int, column: Column[int]) -> int:
    """The highest number that a column holds of a contract; 0 before any."""
    highest = select(func.coalesce(func.max(column), 0))
    of_contract = highest.where(column.table.c.contract_id == contract_id)
    return int(connection.execute(of_contract).scalar_one())
