"""Accounts and sessions in both stores: which session a token still opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.access import Role, Viewer
from lib.store import accounts, setup
from lib.store.engine import open_store, reading, writing
from tests.spec.small import TERMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

NOW = datetime(2023, 3, 6, 1, tzinfo=UTC)
NAME = "leader"


@dataclass(frozen=True)
class Store:
    """A store with one account in it."""

    engine: Engine
    contract_id: int

    def session_of(self, token: str, now: datetime) -> int | None:
        """The session that the token opens."""
        with reading(self.engine) as connection:
            found = accounts.of_token(connection, self.contract_id, token, now)
        return found.session_id if found else None


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh store with one account in it."""
    engine = open_store(store_url)
    stored = setup.prepare(engine, contract.parse(TERMS, "合同.toml"))
    with writing(engine) as connection:
        viewer = Viewer(NAME, Role.LEADER)
        accounts.add(connection, stored.id, viewer, password_hash="-", at=NOW)
    yield Store(engine, stored.id)
    engine.dispose()


def begin(connection: Connection, contract_id: int) -> int:
    """A session whose ticket was exchanged for the token."""
    session_id = accounts.begin_session(connection, contract_id, NAME, "ticket", NOW)
    assert accounts.redeem_ticket(connection, contract_id, "ticket", "token", NOW)
    return session_id


def test_a_token_opens_its_session(store: Store):
    with writing(store.engine) as connection:
        session_id = begin(connection, store.contract_id)

    assert store.session_of("token", NOW) == session_id
    assert store.session_of("another", NOW) is None


@pytest.mark.parametrize("end", ["signed out", "everywhere", "disabled", "idle", "old"])
def test_a_token_opens_no_session_that_has_ended(store: Store, end: str):
    now = NOW
    with writing(store.engine) as connection:
        session_id = begin(connection, store.contract_id)
        match end:
            case "signed out":
                accounts.end_session(connection, store.contract_id, session_id, NOW)
            case "everywhere":
                accounts.end_sessions(connection, store.contract_id, NAME, NOW)
            case "disabled":
                accounts.change(connection, store.contract_id, NAME, disabled=True)
            case "idle":
                now = NOW + accounts.IDLE_LIMIT
            case "old":
                now = NOW + accounts.ABSOLUTE_LIMIT
                last = now - timedelta(minutes=1)
                accounts.see_session(connection, store.contract_id, session_id, last)

    assert store.session_of("token", now) is None
