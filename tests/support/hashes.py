"""Password hashes at the least cost: a safe one takes a sixth of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

from argon2 import PasswordHasher, extract_parameters

from lib.actions import passwords

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
COST = extract_parameters(_CHEAP.hash(""))


def cheap() -> AbstractContextManager[object]:
    """Within it passwords are hashed, and looked up in vain, at the least cost."""
    old = passwords._NOBODYS_OLD.replace("$12$", "$04$")  # noqa: SLF001 - the one that is checked
    return mock.patch.multiple(passwords, HASHER=_CHEAP, _NOBODYS_OLD=old)
