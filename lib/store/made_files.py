"""Files that take a while to make: where each stands, so that it can be left and returned to."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, insert, or_, select, update

from lib.store.ledger import LARGEST_ID
from lib.store.schema import made_file as table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

_IDS = 10**9  # as many digits as an address may have


class State(StrEnum):
    """Where a file stands."""

    MAKING = "making"
    MADE = "made"
    FAILED = "failed"


@dataclass(frozen=True)
class MadeFile:
    """A file that is being made (`done` of `total` steps), was made, or failed.

    What was `said` are the words of the step, what is to be known of the file, or why it failed.
    Once it is made it has name, hash and size.
    """

    file_id: int
    account: str
    what: str
    asked: Mapping[str, Any]
    state: State
    done: int
    total: int
    said: str | None
    file_name: str | None
    sha256: str | None
    size: int | None
    begun_at: datetime
    moved_at: datetime


_COLUMNS = [column for column in table.c if column.name != "contract_id"]


def add(
    connection: Connection,
    contract_id: int,
    account: str,
    what: str,
    asked: Mapping[str, str],
    *,
    at: datetime,
) -> int:
    """Write a file that is about to be made; gives back its number, which was never given before.

    Work that still goes on for a file that was given up must not meet another one.
    """
    file_id = 1 + secrets.randbelow(_IDS - 1)
    row = {
        "contract_id": contract_id,
        "file_id": file_id,
        "account": account,
        "what": what,
        "asked": dict(asked),
        "state": State.MAKING,
        "done": 0,
        "total": 0,
        "begun_at": at,
        "moved_at": at,
    }
    connection.execute(insert(table).values(row))
    return file_id


def of_account(
    connection: Connection, contract_id: int, account: str, what: str
) -> Sequence[MadeFile]:
    """All files of a sort that an account had made, the newest first."""
    own = and_(table.c.contract_id == contract_id, table.c.account == account, table.c.what == what)
    query = select(*_COLUMNS).where(own).order_by(table.c.begun_at.desc(), table.c.file_id)
    return [_made_file(dict(row._mapping)) for row in connection.execute(query)]


def find(
    connection: Connection, contract_id: int, account: str, file_id: int, *, lock: bool = False
) -> MadeFile | None:
    """One of an account's files; None for any other number. `lock` holds others back."""
    if not 0 < file_id <= LARGEST_ID:
        return None
    own = and_(_is(contract_id, file_id), table.c.account == account)
    query = select(*_COLUMNS).where(own)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _made_file(dict(row._mapping)) if row else None


def move(
    connection: Connection, contract_id: int, file_id: int, *, at: datetime, **values: object
) -> bool:
    """Change where a file stands that is still in the making; whether it was."""
    making = and_(_is(contract_id, file_id), table.c.state == State.MAKING)
    moved = update(table).where(making).values(moved_at=at, **values).returning(table.c.file_id)
    return connection.execute(moved).first() is not None


def remove(connection: Connection, contract_id: int, file_id: int) -> None:
    """Forget a file."""
    connection.execute(delete(table).where(_is(contract_id, file_id)))


def clear(connection: Connection, contract_id: int, *, before: datetime, after: datetime) -> None:
    """Forget the files that nothing has happened to since a moment, or not before another."""
    old = or_(table.c.moved_at < before, table.c.moved_at > after)
    connection.execute(delete(table).where(table.c.contract_id == contract_id, old))


def clear_all(connection: Connection) -> None:
    """Forget every file of every contract: their bytes are in no backup."""
    connection.execute(delete(table))


def _is(contract_id: int, file_id: int) -> ColumnElement[bool]:
    return and_(table.c.contract_id == contract_id, table.c.file_id == file_id)


def _made_file(row: Mapping[str, Any]) -> MadeFile:
    return MadeFile(**{**row, "state": State(row["state"])})
