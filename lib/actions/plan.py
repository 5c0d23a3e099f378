"""What posting a workbook would do, row by row: the plan that its uploader sees first (spec §3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lib.logs import LOG_KINDS
from lib.logs.cells import cells
from lib.store.ledger import NewVersion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lib.logs.entry import Entry
    from lib.problems import Problem
    from lib.rosters import Roster
    from lib.store.ledger import Held, Receipt
    from lib.workbooks.checking import CheckedRow
    from lib.workbooks.reading import Workbook


class Outcome(StrEnum):
    """What posting does with a row."""

    NEW = "new"
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """The outcome as the uploader reads it."""
        return _LABELS[self]


_WRITTEN = (Outcome.NEW, Outcome.CORRECTED)  # they reach the ledger: an entry, or a new version
_LABELS = {
    Outcome.NEW: "新增",
    Outcome.CORRECTED: "更正",
    Outcome.UNCHANGED: "未变",
    Outcome.REFUSED: "退回",
}


_EMPTY = "（空）"


class PlannedRow(NamedTuple):
    """A checked row, what posting does with it, and what is held under its key."""

    checked: CheckedRow
    outcome: Outcome
    held: Held | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def entry(self) -> Entry | None:
        """The row's entry, None when it is refused."""
        return None if self.outcome is Outcome.REFUSED else self.checked.entry

    def differences(self, roster: Roster) -> Sequence[tuple[str, str, str]]:
        """The cells that differ from what is held: heading, what was posted, what would be."""
        held, new = self.held, self.checked.entry
        if held is None or new is None:
            return []
        if new.locality is None:
            held = replace(held, locality=None)  # taken from the roster: it stands in no cell
        kind = LOG_KINDS[self.checked.kind]
        before, after = cells(kind, held, roster), cells(kind, new, roster)
        both = [
            (name, before.get(name, _EMPTY), after.get(name, _EMPTY))
            for name in dict.fromkeys([*before, *after])
        ]
        return [(name, old, now) for name, old, now in both if old != now]

    @property
    def was_withdrawn(self) -> bool:
        """Whether just this was said before, and withdrawn."""
        entry, held = self.entry, self.held
        return bool(entry and held and not held.effective and held.digest == entry.digest)


@dataclass(frozen=True)
class Plan:
    """What posting one workbook would do now.

    `earlier` is the receipt of the same bytes; `refusal` says why it is refused whole.
    """

    workbook: Workbook
    sha256: str
    rows: tuple[PlannedRow, ...] = ()
    notices: tuple[Problem, ...] = ()
    earlier: Receipt | None = None
    refusal: str = ""

    @cached_property
    def counts(self) -> Mapping[Outcome, int]:
        """Rows by outcome."""
        every = [row.outcome for row in self.rows]
        return {outcome: every.count(outcome) for outcome in Outcome}

    @cached_property
    def written(self) -> Sequence[NewVersion]:
        """What reaches the ledger: of each row its entry, and what is held that it corrects."""
        return [
            NewVersion(checked.entry, checked.number, held)
            for checked, outcome, held, _ in self.rows
            if checked.entry and outcome in _WRITTEN
        ]

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries of all rows that are not refused."""
        return [
            checked.entry
            for checked, outcome, _, _ in self.rows
            if checked.entry and outcome is not Outcome.REFUSED
        ]

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """Everything that keeps rows out, by place."""
        return tuple(problem for row in self.rows for problem in row.problems if problem.refuses)

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """Everything else that is to be said."""
        spoken = (problem for row in self.rows for problem in row.problems if not problem.refuses)
        return (*self.notices, *spoken)

    @property
    def refused_whole(self) -> str:
        """Why nothing of the file is taken; empty when something is, or nothing stands in it."""
        every = bool(self.rows) and self.counts[Outcome.REFUSED] == len(self.rows)
        return self.refusal or (f"{len(self.rows)} 行全部退回。" if every else "")

    @property
    def set_aside(self) -> int:
        """Rows withdrawn earlier that stand unchanged in the file: left out, or to count again."""
        return sum(row.was_withdrawn for row in self.rows)

    @property
    def changes_something(self) -> bool:
        """Whether posting would write anything."""
        return any(self.counts[outcome] for outcome in _WRITTEN)
