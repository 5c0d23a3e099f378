"""The folder where backups lie: one writer at a time, nothing half in it, old ones taken away."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lib.errors import StoreError
from lib.periods import BUSINESS_ZONE
from lib.store import private

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAME = re.compile(r"backup-(\d{8}-\d{6})(?:-(\d{1,9}))?\.zip")
_STAMP = "%Y%m%d-%H%M%S"
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Keep:
    """How many days, weeks and months each keep their newest backup."""

    days: int = 7
    weeks: int = 5
    months: int = 12  # audit logs are to be kept for six months at least

    @classmethod
    def parse(cls, text: str) -> Keep:
        """Read `7d,5w,12m`; ValueError for anything else."""
        parts = dict(_part(part) for part in text.split(","))
        return cls(*(parts.get(unit, 0) for unit in "dwm"))


def _part(text: str) -> tuple[str, int]:
    """A unit, and how many of it."""
    found = re.fullmatch(r"(\d{1,4})([dwm])", text.strip())
    if found is None:
        msg = "not a number of days, weeks or months"
        raise ValueError(msg)
    return found[2], int(found[1])


def made_at(path: Path) -> datetime | None:
    """When a backup was made, by its name; None for another file."""
    found = _NAME.fullmatch(path.name)
    try:
        return datetime.strptime(found[1], _STAMP).replace(tzinfo=BUSINESS_ZONE) if found else None
    except ValueError:
        return None


def _number(path: Path) -> int:
    """Which of the backups of its second it is, from 1."""
    found = _NAME.fullmatch(path.name)
    return int(found[2] or 1) if found else 0


def listed(folder: Path) -> Sequence[Path]:
    """The backups in a folder, the newest first: each was compared before it got its name."""
    dated = [
        (moment, _number(path), path) for path in folder.glob("*.zip") if (moment := made_at(path))
    ]
    return [path for _, _, path in sorted(dated, reverse=True)]


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """A place for what is not finished, while nobody else makes a backup in the folder.

    What a run that was killed left there is cleared away. StoreError when somebody else is at it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private.close(folder)
    lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(lock)
        for left in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=_UNFINISHED) as place:
            yield Path(place)
    finally:
        os.close(lock)


def _lock(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StoreError("另一次备份正在进行，这一次没有做；请等它结束。") from error


def finish(path: Path, folder: Path, now: datetime) -> Path:
    """Give a compared backup its name, for good; what has a name is never written over."""
    stamp = f"backup-{now.astimezone(BUSINESS_ZONE):{_STAMP}}"
    number = max(map(_number, folder.glob(f"{stamp}*.zip")), default=0) + 1
    final = folder / f"{stamp}{'' if number == 1 else f'-{number}'}.zip"
    _settle(path)
    path.rename(final)
    _settle(folder)
    return final


def _settle(path: Path) -> None:
    """See that it outlives a power failure."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def outdated(paths: Sequence[Path], keep: Keep) -> list[Path]:
    """Of backups, the newest first, those that neither a day, a week nor a month keeps.

    The newest is kept whatever is asked for.
    """
    kept = set(paths[:1])
    for number, period in ((keep.days, "%Y%m%d"), (keep.weeks, "%G-%V"), (keep.months, "%Y%m")):
        newest: dict[str, Path] = {}
        for path in paths:
            newest.setdefault(f"{made_at(path):{period}}", path)
        kept.update(list(newest.values())[:number])
    return [path for path in paths if path not in kept]
