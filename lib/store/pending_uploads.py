"""Workbooks handed in and not yet put away: where each stands, so that it can be returned to."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, insert, or_, select, update

from lib.store.ledger import LARGEST_ID
from lib.store.schema import pending_upload as table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

_IDS = 10**9  # as many digits as an address may have


class State(StrEnum):
    """Where an upload stands."""

    READING = "reading"
    CHECKING = "checking"
    READY = "ready"
    POSTING = "posting"
    POSTED = "posted"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """The state as the uploader reads it."""
        return _LABELS[self]


_LABELS = {
    State.READING: "正在读取",
    State.CHECKING: "正在核对",
    State.READY: "待过账",
    State.POSTING: "正在过账",
    State.POSTED: "已过账",
    State.REFUSED: "整份退回",
}
AT_WORK = frozenset({State.READING, State.CHECKING, State.POSTING})
STANDING = frozenset({State.READY, State.POSTED})  # has a plan, and can be mended and posted
FINISHED = frozenset({State.POSTED, State.REFUSED})


@dataclass(frozen=True)
class PendingUpload:
    """An upload without its content, which `is_kept` or not; `mends` are mappings of a mend."""

    upload_id: int
    file_name: str
    sha256: str
    mends: Sequence[Mapping[str, Any]]
    state: State
    done: int
    total: int
    said: str | None
    receipt_id: int | None
    begun_at: datetime
    moved_at: datetime
    is_kept: bool


_COLUMNS = (
    table.c.upload_id,
    table.c.file_name,
    table.c.sha256,
    table.c.mends,
    table.c.state,
    table.c.done,
    table.c.total,
    table.c.said,
    table.c.receipt_id,
    table.c.begun_at,
    table.c.moved_at,
    table.c.content.is_not(None).label("is_kept"),
)


def add(
    connection: Connection,
    contract_id: int,
    account: str,
    *,
    file_name: str,
    sha256: str,
    at: datetime,
) -> int:
    """Write an upload that is about to be read; gives back its number.

    The number was never given before: work that still goes on for an upload that was put away
    must not meet another one.
    """
    upload_id = 1 + secrets.randbelow(_IDS - 1)
    row = {
        "contract_id": contract_id,
        "upload_id": upload_id,
        "account": account,
        "file_name": file_name,
        "sha256": sha256,
        "mends": [],
        "state": State.READING,
        "done": 0,
        "total": 0,
        "begun_at": at,
        "moved_at": at,
    }
    connection.execute(insert(table).values(row))
    return upload_id


def of_account(connection: Connection, contract_id: int, account: str) -> Sequence[PendingUpload]:
    """All uploads of an account, the newest first."""
    query = select(*_COLUMNS).where(_of(contract_id, account))
    ordered = query.order_by(table.c.begun_at.desc(), table.c.upload_id)
    return [_upload(dict(row._mapping)) for row in connection.execute(ordered)]


def find(
    connection: Connection, contract_id: int, account: str, upload_id: int, *, lock: bool = False
) -> PendingUpload | None:
    """One of an account's uploads; None for any other number. `lock` holds others back."""
    if not 0 < upload_id <= LARGEST_ID:
        return None
    query = select(*_COLUMNS).where(_of(contract_id, account), table.c.upload_id == upload_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _upload(dict(row._mapping)) if row else None


def content(connection: Connection, contract_id: int, upload_id: int) -> bytes | None:
    """The workbook's bytes; None when they were not kept."""
    query = select(table.c.content).where(_is(contract_id, upload_id))
    found: bytes | None = connection.execute(query).scalar()
    return found


def move(
    connection: Connection, contract_id: int, upload_id: int, *, at: datetime, **values: object
) -> None:
    """Change where an upload stands; nothing when it was put away."""
    row = update(table).where(_is(contract_id, upload_id))
    connection.execute(row.values(moved_at=at, **values))


def remove(connection: Connection, contract_id: int, upload_id: int) -> None:
    """Forget an upload, content and all."""
    connection.execute(delete(table).where(_is(contract_id, upload_id)))


def clear(
    connection: Connection, contract_id: int, *, finished_before: datetime, before: datetime
) -> None:
    """Forget what was finished before a moment, and what nobody has touched since another."""
    finished = and_(table.c.state.in_(FINISHED), table.c.moved_at < finished_before)
    old = or_(finished, table.c.moved_at < before)
    connection.execute(delete(table).where(table.c.contract_id == contract_id, old))


def _of(contract_id: int, account: str) -> ColumnElement[bool]:
    return and_(table.c.contract_id == contract_id, table.c.account == account)


def _is(contract_id: int, upload_id: int) -> ColumnElement[bool]:
    return and_(table.c.contract_id == contract_id, table.c.upload_id == upload_id)


def _upload(row: Mapping[str, Any]) -> PendingUpload:
    return PendingUpload(**{**row, "state": State(row["state"])})
