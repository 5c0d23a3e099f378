"""No room left: one sentence, nothing half, and on it goes once there is room again."""

from __future__ import annotations

import resource
import shutil
import subprocess
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.errors import StoreError
from lib.store.blobs import open_blobs
from tests.faults.acts import (
    FEBRUARY_DAYS,
    FIRST,
    Place,
    attaching,
    held,
    made_ready,
    moment_of,
    patrols,
    posting,
    require_intact,
    require_sound,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.stores import SQLiteStores

POST = posting(FIRST, patrols(*FEBRUARY_DAYS), "一")
LARGE = posting(FIRST, patrols(date(2023, 3, 1), found="很长" * 200), "大" * 200_000)
FULL = "存放数据库的磁盘满了，这次没有保存：请管理员腾出空间后再试。"
UNWRITABLE = "连不上数据库，或不能写入：请核对 DATABASE_URL 和权限，或稍后再试。"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own with so much room; the test says so where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    made = subprocess.run(mount, check=False, capture_output=True)  # noqa: S603 - our own words
    if made.returncode:
        pytest.skip("mounting a small disk takes root; files too large are tried all the same")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607 - our own


@pytest.fixture(scope="module")
def template(sqlite_stores: SQLiteStores, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the small contract in it."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    shutil.copyfile(sqlite_stores.template, path)
    made_ready(f"sqlite:///{path}")
    return path


def refused(act: Callable[..., None], place: Place) -> str:
    """The sentence with which an act is refused."""
    with pytest.raises(StoreError) as said:
        act(place, moment_of(9))
    return said.value.sentence


def filled(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return filler
    raise AssertionError


def test_a_full_disk_keeps_nothing_half_and_goes_on_with_room(template: Path, tmp_path: Path):
    with small_disk(tmp_path / "disk", "2m") as disk:
        shutil.copyfile(template, disk / "store.db")
        place = Place.opened(f"sqlite:///{disk / 'store.db'}", (tmp_path / "evidence").as_uri())
        POST(place, moment_of(0))
        before, filler = held(place), filled(disk)

        assert refused(LARGE, place) == FULL
        assert held(place) == before

        filler.unlink()
        LARGE(place, moment_of(9))
        assert len(held(place)["receipt"]) == 2
        require_intact(place)
        require_sound(place)
        place.engine.dispose()


@pytest.fixture
def file_limit() -> Iterator[Callable[[int], None]]:
    """A function that lets no file of this process grow beyond a size, until the test ends."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_may_not_grow_keeps_nothing_half(
    template: Path, tmp_path: Path, file_limit: Callable[[int], None]
):
    store = shutil.copyfile(template, tmp_path / "store.db")
    place = Place.opened(f"sqlite:///{store}", (tmp_path / "evidence").as_uri())
    POST(place, moment_of(0))
    before = held(place)

    file_limit(store.stat().st_size)
    said = refused(LARGE, place)
    file_limit(resource.RLIM_INFINITY)

    assert said in (FULL, UNWRITABLE)
    assert held(place) == before
    LARGE(place, moment_of(9))
    require_intact(place)
    require_sound(place)
    place.engine.dispose()


def test_a_full_place_of_photos_attaches_nothing_and_goes_on_with_room(
    template: Path, tmp_path: Path
):
    store = shutil.copyfile(template, tmp_path / "store.db")
    with small_disk(tmp_path / "disk", "256k") as disk:
        place = Place.opened(f"sqlite:///{store}", (disk / "evidence").as_uri())
        POST(place, moment_of(0))
        open_blobs(place.evidence)
        before, filler = held(place), filled(disk)

        assert refused(attaching, place) == (
            "存放图片的地方连不上或写不进去：请核对 EVIDENCE_URL 和权限。"
        )
        assert held(place) == before

        filler.unlink()
        attaching(place, moment_of(9))
        assert len(held(place)["attachment"]) == 1
        require_sound(place)
        place.engine.dispose()
