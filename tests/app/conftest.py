"""What a user's action is tried on: a small office with rosters, logs and one user of each kind."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.context import ContextProxy

from lib import contract
from lib.store import setup
from lib.store.engine import open_store
from lib.ui import resources
from tests.support import hashes, small_office
from tests.support.visits import TIMEOUT, Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.store.contracts import StoredContract

    Prepare = Callable[[Engine, Contract], StoredContract]


@pytest.fixture(scope="session")
def terms_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office's contract file."""
    path = tmp_path_factory.mktemp("contract") / "contract.toml"
    path.write_text(small_office.TERMS)
    return path


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Passwords are hashed at the least cost."""
    with hashes.cheap():
        yield


@pytest.fixture(autouse=True)
def _no_foreign_components(monkeypatch: pytest.MonkeyPatch) -> None:
    """No search through every installed package for Streamlit components, at each visit."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)


@pytest.fixture(autouse=True)
def _no_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that brings no cookie and no header: `AppTest` has mocks in their place."""
    monkeypatch.setattr(ContextProxy, "cookies", {})
    monkeypatch.setattr(ContextProxy, "headers", {})


@pytest.fixture(autouse=True)
def _evidence_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos and scans are kept in a folder of the test's."""
    monkeypatch.setenv("EVIDENCE_URL", (tmp_path / "evidence").as_uri())


@pytest.fixture(scope="session")
def filled_file(sqlite_stores, terms_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the small office in it; tests copy it."""
    folder = tmp_path_factory.mktemp("filled")
    with sqlite_stores.fresh(folder) as url, hashes.cheap():
        engine = open_store(url)
        stored = setup.prepare(engine, contract.load(terms_file))
        Office(engine, stored).fill()
        engine.dispose()
    return folder / "store.db"


@pytest.fixture
def office(
    filled_file: Path, terms_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The small office, filled, and served to its visitors."""
    store = shutil.copyfile(filled_file, tmp_path / "office.db")
    yield from _served(f"sqlite:///{store}", terms_file, monkeypatch, setup.opened)


@pytest.fixture
def empty_office(
    sqlite_stores, terms_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The small office with nobody and nothing in it, served to its visitors."""
    with sqlite_stores.fresh(tmp_path) as url:
        yield from _served(url, terms_file, monkeypatch, setup.prepare)


def _served(
    url: str, terms_file: Path, monkeypatch: pytest.MonkeyPatch, prepare: Prepare
) -> Iterator[Office]:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("CONTRACT", str(terms_file))
    engine = open_store(url)
    _forget()
    yield Office(engine, prepare(engine, contract.load(terms_file)))
    resources.desk().finish(TIMEOUT)
    resources.file_desk().finish(TIMEOUT)
    resources.office().engine.dispose()
    engine.dispose()
    _forget()


def _forget() -> None:
    """Let go of what the process keeps of the store it served before."""
    st.cache_resource.clear()
    st.cache_data.clear()
