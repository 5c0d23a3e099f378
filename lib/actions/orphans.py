"""Photos and scans that no row names: left where a crash came between the bytes and their row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lib.access import may_administer, require
from lib.store import evidence
from lib.store.backup.writing import FOLDERS
from lib.store.blobs import THUMBNAIL
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.store.blobs import Blobs

SETTLED = timedelta(days=1)  # after which no row is on its way any more


def orphans(engine: Engine, blobs: Blobs, viewer: Viewer, now: datetime) -> Sequence[str]:
    """The names, thumbnails included, of what lies there for a day and is named by no row."""
    require(may_administer(viewer), "查看无主的图片文件")
    found: list[str] = []
    for first in FOLDERS:
        kept = blobs.kept(first)  # before the rows are read: what comes meanwhile is younger
        with reading(engine) as connection:
            named = evidence.hashes(connection, first)
        old = (name for name, since in kept.items() if since < now - SETTLED)
        found += sorted(name for name in old if name.removesuffix(THUMBNAIL) not in named)
    return found


def remove_orphans(engine: Engine, blobs: Blobs, viewer: Viewer, now: datetime) -> int:
    """Remove them, but for what was put there again meanwhile; how many files."""
    found = orphans(engine, blobs, viewer, now)
    return sum(blobs.drop(name, before=now - SETTLED) for name in found)
