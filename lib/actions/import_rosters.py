"""Importing a roster workbook: new and changed members entered, missing ones reported (spec §2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import Viewer, may_administer, require
from lib.actions.record_refusal import record_refusal
from lib.rosters import SHEETS
from lib.store import audit, contracts
from lib.store import rosters as stored_rosters
from lib.store.engine import reading
from lib.store.rosters import Change
from lib.text import mask_identity_numbers
from lib.workbooks.rosters import CheckedRosters, check_rosters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.problems import Problem
    from lib.store.contracts import StoredContract
    from lib.workbooks.reading import Workbook


@dataclass(frozen=True)
class SheetCount:
    """What an import does with the members of one sheet; `missing` are codes no longer listed."""

    new: int
    changed: int
    unchanged: int
    refused: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class RosterImport:
    """What an import changes, by sheet title, and what was wrong."""

    sheets: Mapping[str, SheetCount]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]

    @property
    def refused_whole(self) -> str:
        """Why nothing of the file is taken; empty when something is, or nothing stands in it."""
        taken = sum(c.new + c.changed + c.unchanged for c in self.sheets.values())
        refused = sum(c.refused for c in self.sheets.values())
        return f"{refused} 行全部退回。" if refused and not taken else ""


def preview(
    engine: Engine, stored: StoredContract, viewer: Viewer, workbook: Workbook
) -> RosterImport:
    """What importing the workbook would change."""
    require(may_administer(viewer), "导入名册")
    with reading(engine) as connection:
        return _planned(connection, stored, workbook)


def import_rosters(
    engine: Engine, stored: StoredContract, viewer: Viewer, workbook: Workbook, now: datetime
) -> RosterImport:
    """Import the workbook in one transaction; good rows are entered while bad ones are mended."""
    require(may_administer(viewer), "导入名册")
    with contracts.acting(engine, stored) as connection:
        planned = _planned(connection, stored, workbook)
        if planned.refused_whole:
            record_refusal(
                connection,
                stored,
                viewer,
                name=workbook.name,
                data=workbook.data,
                reason=planned.refused_whole,
                now=now,
            )
        stored_rosters.apply(connection, stored.id, planned.changes, at=now, by=viewer.name)
        if planned.changes:
            contracts.touch(connection, stored.id)
            audit.record(
                connection,
                stored.id,
                at=now,
                viewer=viewer,
                act="import_rosters",
                subject=mask_identity_numbers(workbook.name),
                after={f"{t} {w}": n for t, c in planned.sheets.items() for w, n in _counts(c)},
            )
    return planned


def _counts(count: SheetCount) -> tuple[tuple[str, int], ...]:
    return ("new", count.new), ("changed", count.changed)


def _planned(connection: Connection, stored: StoredContract, workbook: Workbook) -> RosterImport:
    roster = stored_rosters.load(connection, stored.id)
    checked = check_rosters(workbook, roster)
    changes: list[Change] = []
    sheets: dict[str, SheetCount] = {}
    for sheet in SHEETS:
        if sheet.slug not in checked.members:
            continue
        listed, known = checked.members[sheet.slug], roster.members(sheet.slug)
        differing = [
            Change(sheet, known.get(code), member)
            for code, member in listed.items()
            if known.get(code) != member
        ]
        changes += differing
        new = sum(1 for change in differing if change.before is None)
        sheets[sheet.sheet] = SheetCount(
            new=new,
            changed=len(differing) - new,
            unchanged=len(listed) - len(differing),
            refused=_refused(checked, sheet.sheet),
            missing=tuple(code for code in known if code not in checked.written[sheet.slug]),
        )
    return RosterImport(sheets, tuple(changes), checked.problems)


def _refused(checked: CheckedRosters, title: str) -> int:
    """How many rows of a sheet were refused."""
    return len(Counter(p.place.row for p in checked.problems if p.place.sheet == title))
