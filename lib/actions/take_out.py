"""Data that leaves the building with names in full: only for those who may, and on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.access import may_see_file, may_upload, require, sees_acceptance, sees_full_names
from lib.logs.entry import Source
from lib.store import audit, contracts, ledger
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.store.contracts import StoredContract


def original_file(
    engine: Engine, stored: StoredContract, viewer: Viewer, receipt_id: int, now: datetime
) -> tuple[str, bytes] | None:
    """A receipt's file, name and bytes; None when there is none, or it is not the viewer's.

    A file in which identity numbers stood was not kept. A form's gets a name of its receipt.
    """
    with reading(engine) as connection:
        found = ledger.original(connection, stored.id, receipt_id)
    if found is None or not may_see_file(viewer, found.team):
        return None
    _record(engine, stored, viewer, "fetch_file", found.sha256, now)
    name = (
        f"{found.file_name}_{receipt_id}.json" if found.source == Source.FORM else found.file_name
    )
    return name, found.content


def record_full_names(
    engine: Engine, stored: StoredContract, viewer: Viewer, subject: str, now: datetime
) -> None:
    """Note that somebody takes out rows with names in full; `subject` says which rows."""
    require(sees_full_names(viewer), "导出全名")
    _record(engine, stored, viewer, "export_full_names", subject, now)


def record_own_names(
    engine: Engine, stored: StoredContract, viewer: Viewer, subject: str, now: datetime
) -> None:
    """Note that a team lead takes out names, seen in full, of whom the team has to see."""
    require(may_upload(viewer), "下载预填的工作簿")
    _record(engine, stored, viewer, "export_own_names", subject, now)


def record_upload(
    engine: Engine, stored: StoredContract, viewer: Viewer, sha256: str, now: datetime
) -> None:
    """Note that somebody fetches the workbook that they handed in, marked or mended."""
    _record(engine, stored, viewer, "fetch_upload", sha256, now)


def record_report(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    facts: Mapping[str, str],
    now: datetime,
) -> None:
    """Note that somebody takes out a report without names; `facts` say which one."""
    require(sees_acceptance(viewer), "下载报告")
    subject = " ".join(f"{name}={value}" for name, value in facts.items())
    _record(engine, stored, viewer, "fetch_report", subject, now)


def _record(
    engine: Engine, stored: StoredContract, viewer: Viewer, act: str, subject: str, now: datetime
) -> None:
    with contracts.acting(engine, stored) as connection:
        audit.record(connection, stored.id, at=now, viewer=viewer, act=act, subject=subject)
