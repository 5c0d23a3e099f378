"""Mending cells of an upload on the page, and taking that back; the file stays as it was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from lib.access import may_upload, require
from lib.actions.plan import Outcome
from lib.errors import RefusedError
from lib.fields import TEXT_LIMIT
from lib.logs import LOG_KINDS
from lib.store import audit, contracts, pending_uploads
from lib.store.engine import writing
from lib.store.pending_uploads import STANDING, PendingUpload
from lib.text import mask_identity_numbers, tidy
from lib.workbooks.mending import texts
from lib.workbooks.reading import Mend

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.actions.plan import Plan, PlannedRow
    from lib.store.contracts import StoredContract

    # A cell: sheet, row as in the file, column's slug.
    Key = tuple[str, int, str]


@dataclass(frozen=True)
class Edit:
    """A cell's new text, as a browser sent it: nothing of it is to be trusted.

    `row` counts from 1 as in the file; `field` is a column's slug.
    """

    sheet: str
    row: int
    field: str
    text: object

    @property
    def key(self) -> Key:
        """The cell that is meant."""
        return self.sheet, self.row, self.field


def mends_of(upload: PendingUpload) -> tuple[Mend, ...]:
    """The upload's mends, by place."""
    mends = (Mend(**each) for each in upload.mends)
    return tuple(sorted(mends, key=lambda mend: (mend.sheet, mend.row, mend.field)))


def mendable(plan: Plan) -> Sequence[PlannedRow]:
    """The rows that can be mended: those refused, and those mended already."""
    mended = {(mend.sheet, mend.row) for mend in plan.workbook.mends}
    return [
        row
        for row in plan.rows
        if row.outcome is Outcome.REFUSED
        or (row.checked.place.sheet, row.checked.place.row) in mended
    ]


def cells_of(plan: Plan) -> Mapping[Key, str]:
    """What stands now in each cell that can be mended: in every column of the mendable rows."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row in mendable(plan):
        rows[row.checked.kind].append(row.checked.place.row)
    return {
        (LOG_KINDS[slug].sheet, number, field): text
        for slug, numbers in rows.items()
        for number, cells in texts(plan.workbook, LOG_KINDS[slug], numbers).items()
        for field, text in cells.items()
    }


def mend(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    upload_id: int,
    plan: Plan,
    edits: Sequence[Edit],
    now: datetime,
) -> None:
    """Keep these edits with the upload; a text like the file's own takes a mend back.

    RefusedError with a sentence when a text is too long, and when a cell is not among those that
    the plan lets mend: no page of ours sends that, so nothing is kept, and it is recorded.
    """
    require(may_upload(viewer), "上传工作日志")
    before = cells_of(plan)
    if any(edit.key not in before or not isinstance(edit.text, str) for edit in edits):
        _record(engine, stored, viewer, plan, edits, now)
        raise RefusedError("这次修改与页面上的内容对不上，没有保存。请刷新页面后再改。")
    puts = {edit.key: mask_identity_numbers(tidy(str(edit.text))) for edit in edits}
    if any(len(put) > TEXT_LIMIT for put in puts.values()):
        raise RefusedError(f"一格最多 {TEXT_LIMIT} 字，这次修改没有保存，请精简后再填。")
    file = {**before, **{_key(each): each.found for each in plan.workbook.mends}}
    new = {key: Mend(*key, found=file[key], put=put) for key, put in puts.items()}
    with writing(engine) as connection:
        upload = _standing(connection, stored, viewer, upload_id)
        held = {_key(each): each for each in mends_of(upload)} | new
        _keep(connection, stored, upload, held, now)


def take_back(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    upload_id: int,
    rows: Collection[tuple[str, int]] | None,
    now: datetime,
) -> None:
    """Let the file's own cells count again in these rows (sheet, row), or (None) everywhere."""
    require(may_upload(viewer), "上传工作日志")
    with writing(engine) as connection:
        upload = _standing(connection, stored, viewer, upload_id)
        kept = {
            _key(each): each
            for each in mends_of(upload)
            if rows is not None and (each.sheet, each.row) not in rows
        }
        _keep(connection, stored, upload, kept, now)


def _key(mend: Mend) -> Key:
    return mend.sheet, mend.row, mend.field


def _standing(
    connection: Connection, stored: StoredContract, viewer: Viewer, upload_id: int
) -> PendingUpload:
    """The upload, held for this change; RefusedError while it is at work, or once put away."""
    found = pending_uploads.find(connection, stored.id, viewer.name, upload_id, lock=True)
    if found is None or found.state not in STANDING:
        raise RefusedError("这份文件正在处理，或已经收起，这次修改没有保存。")
    return found


def _keep(
    connection: Connection,
    stored: StoredContract,
    upload: PendingUpload,
    mends: Mapping[Key, Mend],
    now: datetime,
) -> None:
    changing = [asdict(each) for each in mends.values() if each.put != each.found]
    pending_uploads.move(connection, stored.id, upload.upload_id, at=now, mends=changing)


def _record(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    plan: Plan,
    edits: Sequence[Edit],
    now: datetime,
) -> None:
    """Note that a message came that no page of ours sends; what stood in it is not repeated."""
    with contracts.acting(engine, stored) as connection:
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act="forged_edit",
            subject=plan.sha256,
            after={"cells": len(edits)},
        )
