"""Opening a contract in a store again: what the dashboard has cached is shown no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from lib import contract
from lib.store import contracts, setup
from lib.store.engine import open_store, reading, writing
from lib.store.schema import calendar_day
from tests.spec.small import TERMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A fresh store."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()


def revisions(engine: Engine, *stored: contracts.StoredContract) -> list[int]:
    """What the figures of these contracts are cached by."""
    with reading(engine) as connection:
        return [contracts.revision(connection, one.id) for one in stored]


def test_a_calendar_that_changed_is_an_act_on_every_contract(engine: Engine):
    ours = contract.parse(TERMS, "ours")
    theirs = contract.parse(TERMS.replace('code = "small"', 'code = "other"'), "theirs")
    stored = [setup.prepare(engine, terms) for terms in (ours, theirs)]
    before = revisions(engine, *stored)

    setup.prepare(engine, ours)
    assert revisions(engine, *stored) == before

    with writing(engine) as connection:
        connection.execute(update(calendar_day).values(is_announced=False))
    setup.prepare(engine, ours)
    assert revisions(engine, *stored) == [number + 1 for number in before]
