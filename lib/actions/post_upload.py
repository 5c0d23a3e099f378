"""Posting an upload: begun by a click, carried out once, wherever its uploader is by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import may_upload, require
from lib.actions import post
from lib.actions.progress import Progress, silent
from lib.store import accounts, contracts, pending_uploads
from lib.store.engine import writing
from lib.store.pending_uploads import STANDING, State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.actions.post import Checked
    from lib.store.contracts import StoredContract


@dataclass(frozen=True)
class Asked:
    """What is asked for beside the file: why rows are corrected, and to restore withdrawn ones."""

    reason: str = ""
    restore: bool = False


def begin(
    engine: Engine, stored: StoredContract, viewer: Viewer, upload_id: int, now: datetime
) -> bool:
    """Whether this click begins the posting; of many only the first does."""
    require(may_upload(viewer), "上传工作日志")
    with writing(engine) as connection:
        found = pending_uploads.find(connection, stored.id, viewer.name, upload_id, lock=True)
        begins = found is not None and found.state in STANDING
        if begins:
            facts = {"state": State.POSTING, "said": None, "done": 0, "total": 0}
            pending_uploads.move(connection, stored.id, upload_id, at=now, **facts)
    return begins


def carry_out(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    upload_id: int,
    checked: Checked,
    now: datetime,
    asked: Asked,
    progress: Progress = silent,
) -> None:
    """Post the upload's workbook, checked just before, and say so in the same transaction.

    Nothing is written when the upload was put away or taken up anew meanwhile. Signing out does
    not stop what was asked for before; NotPermittedError when the account was disabled or is no
    longer the same team's.
    """
    with contracts.acting(engine, stored) as connection:
        found = pending_uploads.find(connection, stored.id, viewer.name, upload_id, lock=True)
        if found is None or found.state is not State.POSTING:
            return
        _require_still(connection, stored, viewer)
        (done,) = post.post_checked(
            connection,
            stored,
            viewer,
            checked,
            now=now,
            reason=asked.reason,
            restore=asked.restore,
            progress=progress,
        )
        receipt_id = done.receipt.receipt_id if done.receipt else found.receipt_id
        state = State.POSTED if receipt_id else State.READY
        facts = {"state": state, "receipt_id": receipt_id}
        pending_uploads.move(connection, stored.id, upload_id, at=now, **facts)


def _require_still(connection: Connection, stored: StoredContract, viewer: Viewer) -> None:
    """Raise NotPermittedError unless the account is what it was when the posting was asked for."""
    account = accounts.find(connection, stored.id, viewer.name)
    still = account is not None and not account.disabled and account.viewer == viewer
    require(still, "上传工作日志")


def give_back(
    engine: Engine, stored: StoredContract, viewer: Viewer, upload_id: int, said: str, now: datetime
) -> None:
    """Say why a posting came to nothing: the upload is ready, as before the click."""
    with writing(engine) as connection:
        found = pending_uploads.find(connection, stored.id, viewer.name, upload_id, lock=True)
        if found and found.state is State.POSTING:
            facts = {"state": State.READY, "said": said}
            pending_uploads.move(connection, stored.id, upload_id, at=now, **facts)
