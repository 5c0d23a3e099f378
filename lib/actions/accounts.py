"""Users: adding, changing, disabling; signing in and out."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import bcrypt

from lib.access import Role, Viewer, may_administer, operator, require
from lib.errors import NotPermittedError, RefusedError, StoreError
from lib.store import accounts, audit, contracts, rosters
from lib.store.engine import reading, writing
from lib.text import squeezed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract

NAME_LIMIT = 40
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD_BYTES = 72  # bcrypt reads no further
ATTEMPTS = 10
_SEEN_EVERY = timedelta(minutes=1)


def account_name(written: str) -> str:
    """The name by which an account is kept: the sign-in form compares lower-case names."""
    return squeezed(written).lower()


def password_fault(password: str, name: str) -> str | None:
    """What is wrong with a new password, as a sentence."""
    if password != password.strip():
        return "密码首尾不能是空格。"
    if len(password) < SHORTEST_PASSWORD:
        return f"密码至少 {SHORTEST_PASSWORD} 位。"
    if len(password.encode()) > LONGEST_PASSWORD_BYTES:
        return f"密码太长：最多 {LONGEST_PASSWORD_BYTES} 个字节（约 24 个汉字）。"
    if (name and name in password.lower()) or len(set(password)) <= 3:  # noqa: PLR2004 - aaaa, 1212
        return "密码太容易猜：不能含有用户名，也不能只用两三个字符反复。"
    return None


def add_account(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    new: Viewer,
    password: str,
    now: datetime,
) -> None:
    """Add an account; RefusedError with a sentence when name, team or password do not do."""
    require(may_administer(viewer), "管理用户")
    hashed = _hashed(password, new.name)
    with contracts.acting(engine, stored) as connection:
        _add(connection, stored, viewer, new, hashed, now)


def add_first_admin(
    engine: Engine, stored: StoredContract, name: str, password: str, now: datetime
) -> None:
    """Add the first administrator; NotPermittedError once there is any account."""
    new = Viewer(account_name(name), Role.ADMIN)
    hashed = _hashed(password, new.name)
    with contracts.acting(engine, stored) as connection:
        if accounts.count(connection, stored.id):
            raise NotPermittedError("已经有用户了，请用已有的账号登录。")
        _add(connection, stored, operator(new.name), new, hashed, now)


def needs_first_admin(engine: Engine, stored: StoredContract) -> bool:
    """Whether nobody can sign in yet."""
    with reading(engine) as connection:
        return accounts.count(connection, stored.id) == 0


def _add(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    new: Viewer,
    hashed: str,
    now: datetime,
) -> None:
    _require_fitting(connection, stored, new)
    accounts.add(connection, stored.id, new, password_hash=hashed, at=now)
    after = {"role": str(new.role), "team": new.team}
    _record(connection, stored, viewer, "add_account", new.name, now, after=after)


def _require_fitting(connection: Connection, stored: StoredContract, new: Viewer) -> None:
    if not new.name or len(new.name) > NAME_LIMIT or new.name != account_name(new.name):
        raise RefusedError(f"用户名应为 1 至 {NAME_LIMIT} 个字，不含空格，字母用小写。")
    if accounts.find(connection, stored.id, new.name):
        raise RefusedError(f"用户名“{new.name}”已经有了，请换一个。")
    teams = rosters.load(connection, stored.id).teams
    if new.role is Role.TEAM_LEAD and new.team not in teams:
        known = "、".join(teams) or "（名册中还没有小组，请先导入名册）"
        raise RefusedError(f"项目组长要指定名册中的小组，现有：{known}。")
    if new.role is not Role.TEAM_LEAD and new.team is not None:
        raise RefusedError("只有项目组长才有小组。")


def set_disabled(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    name: str,
    *,
    disabled: bool,
    now: datetime,
) -> None:
    """Disable an account, which ends its sessions, or enable it again; not one's own."""
    require(may_administer(viewer), "管理用户")
    if name == viewer.name and disabled and not viewer.is_operator:
        raise RefusedError("不能停用自己的账号。")
    with contracts.acting(engine, stored) as connection:
        found = _existing(connection, stored, name)
        accounts.change(connection, stored.id, name, disabled=disabled)
        accounts.end_sessions(connection, stored.id, name, now)
        before, after = {"disabled": found.disabled}, {"disabled": disabled}
        act = "disable_account" if disabled else "enable_account"
        _record(connection, stored, viewer, act, name, now, before=before, after=after)


def set_password(
    engine: Engine, stored: StoredContract, viewer: Viewer, name: str, password: str, now: datetime
) -> None:
    """Give an account a new password, which ends its sessions; by an administrator or oneself."""
    require(may_administer(viewer) or viewer.name == name, "修改他人的密码")
    hashed = _hashed(password, name)
    with contracts.acting(engine, stored) as connection:
        _existing(connection, stored, name)
        accounts.change(connection, stored.id, name, password_hash=hashed, failed_attempts=0)
        accounts.end_sessions(connection, stored.id, name, now)
        _record(connection, stored, viewer, "set_password", name, now)


def change_own_password(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    present: str,
    new: str,
    now: datetime,
) -> None:
    """Give oneself a new password; the present one is asked for, and wrong ones are counted."""
    if not is_own_password(engine, stored, viewer, present, now):
        raise RefusedError("现在的密码不对。")
    set_password(engine, stored, viewer, viewer.name, new, now)


def is_own_password(
    engine: Engine, stored: StoredContract, viewer: Viewer, password: str, now: datetime
) -> bool:
    """Whether it is the viewer's own password: asked again where an act weighs more than others.

    Wrong ones are counted as at sign-in; RefusedError after too many.
    """
    with reading(engine) as connection:
        found = _existing(connection, stored, viewer.name)
    if found.recent_failures(now) >= ATTEMPTS:
        raise RefusedError("密码输错次数过多，请 15 分钟后再试。")
    # bcrypt refuses longer ones with an error; no password that long was ever set.
    fits = len(password.encode()) <= LONGEST_PASSWORD_BYTES
    right = fits and bcrypt.checkpw(password.encode(), found.password_hash.encode())
    return count_attempt(engine, stored, viewer.name, right=right, now=now)


def _existing(connection: Connection, stored: StoredContract, name: str) -> accounts.Account:
    found = accounts.find(connection, stored.id, name)
    if found is None:
        raise RefusedError(f"没有用户“{name}”。")
    return found


def _hashed(password: str, name: str) -> str:
    fault = password_fault(password, name)
    if fault:
        raise RefusedError(fault)
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


@dataclass(frozen=True)
class SignedIn:
    """A session that began; its ticket is good once, soon, for the token a browser keeps."""

    session_id: int
    ticket: str


def begin_session(engine: Engine, stored: StoredContract, name: str, now: datetime) -> SignedIn:
    """Begin a session for a name whose password was verified."""
    ticket = secrets.token_urlsafe(32)
    with contracts.acting(engine, stored) as connection:
        found = _existing(connection, stored, name)
        if found.disabled:
            raise NotPermittedError("此账号已停用，请联系管理员。")
        session_id = accounts.begin_session(connection, stored.id, name, _hash(ticket), now)
        _record(connection, stored, found.viewer, "sign_in", name, now)
    return SignedIn(session_id, ticket)


def redeem_ticket(engine: Engine, stored: StoredContract, ticket: str, now: datetime) -> str | None:
    """The token of the session that the ticket was given for; None for any other ticket."""
    token = secrets.token_urlsafe(32)
    with contracts.acting(engine, stored) as connection:
        good = accounts.redeem_ticket(connection, stored.id, _hash(ticket), _hash(token), now)
    return token if good else None


def session_of(engine: Engine, stored: StoredContract, token: str, now: datetime) -> int | None:
    """The live session that a browser's token belongs to; None for any other text."""
    with reading(engine) as connection:
        return accounts.session_of(connection, stored.id, _hash(token), now)


def viewer_of(
    engine: Engine, stored: StoredContract, session_id: int, now: datetime
) -> Viewer | None:
    """Who is signed in with the session, as of this moment; None when nobody is."""
    with reading(engine) as connection:
        found = accounts.of_session(connection, stored.id, session_id, now)
    if found is None:
        return None
    account, seen_at = found
    if now - seen_at > _SEEN_EVERY:
        # Nobody waits for a page because somebody posts; the next look says it as well.
        with suppress(StoreError), writing(engine, at_once=True) as connection:
            accounts.see_session(connection, stored.id, session_id, now)
    return account.viewer


def end_session(engine: Engine, stored: StoredContract, session_id: int, now: datetime) -> None:
    """Sign out."""
    with contracts.acting(engine, stored) as connection:
        found = accounts.of_session(connection, stored.id, session_id, now)
        if found:
            accounts.end_session(connection, stored.id, session_id, now)
            account, _ = found
            _record(connection, stored, account.viewer, "sign_out", account.name, now)


def count_attempt(
    engine: Engine, stored: StoredContract, name: str, *, right: bool, now: datetime
) -> bool:
    """Whether a password that was tried is good: right, and not after too many wrong ones.

    Decided under the lock, so that tries at the same time are no way around the limit. Wrong ones
    are forgotten after a right one, and after a while.
    """
    with contracts.acting(engine, stored) as connection:
        failures = _existing(connection, stored, name).recent_failures(now)
        if failures >= ATTEMPTS:
            return False
        if right:
            accounts.change(connection, stored.id, name, failed_attempts=0, failed_at=None)
        else:
            counted = failures + 1
            accounts.change(connection, stored.id, name, failed_attempts=counted, failed_at=now)
            _record(connection, stored, operator(name), "sign_in_failed", name, now)
        return right


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    act: str,
    subject: str,
    now: datetime,
    *,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act=act,
        subject=subject,
        before=before,
        after=after,
    )
