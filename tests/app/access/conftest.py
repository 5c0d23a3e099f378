"""The office in which every person's name tells who may see it, in place of the small one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.store import setup
from lib.store.blobs import open_blobs
from lib.store.engine import open_store
from tests.support import guarded_office, hashes
from tests.support.visits import Office

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="package")
def evidence_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the office's photos and scans are kept."""
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture(autouse=True)
def _evidence(_evidence_of_its_own: None, evidence_folder: Path, monkeypatch) -> None:
    """The office is served with its photos and scans."""
    monkeypatch.setenv("EVIDENCE_URL", evidence_folder.as_uri())


@pytest.fixture(scope="package")
def filled_file(sqlite_stores, terms_file: Path, evidence_folder: Path, tmp_path_factory) -> Path:
    """A SQLite file with the guarded office in it; tests copy it."""
    folder = tmp_path_factory.mktemp("guarded")
    with sqlite_stores.fresh(folder) as url, hashes.cheap():
        engine = open_store(url)
        office = Office(engine, setup.prepare(engine, contract.load(terms_file)))
        guarded_office.fill(office, open_blobs(evidence_folder.as_uri()))
        engine.dispose()
    return folder / "store.db"
