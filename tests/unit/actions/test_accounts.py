"""Passwords that are tried at the same time are no way around the limit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.access import Role, Viewer
from lib.actions.accounts import ATTEMPTS, count_attempt
from lib.store import accounts, setup
from lib.store.engine import open_store, writing
from tests.spec.small import TERMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Try = Callable[..., bool]

NOW = datetime(2023, 3, 6, 1, tzinfo=UTC)
NAME = "leader"


@pytest.fixture
def attempt(store_url: str) -> Iterator[Try]:
    """A function that tries a password of the only account: right or not, and when."""
    engine = open_store(store_url)
    stored = setup.prepare(engine, contract.parse(TERMS, "合同.toml"))
    with writing(engine) as connection:
        viewer = Viewer(NAME, Role.LEADER)
        accounts.add(connection, stored.id, viewer, password_hash="-", at=NOW)

    def attempt(*, right: bool, now: datetime = NOW) -> bool:
        return count_attempt(engine, stored, NAME, right=right, now=now)

    yield attempt
    engine.dispose()


def test_wrong_ones_at_the_same_time_are_each_counted(attempt: Try):
    with ThreadPoolExecutor(ATTEMPTS) as sessions:
        tried = [sessions.submit(attempt, right=False) for _ in range(ATTEMPTS)]

    assert [found.result() for found in tried] == [False] * ATTEMPTS
    assert not attempt(right=True)


def test_the_right_one_comes_too_late_after_too_many_wrong_ones(attempt: Try):
    for _ in range(ATTEMPTS - 1):
        attempt(right=False)
    assert attempt(right=True)

    for _ in range(ATTEMPTS):
        attempt(right=False)
    assert not attempt(right=True, now=NOW + timedelta(minutes=15))
    assert attempt(right=True, now=NOW + timedelta(minutes=16))


def test_wrong_ones_are_forgotten_after_a_while(attempt: Try):
    for _ in range(ATTEMPTS - 1):
        attempt(right=False)
    later = NOW + timedelta(minutes=16)

    assert not attempt(right=False, now=later)
    assert attempt(right=True, now=later)
