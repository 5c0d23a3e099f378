"""Verbs on backups: writing them, once or on a schedule; restoring and trying them; leftovers."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib import clock, settings
from lib.actions import back_up, orphans, restore_backup
from lib.errors import RefusedError
from lib.store import setup
from lib.store.backup import folder as backups
from lib.store.blobs import open_blobs
from lib.verbs.answers import DONE, OPERATOR, REFUSED, print_json, say

if TYPE_CHECKING:
    import argparse
    from types import FrameType

    from sqlalchemy import Engine

    from lib.actions.back_up import BackedUp
    from lib.actions.restore_backup import Restored
    from lib.contract import Contract

_LOG = logging.getLogger(__name__)


def write_backups(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Write a backup; with `--every`, one after the other until the process is told to end."""
    folder = asked.to or settings.backup_folder()
    if asked.every is None:
        return _write(asked, engine, terms, folder)
    signal.signal(signal.SIGTERM, _end)
    while True:
        time.sleep(_due_in(folder, timedelta(hours=asked.every)).total_seconds())
        try:
            _write(asked, engine, terms, folder)
        except RefusedError as refusal:
            say(refusal.sentence)
            time.sleep(_AGAIN.total_seconds())


_AGAIN = timedelta(minutes=10)  # after a backup that failed


def _end(_signal: int, _frame: FrameType | None) -> None:
    """End in order: what is not finished is cleared away."""
    sys.exit(DONE)


def _due_in(folder: Path, every: timedelta) -> timedelta:
    """How long until the next backup: a process that is started again makes none too many."""
    newest = next(iter(backups.listed(folder)), None)
    made_at = backups.made_at(newest) if newest else None
    waited = clock.now() - made_at if made_at else every
    return min(max(every - waited, timedelta()), every)


def _write(asked: argparse.Namespace, engine: Engine, terms: Contract, folder: Path) -> int:
    try:
        done = back_up.back_up(
            engine,
            setup.opened(engine, terms),
            open_blobs(settings.evidence_url()),
            OPERATOR,
            folder,
            asked.keep,
            today=clock.business_today,
            now=clock.now,
        )
    except RefusedError:
        _LOG.error("backup failed")
        raise
    _LOG.info("backup %s of %d rows was tried out", done.sha256, done.manifest.rows)
    _tell_written(done, as_json=asked.json)
    return DONE


def _tell_written(done: BackedUp, *, as_json: bool) -> None:
    manifest = done.manifest
    if as_json:
        print_json({"file": str(done.path), **_facts(done), "removed": [*map(str, done.removed)]})
        return
    print(f"{done.sha256}  {done.path}")
    say(
        f"已备份并试恢复，核对一致：{manifest.rows} 行，图片 {manifest.pictures} 个；"
        f"清理旧备份 {len(done.removed)} 份。"
    )
    _tell_found(done)
    if done.differences or manifest.lost:
        say("有上述情况时不清理旧备份，请先查明。")


def _tell_found(found: BackedUp | Restored) -> None:
    """What is to be known of a backup besides that it is whole."""
    manifest = found.manifest
    for words in found.differences:
        say(f"注意，与签认时不同：{words}。")
    if manifest.lost:
        say(f"注意：有 {len(manifest.lost)} 个图片文件不在了或已损坏，备份里没有。")
    if manifest.orphans:
        say(f"另有 {manifest.orphans} 个图片文件没有记录引用，未备份；查看用 orphans。")


def _facts(found: BackedUp | Restored) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "sha256": found.sha256,
        "made_at": manifest.made_at,
        "revision": manifest.revision,
        "rows": manifest.rows,
        "pictures": manifest.pictures,
        "lost": list(manifest.lost),
        "orphans": manifest.orphans,
        "contracts": [
            {
                "code": each.code,
                "audit_lines": each.lines,
                "audit_hash": each.last_hash,
                "as_of": each.as_of,
                "figures": each.figures,
            }
            for each in manifest.contracts
        ],
        "differences": list(found.differences),
    }


def restore(asked: argparse.Namespace, engine: Engine, _terms: Contract) -> int:
    """Restore a backup into an empty store, or only try it out."""
    if asked.check:
        with tempfile.TemporaryDirectory(prefix="restore-") as folder:
            found = restore_backup.check(asked.file, Path(folder))
        words = "试恢复成功，数字、审计记录和行数与备份时一致"
    else:
        found = restore_backup.restore(
            engine,
            asked.file,
            open_blobs(settings.evidence_url()),
            OPERATOR,
            clock.now(),
            accept_differences=asked.accept_differences,
        )
        words = "已恢复，数字、审计记录和行数与备份时一致；所有人需要重新登录"
    _tell_restored(found, words, as_json=asked.json)
    return REFUSED if asked.check and found.differences else DONE


def _tell_restored(found: Restored, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_facts(found))
        return
    for each in found.manifest.contracts:
        items = (each.figures or {}).get("person_days", {}).values()
        delivered = sum(float(item["delivered"]) for item in items)
        days = f"，截至 {each.as_of} 完成 {delivered:.4f} 人天" if each.figures else ""
        print(f"{each.name}：审计记录 {each.lines} 行{days}")
    say(f"{words}（{found.manifest.rows} 行，图片 {found.manifest.pictures} 个）。")
    _tell_found(found)


def show_orphans(asked: argparse.Namespace, engine: Engine, terms: Contract) -> int:
    """Pictures that no row names, since a day or longer: listed, or removed."""
    setup.opened(engine, terms)
    blobs, now = open_blobs(settings.evidence_url()), clock.now()
    if asked.remove:
        removed = orphans.remove_orphans(engine, blobs, OPERATOR, now)
        say(f"已删除 {removed} 个没有记录引用的图片文件。")
        return DONE
    found = orphans.orphans(engine, blobs, OPERATOR, now)
    if asked.json:
        print_json(list(found))
        return DONE
    for name in found:
        print(name)
    say(f"共 {len(found)} 个图片文件没有记录引用且已超过一天；删除请加 --remove。")
    return DONE
