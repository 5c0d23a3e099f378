"""Recording what was found of a drawn entry; a correction is one more result (spec §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import may_review, require
from lib.actions import reasons
from lib.actions.frozen import require_open, rested_on
from lib.errors import RefusedError
from lib.kpi.samples import Result
from lib.periods import local_text
from lib.store import audit, contracts, samples
from lib.text import mask_identity_numbers, tidy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.store.contracts import StoredContract
    from lib.store.samples import HeldItem

_ACT = "记录抽查结果"


def record(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    item_id: int,
    result: Result,
    *,
    note: str,
    shown: int,
    now: datetime,
) -> None:
    """Record a result of a drawn entry; `shown` is the number of the result that was looked at.

    0 when there was none. RefusedError when it is another one by now, saying who and when; without
    a note where one is wanted; and when the entry's month was signed after the drawing. The same
    said twice is said once. A number that is none is answered as what is not the viewer's own.
    """
    said = _note(result, note)
    with contracts.acting(engine, stored) as connection:
        found = samples.item(connection, stored.id, item_id)
        require(found is not None and may_review(viewer), _ACT)
        if found is None or _is_said(found, viewer, result, said):
            return
        require_open(connection, stored, rested_on(connection, stored, found))
        _require_as_shown(found, shown)
        _add(connection, stored, viewer, found, result, said, now)


def _note(result: Result, note: str) -> str:
    """The note, tidied; what is not simply true wants one."""
    text = mask_identity_numbers(tidy(note))
    if not text and result is not Result.TRUE:
        raise RefusedError(f"记“{result.label}”要写明情况，例如：本人说当天没有人来。")
    if len(text) > reasons.LIMIT:
        raise RefusedError(f"备注写了 {len(text)} 个字，最多 {reasons.LIMIT} 个，请写短一些。")
    return text


def _is_said(found: HeldItem, viewer: Viewer, result: Result, note: str) -> bool:
    """Whether the last result is this one already: a button was pressed twice."""
    last = found.last
    return last is not None and (last.recorded_by, last.result, last.note) == (
        viewer.name,
        result,
        note,
    )


def _require_as_shown(found: HeldItem, shown: int) -> None:
    last = found.last
    if last is not None and last.number != shown:
        raise RefusedError(
            f"这条刚由 {last.recorded_by} 于 {local_text(last.recorded_at)} "
            f"记为“{Result(last.result).label}”，请看过再决定。"
        )


def _add(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    found: HeldItem,
    result: Result,
    note: str,
    now: datetime,
) -> None:
    number = found.last.number + 1 if found.last else 1
    facts = {"number": number, "result": str(result), "note": note}
    by = {"recorded_at": now, "recorded_by": viewer.name}
    samples.add_result(connection, stored.id, found.item_id, {**facts, **by})
    contracts.touch(connection, stored.id)
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="record_result",
        subject=f"sample {found.sample_id} item {found.item_id}",
        before={"result": found.last.result} if found.last else None,
        after={"number": number, "result": str(result)},
    )
