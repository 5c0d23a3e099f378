"""What faults are tried on: stores of the small contract, with rosters and people, no entries."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.faults.acts import Place, made_ready, require_intact, require_sound
from tests.support import hashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    Fresh = Callable[[], AbstractContextManager[str]]


@pytest.fixture(autouse=True, scope="package")
def _cheap_hashes() -> Iterator[None]:
    """Passwords are hashed at the least cost."""
    with hashes.cheap():
        yield


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def fresh_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fresh]:
    """A function that makes one more store, as a context in which its URL holds."""
    folder = tmp_path_factory.mktemp("stores")
    if request.param == "sqlite":
        yield _files(request.getfixturevalue("sqlite_stores").template, folder)
        return
    with request.getfixturevalue("postgresql_stores").copies(made_ready) as fresh:
        yield fresh


@pytest.fixture
def place(fresh_store: Fresh, tmp_path: Path) -> Iterator[Place]:
    """A store of a test's own, which is sound when the test is over."""
    with fresh_store() as url:
        place = Place.opened(url, (tmp_path / "evidence").as_uri())
        yield place
        require_intact(place)
        require_sound(place)
        place.engine.dispose()


def _files(migrated: Path, folder: Path) -> Fresh:
    template, store = folder / "template.db", folder / "store.db"
    shutil.copyfile(migrated, template)
    made_ready(f"sqlite:///{template}")

    @contextmanager
    def fresh() -> Iterator[str]:
        for old in folder.glob("store.db*"):
            old.unlink()
        shutil.copyfile(template, store)
        yield f"sqlite:///{store}"

    return fresh
