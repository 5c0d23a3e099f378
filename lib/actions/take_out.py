"""What leaves as a file: each is one line in the audit log, or it is not given out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.access import may_see_file, may_upload, require, sees_acceptance, sees_full_names
from lib.logs.entry import Source
from lib.store import audit, contracts, ledger
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.store.contracts import StoredContract

EXPORT, EXPORT_FULL_NAMES = "export", "export_full_names"


class Names(StrEnum):
    """How people's names stand in a file; OWN are those of the viewer's own team alone."""

    FULL = "full"
    OWN = "own"
    MASKED = "masked"
    NONE = "none"


@dataclass(frozen=True)
class Taken:
    """What is put on record of a file: which one in codes, how many rows of data, what names.

    `facts` are what else tells it from others.
    """

    act: str
    subject: str
    rows: int | None = None
    names: Names | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def after(self) -> Mapping[str, object]:
        """What the line says besides who, when and which; what is not known is left out."""
        said = {"rows": self.rows, "names": self.names and str(self.names)}
        return {**self.facts, **{name: value for name, value in said.items() if value is not None}}


def rows_out(
    viewer: Viewer, asked: Mapping[str, str], rows: int, *, full: bool, own: bool = True
) -> Taken:
    """A workbook of rows, chosen by what was `asked`; names `full` for reviewers alone.

    `own` where a team's lead sees the names of the own team's rows.
    """
    masked = Names.OWN if own and viewer.team else Names.MASKED
    act = EXPORT_FULL_NAMES if full else EXPORT
    return Taken(act, _words(asked), rows, Names.FULL if full else masked)


def report_out(asked: Mapping[str, str], *, full: bool) -> Taken:
    """A report; its staff in it by name, or by code."""
    act = EXPORT_FULL_NAMES if full else "fetch_report"
    return Taken(act, _words(asked), names=Names.FULL if full else Names.NONE)


def _words(asked: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in asked.items())


def record(
    connection: Connection, stored: StoredContract, viewer: Viewer, taken: Taken, now: datetime
) -> None:
    """Put on record that a file is taken; the caller holds the contract's lock."""
    require(_may_take(viewer, taken.act), "取走这个文件")
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act=taken.act,
        subject=taken.subject,
        after=taken.after or None,
    )


def _may_take(viewer: Viewer, act: str) -> bool:
    """Whether a file is the viewer's to take, as far as its act tells."""
    match act:
        case "export_full_names":
            return sees_full_names(viewer)
        case "export_own_names" | "fetch_template" | "fetch_upload":
            return may_upload(viewer)
        case "fetch_report":
            return sees_acceptance(viewer)
        case _:
            return True


def put_on_record(
    engine: Engine, stored: StoredContract, viewer: Viewer, taken: Taken, now: datetime
) -> None:
    """`record` in a transaction of its own; what it raises keeps the file from leaving."""
    with contracts.acting(engine, stored) as connection:
        record(connection, stored, viewer, taken, now)


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
    put_on_record(engine, stored, viewer, Taken("fetch_file", found.sha256), now)
    name = (
        f"{found.file_name}_{receipt_id}.json" if found.source == Source.FORM else found.file_name
    )
    return name, found.content
