"""Accounts and their sessions in the store; of tickets and tokens only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from lib.access import Role, Viewer
from lib.store.numbers import last_number
from lib.store.schema import account, session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

IDLE_LIMIT = timedelta(hours=2)
ABSOLUTE_LIMIT = timedelta(hours=12)
TICKET_LIMIT = timedelta(minutes=1)
SESSIONS_KEPT = timedelta(days=183)  # as long as the audit log by rule: six months
CLOCKS_APART = timedelta(minutes=10)  # at the most, those of several machines


@dataclass(frozen=True)
class Account:
    """A user; what `password_hash` may be, `lib.actions.passwords` knows."""

    name: str
    role: Role
    team: str | None
    password_hash: str
    disabled: bool
    oversees: bool = False

    @property
    def viewer(self) -> Viewer:
        """The account as somebody who acts."""
        return Viewer(self.name, self.role, self.team, oversees=self.oversees)


_COLUMNS = (
    account.c.name,
    account.c.role,
    account.c.team,
    account.c.password_hash,
    account.c.disabled,
    account.c.oversees,
)

_SESSIONS = session.join(
    account,
    and_(account.c.contract_id == session.c.contract_id, account.c.name == session.c.account),
)

# Not ended, idle or old beyond the limits, and the account is not disabled. The limits hold both
# ways: where the clock was put back, nothing lives until it has come again.
_IS_LIVE = and_(
    session.c.ended_at.is_(None),
    ~account.c.disabled,
    session.c.seen_at > bindparam("seen_after"),
    session.c.seen_at < bindparam("seen_before"),
    session.c.begun_at > bindparam("begun_after"),
    session.c.begun_at < bindparam("begun_before"),
)

# Asked at every word of every visitor: to put them together takes longer than to answer them.
_IN_USE = (
    select(session.c.session_id, session.c.seen_at, *_COLUMNS)
    .select_from(_SESSIONS)
    .where(session.c.contract_id == bindparam("contract"), _IS_LIVE)
)
_OF_TOKEN = _IN_USE.where(session.c.token_hash == bindparam("by"))
_OF_SESSION = _IN_USE.where(session.c.session_id == bindparam("by"))


def listed(connection: Connection, contract_id: int) -> Sequence[Account]:
    """All accounts by name."""
    query = select(*_COLUMNS).where(account.c.contract_id == contract_id).order_by(account.c.name)
    return [_account(dict(row._mapping)) for row in connection.execute(query)]


def find(connection: Connection, contract_id: int, name: str) -> Account | None:
    """The account of that name."""
    query = select(*_COLUMNS).where(_is(contract_id, name))
    row = connection.execute(query).first()
    return _account(dict(row._mapping)) if row else None


def _account(row: Mapping[str, Any]) -> Account:
    return Account(**{**row, "role": Role(row["role"])})


def count(connection: Connection, contract_id: int) -> int:
    """How many accounts there are, disabled ones included."""
    query = select(func.count()).select_from(account)
    return connection.execute(query.where(account.c.contract_id == contract_id)).scalar_one()


def any_administrator(connection: Connection, contract_id: int) -> bool:
    """Whether there is an administrator who can sign in."""
    query = select(account.c.name).where(
        account.c.contract_id == contract_id, account.c.role == Role.ADMIN, ~account.c.disabled
    )
    return connection.execute(query.limit(1)).first() is not None


def any_hash_like(connection: Connection, contract_id: int, beginning: str) -> bool:
    """Whether an account that can sign in has a password hash that begins like this."""
    query = select(account.c.name).where(
        account.c.contract_id == contract_id,
        account.c.password_hash.startswith(beginning, autoescape=True),
        ~account.c.disabled,
    )
    return connection.execute(query.limit(1)).first() is not None


def add(
    connection: Connection,
    contract_id: int,
    viewer: Viewer,
    *,
    password_hash: str,
    at: datetime,
) -> None:
    """Enter an account."""
    values = {
        "contract_id": contract_id,
        "name": viewer.name,
        "role": viewer.role,
        "team": viewer.team,
        "password_hash": password_hash,
        "disabled": False,
        "created_at": at,
    }
    connection.execute(insert(account).values(values))


def change(connection: Connection, contract_id: int, name: str, **values: object) -> None:
    """Set columns of an account."""
    connection.execute(update(account).where(_is(contract_id, name)).values(values))


def begin_session(
    connection: Connection,
    contract_id: int,
    name: str,
    ticket_hash: str,
    at: datetime,
    origin: str = "",
) -> int:
    """Enter a session that begins now, from an address; its id, which no other ever had."""
    number = last_number(connection, contract_id, session.c.session_id) + 1
    values = {
        "contract_id": contract_id,
        "session_id": number,
        "account": name,
        "begun_at": at,
        "seen_at": at,
        "ticket_hash": ticket_hash,
        "origin": origin,
    }
    connection.execute(insert(session).values(values))
    return int(number)


def forget_sessions(connection: Connection, contract_id: int, now: datetime) -> None:
    """Take away the sessions of long ago, which have all ended."""
    old = session.c.begun_at < now - SESSIONS_KEPT
    connection.execute(delete(session).where(session.c.contract_id == contract_id, old))


def was_used_from(
    connection: Connection, contract_id: int, name: str, address: str, since: datetime
) -> bool:
    """Whether a session of the account began from the address since then."""
    query = select(session.c.session_id).where(
        session.c.contract_id == contract_id,
        session.c.account == name,
        session.c.origin == address,
        session.c.begun_at > since,
    )
    return connection.execute(query.limit(1)).first() is not None


@dataclass(frozen=True)
class Live:
    """A session in which somebody is signed in; `origin` is the address that it began from."""

    session_id: int
    viewer: Viewer
    begun_at: datetime
    seen_at: datetime
    origin: str


def live_sessions(connection: Connection, contract_id: int, now: datetime) -> Sequence[Live]:
    """Every session that has not ended, by name, the last seen first."""
    query = (
        select(
            session.c.session_id,
            account.c.name,
            account.c.role,
            account.c.team,
            session.c.begun_at,
            session.c.seen_at,
            session.c.origin,
        )
        .select_from(_SESSIONS)
        .where(session.c.contract_id == contract_id, _IS_LIVE)
        .order_by(account.c.name, session.c.seen_at.desc(), session.c.session_id.desc())
    )
    return [
        Live(number, Viewer(name, Role(role), team), begun_at, seen_at, origin)
        for number, name, role, team, begun_at, seen_at, origin in connection.execute(
            query, _limits(now)
        )
    ]


def redeem_ticket(
    connection: Connection, contract_id: int, ticket_hash: str, token_hash: str, now: datetime
) -> bool:
    """Exchange a ticket for a token, once and soon after it was given; whether it was good."""
    row = (
        update(session)
        .where(session.c.contract_id == contract_id, session.c.ticket_hash == ticket_hash)
        .where(session.c.begun_at > now - TICKET_LIMIT, session.c.begun_at < now + CLOCKS_APART)
        .values(ticket_hash=None, token_hash=token_hash)
    )
    return connection.execute(row).rowcount == 1


@dataclass(frozen=True)
class InUse:
    """A live session, whose it is, and when it was last noted as in use."""

    session_id: int
    seen_at: datetime
    account: Account


def of_token(
    connection: Connection, contract_id: int, token_hash: str, now: datetime
) -> InUse | None:
    """The live session that a token belongs to."""
    return _in_use(connection, _OF_TOKEN, contract_id, token_hash, now)


def of_session(
    connection: Connection, contract_id: int, session_id: int, now: datetime
) -> InUse | None:
    """The live session of that id."""
    return _in_use(connection, _OF_SESSION, contract_id, session_id, now)


def _in_use(
    connection: Connection,
    query: Select[Any],
    contract_id: int,
    by: str | int,
    now: datetime,
) -> InUse | None:
    asked = {"contract": contract_id, "by": by, **_limits(now)}
    row = connection.execute(query, asked).first()
    if row is None:
        return None
    values = dict(row._mapping)
    return InUse(values.pop("session_id"), values.pop("seen_at"), _account(values))


def _limits(now: datetime) -> Mapping[str, datetime]:
    """Between what a session that lives was seen and has begun."""
    return {
        "seen_after": now - IDLE_LIMIT,
        "seen_before": now + IDLE_LIMIT,
        "begun_after": now - ABSOLUTE_LIMIT,
        "begun_before": now + IDLE_LIMIT,
    }


def see_session(connection: Connection, contract_id: int, session_id: int, now: datetime) -> None:
    """Note that a session is in use."""
    row = update(session).where(_session(contract_id, session_id))
    connection.execute(row.values(seen_at=now))


def end_session(connection: Connection, contract_id: int, session_id: int, now: datetime) -> None:
    """End one session."""
    _end(connection, now, _session(contract_id, session_id))


def end_sessions(connection: Connection, contract_id: int, name: str, now: datetime) -> None:
    """End every session of an account."""
    _end(connection, now, and_(session.c.contract_id == contract_id, session.c.account == name))


def end_all(connection: Connection, now: datetime) -> None:
    """End every session of every contract for good: no ticket and no token is good any more."""
    connection.execute(update(session).values(ticket_hash=None, token_hash=None))
    connection.execute(update(session).where(session.c.ended_at.is_(None)).values(ended_at=now))


def _end(connection: Connection, now: datetime, which: ColumnElement[bool]) -> None:
    row = update(session).where(which, session.c.ended_at.is_(None))
    connection.execute(row.values(ended_at=now))


def _session(contract_id: int, session_id: int) -> ColumnElement[bool]:
    return and_(session.c.contract_id == contract_id, session.c.session_id == session_id)


def _is(contract_id: int, name: str) -> ColumnElement[bool]:
    return and_(account.c.contract_id == contract_id, account.c.name == name)
