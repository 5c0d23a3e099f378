"""Handing in a workbook: kept, read and checked step by step, so that its uploader may leave."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from lib.access import may_upload, require
from lib.actions.record_refusal import record_refusal
from lib.errors import UnreadableError
from lib.store import contracts, pending_uploads
from lib.store.engine import writing
from lib.store.pending_uploads import FINISHED, State
from lib.text import mask_identity_numbers
from lib.workbooks.reading import Workbook, read_workbook

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.actions.plan import Plan
    from lib.store.contracts import StoredContract

FINISHED_KEPT = timedelta(days=1)  # so that a lost page can be looked up
KEPT = timedelta(days=30)  # without anybody touching it


def hand_in(
    engine: Engine, stored: StoredContract, viewer: Viewer, name: str, data: bytes, now: datetime
) -> int:
    """Note that a workbook is handed in, about to be read; gives back the upload's number.

    The same bytes from the same account, not finished yet, go on where they stood. What is long
    finished, or was long left alone, is cleared away.
    """
    require(may_upload(viewer), "上传工作日志")
    sha256 = hashlib.sha256(data).hexdigest()
    with contracts.acting(engine, stored) as connection:
        pending_uploads.clear(
            connection, stored.id, finished_before=now - FINISHED_KEPT, before=now - KEPT
        )
        same = _same(connection, stored, viewer, sha256)
        if same:
            return same
        return pending_uploads.add(
            connection,
            stored.id,
            viewer.name,
            file_name=mask_identity_numbers(name),
            sha256=sha256,
            at=now,
        )


def _same(
    connection: Connection, stored: StoredContract, viewer: Viewer, sha256: str
) -> int | None:
    """The unfinished upload of the same bytes; one whose content was not kept begins anew."""
    for upload in pending_uploads.of_account(connection, stored.id, viewer.name):
        if upload.sha256 == sha256 and upload.state not in FINISHED:
            if upload.is_kept:
                return upload.upload_id
            pending_uploads.remove(connection, stored.id, upload.upload_id)
    return None


def read(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    upload_id: int,
    *,
    name: str,
    data: bytes,
    now: datetime,
) -> Workbook | None:
    """The workbook, kept unless identity numbers may stand in it; None when refused."""
    try:
        workbook = read_workbook(name, data)
    except UnreadableError as refusal:
        with contracts.acting(engine, stored) as connection:
            _refuse(connection, stored, upload_id, refusal.sentence, now)
            record_refusal(
                connection, stored, viewer, name=name, data=data, reason=refusal.sentence, now=now
            )
        return None
    facts = {"state": State.CHECKING, "content": data if workbook.may_be_kept else None}
    with writing(engine) as connection:
        pending_uploads.move(connection, stored.id, upload_id, at=now, **facts)
    return workbook


def _refuse(
    connection: Connection, stored: StoredContract, upload_id: int, said: str, now: datetime
) -> None:
    facts = {"state": State.REFUSED, "said": said, "content": None}
    pending_uploads.move(connection, stored.id, upload_id, at=now, **facts)


def settle(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    upload_id: int,
    plan: Plan,
    now: datetime,
) -> None:
    """Say that an upload has been checked, and so is ready; or that it is refused whole.

    When every row is refused that is recorded too, but the rows can be mended on the page.
    """
    book, rows = plan.workbook, len(plan.rows)
    with contracts.acting(engine, stored) as connection:
        if plan.refusal:
            _refuse(connection, stored, upload_id, plan.refusal, now)
        else:
            facts = {"state": State.READY, "said": None, "done": rows, "total": rows}
            pending_uploads.move(connection, stored.id, upload_id, at=now, **facts)
        if plan.refused_whole:
            record_refusal(
                connection,
                stored,
                viewer,
                name=book.name,
                data=book.data,
                reason=plan.refused_whole,
                now=now,
            )


def go_on(
    engine: Engine, stored: StoredContract, viewer: Viewer, upload_id: int, now: datetime
) -> None:
    """Take up an upload whose work was broken off: it is to be checked anew."""
    require(may_upload(viewer), "上传工作日志")
    with writing(engine) as connection:
        found = pending_uploads.find(connection, stored.id, viewer.name, upload_id, lock=True)
        if found and found.state in pending_uploads.AT_WORK:
            pending_uploads.move(
                connection, stored.id, upload_id, at=now, state=State.CHECKING, said=None
            )


def put_away(engine: Engine, stored: StoredContract, viewer: Viewer, upload_id: int) -> None:
    """Forget an upload of one's own, content and all; what it posted stays posted."""
    require(may_upload(viewer), "上传工作日志")
    with writing(engine) as connection:
        found = pending_uploads.find(connection, stored.id, viewer.name, upload_id, lock=True)
        if found:
            pending_uploads.remove(connection, stored.id, upload_id)
