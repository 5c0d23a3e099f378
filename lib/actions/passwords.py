"""Password hashes: making them, and checking one at the same cost whatever is kept.

Argon2id with the memory and passes that RFC 9106 (section 4) names for where memory is scarce, in
one lane, so that one hash keeps one core busy. bcrypt's of before are still checked.
"""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from collections import Counter
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lib.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 128  # characters
OLD_KIND = "$2"  # how a hash of bcrypt's begins
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_OLD_BYTES = 72  # bcrypt reads no further
_NOBODYS_OLD = f"{OLD_KIND}b$12${'.' * 53}"  # as costly to check as those that were made


class Line:
    """Who wants a hash computed waits here, so that a flood takes neither all cores nor memory."""

    def __init__(self, *, at_once: int, waiting: int, of_one_address: int) -> None:
        """Let so many compute at once; so many be here, in all and of one address."""
        self._computing = BoundedSemaphore(at_once)
        self._waiting, self._of_one_address = waiting, of_one_address
        self._addresses: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def turn(self, address: str) -> Iterator[None]:
        """Compute within; RefusedError when too many wait, of this address or in all."""
        with self._lock:
            is_full = self._addresses.total() >= self._waiting
            if is_full or self._addresses[address] >= self._of_one_address:
                raise RefusedError("现在尝试登录的人太多，请过一分钟再试。")
            self._addresses[address] += 1
        try:
            with self._computing:
                yield
        finally:
            with self._lock:
                self._addresses[address] -= 1
                self._addresses += Counter()  # lets go of those that are down to none


_LINE = Line(at_once=max(1, (os.cpu_count() or 1) // 2), waiting=50, of_one_address=10)


def hashed(password: str, address: str = "") -> str:
    """A hash of the password to keep; RefusedError when too many wait for one."""
    with _LINE.turn(address):
        return HASHER.hash(password)


def verify(
    password: str, kept: str | None, address: str = "", *, old_kind_too: bool = False
) -> bool:
    """Whether the password is the one of which a hash is kept; it never is of None.

    One Argon2 hash is computed in any case, and one of bcrypt's too while some of those are kept
    (`old_kind_too`): the time says nothing of whose password was tried. RefusedError when too many
    wait for one.
    """
    is_old = kept is not None and kept.startswith(OLD_KIND)
    tried = password[: LONGEST + 1]  # no longer one was ever set
    with _LINE.turn(address):
        right = _is_argon2(tried, kept if kept and not is_old else nobodys())
        if old_kind_too:
            right_old = _is_bcrypt(tried, kept if kept and is_old else _NOBODYS_OLD)
            return right_old if is_old else right
    return right


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made otherwise than hashes are made now."""
    return kept.startswith(OLD_KIND) or HASHER.check_needs_rehash(kept)


def _is_argon2(password: str, kept: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def _is_bcrypt(password: str, kept: str) -> bool:
    written = password.encode()
    fits = len(written) <= _OLD_BYTES and b"\0" not in written
    right = bcrypt.checkpw(written[:_OLD_BYTES].replace(b"\0", b"?"), kept.encode())
    return right and fits


def nobodys() -> str:
    """A hash that no password is known to have, as costly to check as any that is made now."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (HASHER.salt_len, HASHER.hash_len)
    )
    costs = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"
