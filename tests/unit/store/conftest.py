"""What tests of the store stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from lib.store.engine import open_store, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

CONTRACT = (
    "INSERT INTO contract (contract_id, code, name, start_on, end_on, is_demonstration, revision) "
    "VALUES (1, 'a', 'a', '2023-01-01', '2023-12-31', false, 0)"
)


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A fresh store with one contract in it."""
    engine = open_store(store_url)
    with writing(engine) as connection:
        connection.execute(text(CONTRACT))
    yield engine
    engine.dispose()
