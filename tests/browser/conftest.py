"""What tests in a real browser stand on: a filled store, and the product running on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from lib import contract
from lib.store import setup
from lib.store.engine import open_store
from tests.support.app_process import running
from tests.support.shell import Shell
from tests.support.small_office import (
    ADMIN,
    LEAD,
    LEADER,
    OTHER_LEAD,
    REVIEWER,
    TERMS,
    logs,
    rosters,
)
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.outside import Outside

# Two servers and two browsers share a small machine: what is waited for comes, but not at once.
expect.set_options(timeout=20_000)


@pytest.fixture(autouse=True)
def nothing_leaves(world: Outside) -> Iterator[None]:
    """Whatever a test does in the browser, its pages ask no other machine for anything."""
    world.heard()
    yield
    assert world.heard() == []


@pytest.fixture(scope="module")
def loaded(sqlite_stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A store that an operator filled by the command line: rosters, logs, users."""
    folder = tmp_path_factory.mktemp("loaded")
    terms = folder / "contract.toml"
    terms.write_text(TERMS)
    with sqlite_stores.fresh(folder) as url:
        shell = Shell(url, terms, folder)
        everything = [
            shell("migrate"),
            shell("rosters", shell.file("名册.xlsx", rosters())),
            shell("post", shell.file("三月.xlsx", logs()), "--by", "示例经办"),
        ]
        assert [done.returncode for done in everything] == [0, 0, 0]
        engine = open_store(url)
        office = Office(engine, setup.opened(engine, contract.load(terms)))
        for viewer in (LEAD, OTHER_LEAD, LEADER, REVIEWER, ADMIN):
            office.add(viewer)
        engine.dispose()
        yield shell


@pytest.fixture(scope="module")
def address(loaded: Shell, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product, running on that store."""
    log = tmp_path_factory.mktemp("log") / "app.log"
    with running(loaded.url, log, CONTRACT=str(loaded.contract)) as address:
        yield address
