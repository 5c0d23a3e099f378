"""The store's file locked, closed to writing, replaced or gone under a running application."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from lib.errors import StoreError
from lib.store import engine as engines
from lib.store.engine import reading
from tests.faults.acts import FEBRUARY_DAYS, FIRST, Place, held, made_ready, moment_of, patrols
from tests.faults.acts import posting as posts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.stores import SQLiteStores

POST = posts(FIRST, patrols(*FEBRUARY_DAYS), "一")
GONE = "数据库文件不在了，或者是空的：请核对 DATABASE_URL，或从备份中恢复。"
OUT_OF_REACH = "连不上数据库，或不能写入：请核对 DATABASE_URL 和权限，或稍后再试。"


@pytest.fixture
def store(sqlite_stores: SQLiteStores, tmp_path: Path) -> Path:
    """The file of a small contract."""
    path = shutil.copyfile(sqlite_stores.template, tmp_path / "store.db")
    made_ready(f"sqlite:///{path}")
    return path


@pytest.fixture
def place(store: Path, tmp_path: Path) -> Iterator[Place]:
    """The small contract, served for a while already."""
    place = Place.opened(f"sqlite:///{store}", (tmp_path / "evidence").as_uri())
    with reading(place.engine):
        pass
    yield place
    place.engine.dispose()


def refused(place: Place) -> str:
    """The sentence with which posting is refused."""
    with pytest.raises(StoreError) as said:
        POST(place, moment_of(0))
    return said.value.sentence


def test_locked_by_another_program_longer_than_is_waited_for(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engines, "_BUSY_TIMEOUT_MS", 50)
    place = Place.opened(f"sqlite:///{store}", (tmp_path / "evidence").as_uri())
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert refused(place) == "数据库一直被别的操作占用，这次没有保存，请稍后再试。"
    other.execute("ROLLBACK")
    other.close()

    POST(place, moment_of(0))
    assert len(held(place)["receipt"]) == 1
    place.engine.dispose()


def test_taken_away_it_is_missed_and_nothing_is_written_into_the_void(place: Place, store: Path):
    before = held(place)
    aside = store.rename(store.with_name("aside.db"))
    assert refused(place) == GONE
    assert not store.exists()

    aside.rename(store)
    assert held(place) == before
    POST(place, moment_of(0))
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT count(*) FROM receipt").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize(
    ("replace", "sentence"),
    [
        (lambda path: path.write_bytes(b""), GONE),
        (lambda path: path.write_bytes(b"something else altogether" * 999), OUT_OF_REACH),
        (lambda path: path.write_bytes(bytes(8192)), OUT_OF_REACH),
    ],
    ids=["nothing", "garbage", "zeros"],
)
def test_replaced_by_what_is_no_store(
    place: Place, store: Path, replace: Callable[[Path], object], sentence: str
):
    aside = store.rename(store.with_name("aside.db"))
    replace(store)
    assert refused(place) == sentence

    aside.replace(store)
    POST(place, moment_of(0))
    assert len(held(place)["receipt"]) == 1


def test_replaced_by_a_restored_one_the_running_application_goes_on_with_that(
    place: Place, store: Path
):
    saved = shutil.copyfile(store, store.with_name("saved.db"))
    POST(place, moment_of(0))
    saved.replace(store)

    assert held(place)["receipt"] == []
    POST(place, moment_of(0))
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT count(*) FROM receipt").fetchone() == (1,)
    connection.close()
