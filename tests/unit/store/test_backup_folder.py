"""Where backups lie: what rotation keeps, names never given twice, one writer at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from lib.errors import StoreError
from lib.periods import BUSINESS_ZONE
from lib.store.backup.folder import Keep, finish, listed, made_at, outdated, unfinished

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 26, 12, tzinfo=BUSINESS_ZONE)


def backups(folder: Path, *ages: int) -> list[Path]:
    """Backups of so many days ago, the newest first."""
    for days in ages:
        name = f"backup-{NOON - timedelta(days=days):%Y%m%d-%H%M%S}.zip"
        (folder / name).write_bytes(b"")
    return list(listed(folder))


def ages(paths: list[Path]) -> list[int]:
    """How many days ago each was made."""
    found = [made_at(path) for path in paths]
    return [(NOON - moment).days for moment in found if moment]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        # 2026-11-26 is a Thursday.
        (Keep(3, 0, 0), [0, 1, 2]),
        (Keep(0, 3, 0), [0, 4, 11]),
        (Keep(0, 0, 3), [0, 26, 57]),
        (Keep(2, 2, 2), [0, 1, 4, 26]),
        (Keep(0, 0, 0), [0]),
        (Keep(), [*range(7), 11, 18, 25, 26, 57, 87, 118, 149, 179, 210, 240, 271, 299, 330]),
    ],
    ids=str,
)
def test_the_newest_of_days_weeks_and_months_are_kept(tmp_path: Path, keep: Keep, kept: list[int]):
    paths = backups(tmp_path, *range(400))
    gone = set(outdated(paths, keep))
    assert ages([path for path in paths if path not in gone]) == kept


def test_by_default_half_a_year_of_months_is_kept(tmp_path: Path):
    paths = backups(tmp_path, 0, 31, 61, 92, 122, 153, 184)
    assert outdated(paths, Keep()) == []


def test_periods_without_a_backup_do_not_count(tmp_path: Path):
    paths = backups(tmp_path, 0, 100, 200, 300)
    assert outdated(paths, Keep(4, 0, 0)) == []


def test_other_files_are_let_be(tmp_path: Path):
    for name in ("backup-20261399-000000.zip", "backup.zip", "backup-20261126-120000.zip.part"):
        (tmp_path / name).write_bytes(b"")
    assert ages(backups(tmp_path, 1)) == [1]


@pytest.mark.parametrize("text", ["", "7", "d", "7d5w", "-1d", "7y", "7d,", "7 d", "七d"])
def test_what_is_to_be_kept_is_written_in_one_way(text: str):
    with pytest.raises(ValueError, match="not a number of"):
        Keep.parse(text)


def test_what_is_to_be_kept_is_read():
    assert Keep.parse("7d, 5w,12m") == Keep(7, 5, 12)
    assert Keep.parse("9m") == Keep(0, 0, 9)


def test_a_name_is_never_given_twice(tmp_path: Path):
    for content in (b"1", b"2"):
        (tmp_path / "new").write_bytes(content)
        finish(tmp_path / "new", tmp_path, NOON)
    first, second = "backup-20261126-120000.zip", "backup-20261126-120000-2.zip"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        first: b"1",
        second: b"2",
    }
    assert len(listed(tmp_path)) == 2


def test_of_one_second_the_last_is_the_newest(tmp_path: Path):
    made = []
    for number in range(11):
        (tmp_path / "new").write_bytes(b"")
        made.append(finish(tmp_path / "new", tmp_path, NOON))
        if number == 1:
            made.pop(0).unlink()
    assert listed(tmp_path) == made[::-1]
    assert outdated(listed(tmp_path), Keep(1, 0, 0)) == made[-2::-1]


def test_one_writes_at_a_time_and_clears_what_a_killed_one_left(tmp_path: Path):
    folder = tmp_path / "backups"
    with unfinished(folder) as place:
        (place / "half.zip").write_bytes(b"half")
        with pytest.raises(StoreError, match="另一次备份正在进行"), unfinished(folder):
            pass
        assert (place / "half.zip").exists()
    left = folder / ".unfinished-killed"
    left.mkdir()
    (left / "half.zip").write_bytes(b"half")
    with unfinished(folder) as place:
        assert [each for each in folder.iterdir() if each.is_dir()] == [place]
    assert [each.name for each in folder.iterdir()] == [".lock"]
