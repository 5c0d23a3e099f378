"""What is asked of the store once: in a run, and for everybody until the ledger changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier, Event
from typing import TYPE_CHECKING

import pytest
from streamlit.runtime.scriptrunner import StopException

from lib.errors import StoreError
from lib.store.engine import open_store, writing
from lib.ui import moment
from lib.ui.kept import Kept

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_asks_once_and_the_next_one_anew():
    numbers = count()
    asked = []
    for _ in range(2):
        with moment.run():
            asked += [moment.once("number", lambda: next(numbers)) for _ in range(2)]
    outside = [moment.once("number", lambda: next(numbers)) for _ in range(2)]
    assert (asked, outside) == ([0, 0, 1, 1], [2, 3])


def test_what_is_written_meanwhile_has_it_asked_anew(tmp_path: Path):
    engine = open_store(f"sqlite:///{tmp_path}/store.db")
    numbers = count()
    with moment.run():
        asked = [moment.once("number", lambda: next(numbers))]
        with ThreadPoolExecutor() as threads:  # beside the run, as an upload is posted
            threads.submit(_write, engine).result()
        asked += [moment.once("number", lambda: next(numbers)) for _ in range(2)]
    engine.dispose()
    assert asked == [0, 1, 1]


def _write(engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE written (it INTEGER)")


def test_many_who_ask_at_once_wait_for_one_who_finds_it():
    kept, numbers, together = Kept(), count(), Barrier(4)

    def find() -> int:
        return next(numbers)

    def ask() -> int:
        together.wait()
        return kept.found(1, "key", find)

    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(ask) for _ in range(4)]
    assert [answer.result() for answer in answers] == [0, 0, 0, 0]


def test_nothing_is_kept_past_its_revision():
    kept = Kept()
    found = [kept.found(revision, "key", lambda r=revision: r) for revision in (1, 2, 1, 2)]
    assert found == [1, 2, 1, 2]
    assert kept.found(3, "other", lambda: 3) == 3
    assert not kept.has(2, "key")


def test_a_failure_is_not_kept():
    kept = Kept()

    def fails() -> int:
        raise StoreError("away")

    with pytest.raises(StoreError):
        kept.found(1, "key", fails)
    assert kept.found(1, "key", lambda: 1) == 1


def test_who_is_called_away_leaves_it_to_the_next():
    kept, begun, called = Kept(), Event(), Event()

    def leaves() -> int:
        begun.set()
        called.wait()
        raise StopException

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(kept.found, 1, "key", leaves)
        begun.wait()
        second = threads.submit(kept.found, 1, "key", lambda: 1)
        called.set()
    assert isinstance(first.exception(), StopException)
    assert second.result() == 1


def test_those_least_asked_for_go_first():
    kept = Kept()
    for number in range(512):
        kept.found(1, number, lambda n=number: n)
    kept.found(1, 0, lambda: 0)
    kept.found(1, 512, lambda: 512)
    assert [kept.has(1, key) for key in (0, 1, 512)] == [True, False, True]
