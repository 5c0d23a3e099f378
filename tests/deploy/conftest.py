"""A filled PostgreSQL store and two app processes on it, behind the proxy that ships."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from lib import contract
from lib.store import setup
from lib.store.engine import open_store
from tests.support.app_process import HOST, served
from tests.support.proxy import MISSING, find_nginx, proxied
from tests.support.small_office import TERMS
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.app_process import Server
    from tests.support.proxy import Proxy
    from tests.support.stores import PostgreSQLStores

# Two servers and two browsers share a small machine: what is waited for comes, but not at once.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Site:
    """The office and the store's address; what starts a process on it."""

    office: Office
    url: str
    start: Callable[..., Server]
    folder: Path


@dataclass(frozen=True)
class Behind:
    """The proxy and the two processes behind it, in the order of its configuration."""

    proxy: Proxy
    first: Server
    second: Server


@pytest.fixture(scope="module")
def site(postgresql_stores: PostgreSQLStores, tmp_path_factory) -> Iterator[Site]:
    """A store with the small office in it, and nothing running yet."""
    folder = tmp_path_factory.mktemp("site")
    terms = folder / "contract.toml"
    terms.write_text(TERMS)
    with postgresql_stores.fresh() as url, ExitStack() as processes:
        engine = open_store(url)
        office = Office(engine, setup.prepare(engine, contract.load(terms)))
        office.fill()

        def start(name: str, **environment: str) -> Server:
            given = {
                "CONTRACT": str(terms),
                "AUDIT_HEADS": str(folder / "heads.jsonl"),
                "TRUSTED_PROXIES": HOST,
            }
            log = folder / f"{name}.log"
            return processes.enter_context(served(url, log, **given | environment))

        yield Site(office, url, start, folder)
        engine.dispose()


@pytest.fixture(scope="module")
def behind(site: Site) -> Iterator[Behind]:
    """Two processes on the store, and the proxy before them."""
    if find_nginx() is None:
        pytest.fail(MISSING)
    with ThreadPoolExecutor() as threads:
        first, second = threads.map(site.start, ("first", "second"))
    with proxied(site.folder, first, second) as proxy:
        yield Behind(proxy, first, second)
