"""The verb that writes the acceptance file for operators."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lib import clock, settings
from lib.actions import made_files
from lib.errors import RefusedError
from lib.periods import Month, months_of
from lib.reports import archive
from lib.reports.archive.wanted import Wanted, asked
from lib.store import setup
from lib.store.blobs import open_blobs
from lib.verbs.answers import DONE, acting_as, say

if TYPE_CHECKING:
    import argparse
    from io import BufferedRandom

    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.reports.archive import Tell


def write_archive(given: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Write the acceptance file, whole or not at all, and put it on record."""
    stored = setup.opened(engine, terms)
    through, viewer, now = _month(given.month, terms), acting_as(given.by), clock.now()
    blobs, today = open_blobs(settings.evidence_url()), clock.business_today()
    wanted = Wanted(engine, stored, blobs, viewer, now, today, through)
    sha256, remarks = _write(given.out, wanted)
    made_files.record_taken(engine, stored, viewer, asked(through), sha256, clock.now())
    print(f"{sha256}  {given.out}")
    for remark in remarks:
        say(remark)
    return DONE


def _month(text: str | None, terms: Contract) -> Month | None:
    if not text:
        return None
    month = next((each for each in months_of(terms.period) if str(each) == text), None)
    if month is None or month.first > clock.business_today():
        raise RefusedError(f"“{text}”不是合同期内已经开始的月份；月份写成 2023-06 的样子。")
    return month


def _write(out: Path, wanted: Wanted) -> tuple[str, list[str]]:
    """Write beside the place and move there: what stands there is never cut off."""
    if out.exists():
        raise RefusedError(f"文件 {out} 已经有了，不会覆盖；请换一个文件名。")
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".archive-") as folder:
            unfinished = Path(folder) / "archive"
            with unfinished.open("w+b") as file:
                remarks = archive.write(wanted, file, _telling())
                sha256 = _hash(file)
            unfinished.chmod(0o600)
            unfinished.rename(out)
    except OSError as error:
        raise RefusedError(f"文件 {out} 写不了，请核对路径、权限和剩余空间。") from error
    return sha256, list(remarks)


def _hash(file: BufferedRandom) -> str:
    file.flush()
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _telling() -> Tell:
    """Say each step once, beside the results."""
    told = -1

    def tell(done: int, total: int, words: str) -> None:
        nonlocal told
        if done != told:
            told = done
            say(f"{done + 1}/{total} {words}")

    return tell
