"""What tests stand on: a fresh store on each database, a browser, the product running."""

from __future__ import annotations

import gc
import os
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from tests.support import statements
from tests.support.app_process import running
from tests.support.blobs import Bucket
from tests.support.chromium import FLAGS, MISSING, find_chromium
from tests.support.outside import Outside, outside
from tests.support.stores import PostgreSQLStores, SQLiteStores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page


# No test reads or writes the store of whoever runs it: one that names none finds none.
os.environ["DATABASE_URL"] = "sqlite:///nowhere/store.db"

statements.share()


def pytest_collection_finish() -> None:
    """Leave what is imported and collected out of every collection of garbage from here on.

    The others come less often than by default: the tests' memory allows for it.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses the browser; run their files last, those with many of them first.

    They are the slowest, and Playwright leaves an event loop running in the main thread, beside
    which no other test could call `asyncio.run`. A large file at the end would run alone.
    """
    seeing: Counter[Path] = Counter()
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            seeing[item.path] += 1
    items.sort(key=lambda item: (seeing[item.path] > 0, -seeing[item.path]))


@pytest.fixture(scope="session")
def sqlite_stores(tmp_path_factory: pytest.TempPathFactory) -> SQLiteStores:
    """Copies of a SQLite file that was migrated once."""
    return SQLiteStores.migrated_in(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_stores() -> Iterator[PostgreSQLStores]:
    """Copies of a database that was migrated once, on a real PostgreSQL server."""
    with PostgreSQLStores.migrated() as stores:
        yield stores


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh store, migrated and empty; the test runs once on each database."""
    with (
        request.getfixturevalue("sqlite_stores").fresh(tmp_path)
        if request.param == "sqlite"
        else request.getfixturevalue("postgresql_stores").fresh()
    ) as url:
        yield url


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    """A bucket on a real S3-compatible server."""
    with Bucket.served() as bucket:
        yield bucket


@pytest.fixture(params=["folder", "s3"])
def evidence_url(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The URL of a fresh place for photos and scans; the test runs once on each kind."""
    if request.param == "folder":
        return (tmp_path / "evidence").as_uri()
    bucket: Bucket = request.getfixturevalue("bucket")
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return bucket.fresh()


@pytest.fixture
def running_app(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """A function that starts the product on a store and gives its address, until the test ends."""
    with ExitStack() as processes:

        def start(store_url: str, **environment: str) -> str:
            return processes.enter_context(running(store_url, tmp_path / "app.log", **environment))

        yield start


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's executable; without one the test fails, it is not skipped."""
    return find_chromium() or pytest.fail(MISSING)


@pytest.fixture(scope="session")
def world() -> Iterator[Outside]:
    """What the browser finds where this machine ends."""
    with outside() as world:
        yield world


@pytest.fixture(scope="session")
def browser(chromium: Path, world: Outside) -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    with sync_playwright() as playwright:
        flags = [*FLAGS, world.flag]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def rested() -> list[BrowserContext]:
    """Browsers of users who have left; they know the server's scripts already."""
    return []


@pytest.fixture
def new_page(browser: Browser, rested: list[BrowserContext]) -> Iterator[Callable[[], Page]]:
    """A function that opens the browser of one more user: Chinese, in Beijing, with no cookie."""
    with ExitStack() as left:

        def open_page() -> Page:
            context = rested.pop() if rested else browser.new_context(**_CHINESE)
            left.callback(_left, context, rested)
            return context.new_page()

        yield open_page


_CHINESE: dict[str, Any] = {
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "viewport": {"width": 1440, "height": 900},
    "reduced_motion": "reduce",  # what moves while one waits is a quarter of a browser's work
}


def _left(context: BrowserContext, rested: list[BrowserContext]) -> None:
    """Let a browser forget its user."""
    context.set_offline(False)
    for page in context.pages:
        page.close()
    context.clear_cookies()
    rested.append(context)


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """The browser of the only user."""
    return new_page()
