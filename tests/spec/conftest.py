"""What the specs stand on: stores that many examples share, each under a contract of its own."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from lib.store.engine import open_store
from tests.support import hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Passwords are hashed at the least cost."""
    with hashes.cheap():
        yield


@pytest.fixture(scope="module", params=STORES)
def shared_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One store for a module's examples: hypothesis asks for fixtures once, not once an example."""
    with ExitStack() as ended:
        stores = request.getfixturevalue(f"{request.param}_stores")
        folder = (tmp_path_factory.mktemp("shared"),) if request.param == "sqlite" else ()
        engine = open_store(ended.enter_context(stores.fresh(*folder)))
        ended.callback(engine.dispose)
        yield engine


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A fresh store of a test's own."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()
