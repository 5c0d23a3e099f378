"""Users: adding, changing, disabling; signing in and out."""

from __future__ import annotations

import hashlib
import math
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from lib.access import Role, Viewer, may_administer, may_give_oversight, may_oversee, require
from lib.actions import password_rules, passwords, sign_in
from lib.errors import NotPermittedError, RefusedError, StoreError
from lib.store import accounts, audit, contracts, rosters, sign_in_tries
from lib.store.engine import reading, writing
from lib.text import mask_identity_numbers, squeezed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract

T = TypeVar("T")
NAME_LIMIT = 40
_SEEN_EVERY = timedelta(minutes=1)


def account_name(written: str) -> str:
    """The name by which an account is kept: the sign-in form compares lower-case names.

    An identity number typed for it is masked, and so the name of no account.
    """
    return mask_identity_numbers(squeezed(written)).lower()


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
    hashed = _hashed(password, new.name, stored, viewer)
    with contracts.acting(engine, stored) as connection:
        _require_new_name(connection, stored, new.name)
        _add(connection, stored, viewer, new, hashed, now)


def add_first_admin(
    engine: Engine,
    stored: StoredContract,
    name: str,
    password: str,
    now: datetime,
    origin: str = "",
) -> None:
    """Add the first administrator; NotPermittedError once there is any account."""
    new = Viewer(account_name(name), Role.ADMIN)
    themselves = Viewer(new.name, None, origin=origin)
    hashed = _hashed(password, new.name, stored, themselves)
    with contracts.acting(engine, stored) as connection:
        if accounts.count(connection, stored.id):
            raise NotPermittedError("已经有用户了，请用已有的账号登录。")
        _require_new_name(connection, stored, new.name)
        _add(connection, stored, themselves, new, hashed, now)


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
    _require_team(connection, stored, new)
    accounts.add(connection, stored.id, new, password_hash=hashed, at=now)
    after = {"role": str(new.role), "team": new.team}
    _record(connection, stored, viewer, "add_account", new.name, now, after=after)


def _require_new_name(connection: Connection, stored: StoredContract, name: str) -> None:
    if not name or len(name) > NAME_LIMIT or name != account_name(name):
        raise RefusedError(f"用户名应为 1 至 {NAME_LIMIT} 个字，不含空格，字母用小写。")
    if accounts.find(connection, stored.id, name):
        raise RefusedError(f"用户名“{name}”已经有了，请换一个。")


def _require_team(connection: Connection, stored: StoredContract, new: Viewer) -> None:
    """Raise RefusedError unless a team lead, and nobody else, has a team of the roster."""
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
    """Disable an account, which ends its sessions, or enable it again.

    RefusedError for one's own, and for the last administrator who can sign in.
    """
    require(may_administer(viewer), "管理用户")
    if name == viewer.name and disabled and not viewer.is_operator:
        raise RefusedError("不能停用自己的账号。")
    with contracts.acting(engine, stored) as connection:
        found = _existing(connection, stored, name)
        accounts.change(connection, stored.id, name, disabled=disabled)
        _require_administrator(connection, stored, was=found)
        accounts.end_sessions(connection, stored.id, name, now)
        before, after = {"disabled": found.disabled}, {"disabled": disabled}
        act = "disable_account" if disabled else "enable_account"
        _record(connection, stored, viewer, act, name, now, before=before, after=after)


def change_role(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    name: str,
    role: Role,
    team: str | None,
    now: datetime,
) -> None:
    """Give an account another role or team, which ends its sessions.

    RefusedError for one's own role, for the last administrator who can sign in, for a team that
    does not fit, and when nothing would change.
    """
    require(may_administer(viewer), "管理用户")
    if name == viewer.name and not viewer.is_operator:
        raise RefusedError("不能改自己的角色，请由另一位管理员来改。")
    with contracts.acting(engine, stored) as connection:
        found = _existing(connection, stored, name)
        if (found.role, found.team) == (role, team):
            raise RefusedError(f"“{name}”的角色本来就是这样，没有改动。")
        _require_team(connection, stored, Viewer(name, role, team))
        oversees = found.oversees and may_oversee(role)
        accounts.change(connection, stored.id, name, role=role, team=team, oversees=oversees)
        _require_administrator(connection, stored, was=found)
        accounts.end_sessions(connection, stored.id, name, now)
        before: dict[str, object] = {"role": str(found.role), "team": found.team}
        after: dict[str, object] = {"role": str(role), "team": team}
        if oversees != found.oversees:
            before["oversees"], after["oversees"] = found.oversees, oversees
        _record(connection, stored, viewer, "change_role", name, now, before=before, after=after)


def set_oversight(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    name: str,
    *,
    oversees: bool,
    now: datetime,
) -> None:
    """Let an account see the sums of all contracts, or no longer, which ends its sessions.

    RefusedError for a team lead, and when nothing would change.
    """
    require(may_give_oversight(viewer), "决定谁能看各合同")
    with contracts.acting(engine, stored) as connection:
        found = _existing(connection, stored, name)
        if oversees and not may_oversee(found.role):
            raise RefusedError("项目组长不能看各合同。")
        if found.oversees == oversees:
            raise RefusedError(f"“{name}”本来就{'能' if oversees else '不能'}看各合同，没有改动。")
        accounts.change(connection, stored.id, name, oversees=oversees)
        accounts.end_sessions(connection, stored.id, name, now)
        before, after = {"oversees": found.oversees}, {"oversees": oversees}
        act = "let_oversee" if oversees else "end_oversight"
        _record(connection, stored, viewer, act, name, now, before=before, after=after)


def _require_administrator(
    connection: Connection, stored: StoredContract, was: accounts.Account
) -> None:
    """Raise RefusedError when a change of that account leaves no administrator to sign in."""
    is_lost = was.role is Role.ADMIN and not was.disabled
    if is_lost and not accounts.any_administrator(connection, stored.id):
        raise RefusedError(f"“{was.name}”是最后一位能登录的管理员，请先另设一位管理员。")


def set_password(
    engine: Engine, stored: StoredContract, viewer: Viewer, name: str, password: str, now: datetime
) -> None:
    """Give an account a new password, which ends its sessions; by an administrator or oneself.

    Who sees all contracts gets one from the operator alone: it would let an administrator in.
    """
    require(may_administer(viewer) or viewer.name == name, "修改他人的密码")
    hashed = _hashed(password, name, stored, viewer)
    with contracts.acting(engine, stored) as connection:
        found = _existing(connection, stored, name)
        if found.oversees and viewer.name != name and not may_give_oversight(viewer):
            raise RefusedError(f"“{name}”能看各合同，密码请由运维人员重设。")
        accounts.change(connection, stored.id, name, password_hash=hashed)
        sign_in_tries.forget_of(connection, stored.id, name)
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
    until = sign_in.waits_until(engine, stored, viewer.name, viewer.origin, now)
    if until:
        minutes = max(1, math.ceil((until - now) / timedelta(minutes=1)))
        raise RefusedError(f"密码输错次数过多，请 {minutes} 分钟后再试。")
    return sign_in.is_right(engine, stored, viewer.name, password, viewer.origin, now)


def _existing(connection: Connection, stored: StoredContract, name: str) -> accounts.Account:
    found = accounts.find(connection, stored.id, name)
    if found is None:
        raise RefusedError(f"没有用户“{name}”。")
    return found


def _hashed(password: str, name: str, stored: StoredContract, viewer: Viewer) -> str:
    """The hash to keep of a new password; RefusedError with a sentence when it does not do."""
    fault = password_rules.fault(password, name, stored.terms)
    if fault:
        raise RefusedError(fault)
    return passwords.hashed(password, viewer.origin)


@dataclass(frozen=True)
class SignedIn:
    """A session that began; its ticket is good once, soon, for the token a browser keeps."""

    session_id: int
    ticket: str


def begin_session(
    engine: Engine, stored: StoredContract, name: str, now: datetime, origin: str = ""
) -> SignedIn:
    """Begin a session for a name whose password was right, from an address; forget very old ones.

    NotPermittedError when the account is disabled.
    """
    ticket = secrets.token_urlsafe(32)
    with contracts.acting(engine, stored) as connection:
        found = _existing(connection, stored, name)
        if found.disabled:
            raise NotPermittedError("此账号已停用，请联系管理员。")
        session_id = accounts.begin_session(connection, stored.id, name, _hash(ticket), now, origin)
        accounts.forget_sessions(connection, stored.id, now)
        themselves = replace(found.viewer, origin=origin)
        _record(connection, stored, themselves, "sign_in", name, now)
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
        found = accounts.of_token(connection, stored.id, _hash(token), now)
    return found.session_id if found else None


def viewer_of(
    engine: Engine, stored: StoredContract, session_id: int, now: datetime
) -> Viewer | None:
    """Who is signed in with the session, as of this moment; None when nobody is."""
    found = arrived_in(engine, stored, session_id, now)
    return found.viewer if found else None


@dataclass(frozen=True)
class Arrival:
    """A live session, who is signed in with it, and how the contract stands at that moment."""

    session_id: int
    viewer: Viewer
    standing: contracts.Standing


def arrived(engine: Engine, stored: StoredContract, token: str, now: datetime) -> Arrival | None:
    """Who comes with a browser's token, which is noted; None for any other text."""
    return _arrived(engine, stored, accounts.of_token, _hash(token), now)


def arrived_in(
    engine: Engine, stored: StoredContract, session_id: int, now: datetime
) -> Arrival | None:
    """Who comes in a session, which is noted; None when it has ended."""
    return _arrived(engine, stored, accounts.of_session, session_id, now)


def _arrived(
    engine: Engine,
    stored: StoredContract,
    find: Callable[[Connection, int, T, datetime], accounts.InUse | None],
    by: T,
    now: datetime,
) -> Arrival | None:
    """Who comes; once in a while it is noted that the session is in use."""
    with reading(engine) as connection:
        found = find(connection, stored.id, by, now)
        standing = contracts.standing(connection, stored.id)
    if found is None:
        return None
    if abs(now - found.seen_at) > _SEEN_EVERY:  # it may have been put back
        # Nobody waits for a page because somebody posts; the next look says it as well.
        with suppress(StoreError), writing(engine, at_once=True) as connection:
            accounts.see_session(connection, stored.id, found.session_id, now)
    return Arrival(found.session_id, found.account.viewer, standing)


def end_session(engine: Engine, stored: StoredContract, session_id: int, now: datetime) -> None:
    """Sign out."""
    with contracts.acting(engine, stored) as connection:
        found = accounts.of_session(connection, stored.id, session_id, now)
        if found:
            accounts.end_session(connection, stored.id, session_id, now)
            viewer = found.account.viewer
            _record(connection, stored, viewer, "sign_out", viewer.name, now)


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
