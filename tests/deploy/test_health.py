"""Whether a process lives and can serve: what its two routes say, and what they do not."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.store import setup
from lib.store.engine import open_store
from tests.support.app_process import served
from tests.support.small_office import TERMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.app_process import Server

CHECKS = ("store", "schema", "evidence", "heads", "warm", "staying")
READY = dict.fromkeys(CHECKS, True)


def asked(server: Server, path: str) -> tuple[int, dict[str, bool]]:
    """The status of an answer, and what it says."""
    try:
        with urllib.request.urlopen(f"{server.address}{path}", timeout=60) as answer:  # noqa: S310 - ours
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def asked_until(server: Server, expected: tuple[int, dict[str, bool]]) -> None:
    """Return when the answer is that: one holds for a second."""
    while asked(server, "/readyz") != expected:
        pass


@pytest.fixture(scope="module")
def server(sqlite_stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A process on a store in which its contract is not registered yet."""
    folder: Path = tmp_path_factory.mktemp("health")
    (folder / "contract.toml").write_text(TERMS)
    with (
        sqlite_stores.fresh(folder) as url,
        served(url, folder / "app.log", CONTRACT=str(folder / "contract.toml")) as server,
    ):
        yield server


def test_it_says_in_words_what_is_missing_and_is_ready_once_it_is_there(server: Server):
    folder = server.log.parent
    missing = READY | dict.fromkeys(("store", "schema", "heads", "warm"), False)
    assert asked(server, "/readyz") == (HTTPStatus.SERVICE_UNAVAILABLE, missing)
    assert asked(server, "/healthz") == (HTTPStatus.OK, {"lives": True})

    engine = open_store(f"sqlite:///{folder}/store.db")
    setup.prepare(engine, contract.load(folder / "contract.toml"))
    engine.dispose()
    asked_until(server, (HTTPStatus.OK, READY))


def test_what_it_writes_waits_for_nobodys_acknowledgement(server: Server):
    """Its listening socket was found, and set to send at once."""
    assert server.event(event="started")["sockets"] == 1


def test_it_notices_that_the_evidence_is_gone_and_back(server: Server):
    evidence = server.log.parent / "evidence"
    asked_until(server, (HTTPStatus.OK, READY))
    shutil.move(evidence, evidence.with_name("away"))
    evidence.write_bytes(b"no folder")
    asked_until(server, (HTTPStatus.SERVICE_UNAVAILABLE, READY | {"evidence": False}))
    evidence.unlink()
    shutil.move(evidence.with_name("away"), evidence)
    asked_until(server, (HTTPStatus.OK, READY))


def test_it_notices_that_heads_cannot_be_kept_and_can_again(server: Server):
    heads = server.log.parent / "store.db-audit-heads.jsonl"
    asked_until(server, (HTTPStatus.OK, READY))
    heads.rename(heads.with_name("away"))
    heads.mkdir()
    asked_until(server, (HTTPStatus.SERVICE_UNAVAILABLE, READY | {"heads": False}))
    heads.rmdir()
    heads.with_name("away").rename(heads)
    asked_until(server, (HTTPStatus.OK, READY))
