"""Trying a password: the same is computed whoever is named, and wrong tries make wait.

Wrong ones are counted by account and by address. An account that was used from an address lately
has a count of its own there: who knows a name and tries it from elsewhere locks nobody out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from lib.access import Viewer, may_administer, require
from lib.actions import passwords
from lib.errors import RefusedError
from lib.store import accounts, audit, contracts, sign_in_tries
from lib.store.engine import reading
from lib.store.sign_in_tries import Key, Tries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.store.accounts import Account
    from lib.store.contracts import StoredContract

FORGOTTEN_AFTER = timedelta(hours=12)  # without another wrong one: a night
LATELY = timedelta(days=30)  # an address from which an account was used is known for so long
NOBODY = "（未登录）"  # who tried a name that nobody has, in the audit log
_GROUPS = 4096  # of such names


@dataclass(frozen=True)
class Limit:
    """So many wrong ones are free; each after makes wait twice as long, a minute to `longest`."""

    free: int
    longest: timedelta

    def until(self, tries: Tries | None, now: datetime) -> datetime | None:
        """When the next is looked at; None when at once.

        Another machine's clock may be a little ahead; one far ahead was wrong, and is not waited
        for.
        """
        if tries is None or tries.failures < self.free:
            return None
        doubled = min(tries.failures - self.free, 16)
        end = tries.failed_at + min(timedelta(minutes=2**doubled), self.longest)
        return end if now < end and not _is_forgotten(tries, now) else None


OF_ACCOUNT = Limit(free=10, longest=timedelta(hours=1))
OF_ADDRESS = Limit(free=100, longest=timedelta(minutes=15))  # a whole office may share one


def limit_of(key: Key) -> Limit:
    """What holds of tries under a key."""
    return OF_ACCOUNT if key.name else OF_ADDRESS


def _is_forgotten(tries: Tries, now: datetime) -> bool:
    return abs(now - tries.failed_at) > FORGOTTEN_AFTER


def is_right(
    engine: Engine, stored: StoredContract, name: str, password: str, origin: str, now: datetime
) -> bool:
    """Whether a password that is tried from an address is the account's, and is looked at now.

    Names that there are not, that are disabled and that have to wait get the same answer after the
    same work. Decided under the lock: tries at the same time are no way around a limit. A hash of
    the old kind is replaced. RefusedError when too many try at once.
    """
    with reading(engine) as connection:
        found = _usable(connection, stored, name)
        old_kind_too = accounts.any_hash_like(connection, stored.id, passwords.OLD_KIND)
    kept = found.password_hash if found else None
    right = passwords.verify(password, kept, origin, old_kind_too=old_kind_too)
    tried = _Try(name, origin, now, found if right else None)
    with contracts.acting(engine, stored) as connection:
        opens = _decide(connection, stored, tried)
    if opens and kept and passwords.needs_rehash(kept):  # only now: it takes its time
        _renew(engine, stored, name, kept, passwords.hashed(password, origin))
    return opens


@dataclass(frozen=True)
class _Try:
    """A password tried for a name from an address; `right` is the account that it was right for."""

    name: str
    origin: str
    now: datetime
    right: Account | None


def _decide(connection: Connection, stored: StoredContract, tried: _Try) -> bool:
    """Whether it opens; a wrong one is counted, a right one forgets the account's wrong ones."""
    keys = _keys(connection, stored, tried.name, tried.origin, tried.now)
    if _until(connection, stored, keys, tried.now):
        return False
    if tried.right and _usable(connection, stored, tried.name) == tried.right:
        for key in keys:
            if key.name:  # not the address's: others may be tried from there
                sign_in_tries.forget(connection, stored.id, key)
        return True
    _count(connection, stored, tried, keys)
    return False


def _renew(engine: Engine, stored: StoredContract, name: str, kept: str, new: str) -> None:
    """Keep a hash of the same password as hashes are made now, unless it was changed meanwhile."""
    with contracts.acting(engine, stored) as connection:
        found = accounts.find(connection, stored.id, name)
        if found and found.password_hash == kept:
            accounts.change(connection, stored.id, name, password_hash=new)


def _usable(connection: Connection, stored: StoredContract, name: str) -> Account | None:
    """The account of that name, if it can sign in."""
    found = accounts.find(connection, stored.id, name)
    return None if found is None or found.disabled else found


def _keys(
    connection: Connection, stored: StoredContract, name: str, origin: str, now: datetime
) -> Sequence[Key]:
    """What a try counts under; what somebody typed as a name may be a password, and is not kept."""
    from_there = [Key("", origin)] if origin else []
    if accounts.find(connection, stored.id, name) is None:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()) % _GROUPS
        return [Key(f" {number:03x}", ""), *from_there]  # no account's name begins with a blank
    since = now - LATELY
    if origin and accounts.was_used_from(connection, stored.id, name, origin, since):
        return [Key(name, origin)]
    return [Key(name, ""), *from_there]


def _until(
    connection: Connection, stored: StoredContract, keys: Sequence[Key], now: datetime
) -> datetime | None:
    """When the next try is looked at; None when at once."""
    kept = {key: sign_in_tries.find(connection, stored.id, key) for key in keys}
    ends = (limit_of(key).until(tries, now) for key, tries in kept.items())
    return max((end for end in ends if end), default=None)


def _count(
    connection: Connection, stored: StoredContract, tried: _Try, keys: Sequence[Key]
) -> None:
    now = tried.now
    sign_in_tries.forget_before(connection, stored.id, now - FORGOTTEN_AFTER)
    for key in keys:
        before = sign_in_tries.find(connection, stored.id, key)
        failures = before.failures + 1 if before and not _is_forgotten(before, now) else 1
        sign_in_tries.keep(connection, stored.id, Tries(key, failures, now))
    subject = tried.name if accounts.find(connection, stored.id, tried.name) else ""
    by = Viewer(subject or NOBODY, None, origin=tried.origin)
    audit.record(connection, stored.id, at=now, viewer=by, act="sign_in_failed", subject=subject)


def waits_until(
    engine: Engine, stored: StoredContract, name: str, origin: str, now: datetime
) -> datetime | None:
    """When a password of that name is looked at again from that address; None when at once."""
    with reading(engine) as connection:
        keys = _keys(connection, stored, name, origin, now)
        return _until(connection, stored, keys, now)


@dataclass(frozen=True)
class Waiting:
    """Wrong tries that are not forgotten, and until when the next is not looked at.

    `key` is an account's, an account's at one address, or an address's.
    """

    key: Key
    failures: int
    failed_at: datetime
    until: datetime | None


@dataclass(frozen=True)
class Recent:
    """The wrong tries of the last hours; of names that nobody has there is only the number."""

    of_known: Sequence[Waiting]
    of_nobody: int


def recent(engine: Engine, stored: StoredContract, viewer: Viewer, now: datetime) -> Recent:
    """The wrong tries that are not forgotten yet, the latest first."""
    require(may_administer(viewer), "查看登录情况")
    with reading(engine) as connection:
        kept = sign_in_tries.listed(connection, stored.id)
        known = {account.name for account in accounts.listed(connection, stored.id)}
    fresh = [tries for tries in kept if not _is_forgotten(tries, now)]
    shown = [tries for tries in fresh if tries.key.name in known | {""}]
    return Recent(
        [
            Waiting(each.key, each.failures, each.failed_at, limit_of(each.key).until(each, now))
            for each in shown
        ],
        sum(tries.failures for tries in fresh if tries not in shown),
    )


def lift(
    engine: Engine, stored: StoredContract, viewer: Viewer, subject: str, now: datetime
) -> None:
    """Forget the wrong tries of an account, or of an address; RefusedError when there are none."""
    require(may_administer(viewer), "解除登录限制")
    with contracts.acting(engine, stored) as connection:
        if not sign_in_tries.forget_of(connection, stored.id, subject):
            raise RefusedError(f"“{subject}”现在没有登录限制。")
        audit.record(
            connection, stored.id, at=now, viewer=viewer, act="lift_sign_in_limit", subject=subject
        )
