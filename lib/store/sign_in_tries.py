"""Wrong tries at signing in, by name and by address, until they are forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, delete, insert, or_, select, update

from lib.store.schema import sign_in_try

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection


class Key(NamedTuple):
    """What tries are counted under: a name, an address, or both; empty is any."""

    name: str
    address: str


@dataclass(frozen=True)
class Tries:
    """How many wrong ones there were under a key, and when the last."""

    key: Key
    failures: int
    failed_at: datetime


def find(connection: Connection, contract_id: int, key: Key) -> Tries | None:
    """The wrong tries under a key."""
    query = select(sign_in_try.c.failures, sign_in_try.c.failed_at).where(_is(contract_id, key))
    row = connection.execute(query).first()
    return Tries(key, *row) if row else None


def listed(connection: Connection, contract_id: int) -> Sequence[Tries]:
    """All that are kept, the latest first."""
    query = (
        select(sign_in_try)
        .where(sign_in_try.c.contract_id == contract_id)
        .order_by(sign_in_try.c.failed_at.desc(), sign_in_try.c.name, sign_in_try.c.address)
    )
    return [
        Tries(Key(row.name, row.address), row.failures, row.failed_at)
        for row in connection.execute(query)
    ]


def keep(connection: Connection, contract_id: int, tries: Tries) -> None:
    """Write down how many there are by now; the caller holds the contract's lock."""
    values = {"failures": tries.failures, "failed_at": tries.failed_at}
    changed = update(sign_in_try).where(_is(contract_id, tries.key)).values(values)
    if connection.execute(changed).rowcount == 0:
        new = {"contract_id": contract_id, **tries.key._asdict(), **values}
        connection.execute(insert(sign_in_try).values(new))


def forget(connection: Connection, contract_id: int, key: Key) -> None:
    """Forget the wrong tries under a key."""
    connection.execute(delete(sign_in_try).where(_is(contract_id, key)))


def forget_of(connection: Connection, contract_id: int, subject: str) -> int:
    """Forget all wrong tries of a name, or of an address whatever the name; how many keys."""
    named = sign_in_try.c.name == subject
    from_there = and_(sign_in_try.c.name == "", sign_in_try.c.address == subject)
    rows = delete(sign_in_try).where(
        sign_in_try.c.contract_id == contract_id, or_(named, from_there)
    )
    return connection.execute(rows).rowcount


def forget_before(connection: Connection, contract_id: int, moment: datetime) -> None:
    """Forget what was last tried before a moment."""
    old = sign_in_try.c.failed_at < moment
    connection.execute(delete(sign_in_try).where(sign_in_try.c.contract_id == contract_id, old))


def _is(contract_id: int, key: Key) -> ColumnElement[bool]:
    return and_(
        sign_in_try.c.contract_id == contract_id,
        sign_in_try.c.name == key.name,
        sign_in_try.c.address == key.address,
    )
