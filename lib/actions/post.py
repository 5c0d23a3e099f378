"""Posting log workbooks as a sync (spec §3): what would change, and changing it.

A row is new, corrected, unchanged or refused; nothing is ever deleted by a file.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.access import Viewer, may_record, may_upload, require
from lib.actions.record_refusal import record_refusal
from lib.actions.unopened import noticed
from lib.errors import UnreadableError
from lib.logs import LOG_KINDS
from lib.logs.checking import Context
from lib.problems import Fault, Problem, Severity
from lib.store import audit, contracts, ledger, rosters
from lib.store.engine import reading
from lib.text import tidy
from lib.workbooks.checking import CheckedRow, CheckedWorkbook, check_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from lib.logs.entry import Entry
    from lib.rosters import Roster
    from lib.store.contracts import StoredContract
    from lib.store.ledger import Held, Receipt
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


_LABELS = {
    Outcome.NEW: "新增",
    Outcome.CORRECTED: "更正",
    Outcome.UNCHANGED: "未变",
    Outcome.REFUSED: "退回",
}


@dataclass(frozen=True)
class PlannedRow:
    """A checked row, what posting does with it, and what is held under its key."""

    checked: CheckedRow
    outcome: Outcome
    held: Held | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def entry(self) -> Entry | None:
        """The row's entry, None when it is refused."""
        return None if self.outcome is Outcome.REFUSED else self.checked.entry


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

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """Rows by outcome."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries of all rows that are not refused."""
        return [row.entry for row in self.rows if row.entry]

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
    def changes_something(self) -> bool:
        """Whether posting would write anything."""
        return bool(self.counts[Outcome.NEW] or self.counts[Outcome.CORRECTED])


@dataclass(frozen=True)
class Posted:
    """A plan that was carried out; no receipt when there was nothing to write."""

    plan: Plan
    receipt: Receipt | None


def preview(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    workbooks: Sequence[Workbook],
    today: date,
    *,
    restore: bool = False,
) -> list[Plan]:
    """What posting these workbooks in one go would do.

    With `restore`, rows that were withdrawn and stand in a workbook unchanged count again.
    """
    require(may_upload(viewer), "上传工作日志")
    with reading(engine) as connection:
        return _plans(connection, stored, viewer, workbooks, today, restore=restore)


def post(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    workbooks: Sequence[Workbook],
    *,
    today: date,
    now: datetime,
    reason: str = "",
    restore: bool = False,
) -> list[Posted]:
    """Post workbooks in one transaction, planned anew under the contract's lock.

    `reason` is kept with the receipt: why the rows that it corrects were wrong.
    """
    require(may_upload(viewer), "上传工作日志")
    with contracts.acting(engine, stored) as connection:
        plans = _plans(connection, stored, viewer, workbooks, today, restore=restore)
        posted = [_write(connection, stored, viewer, plan, now, reason) for plan in plans]
        if any(done.receipt for done in posted):
            contracts.touch(connection, stored.id)
    return posted


def _plans(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    workbooks: Sequence[Workbook],
    today: date,
    *,
    restore: bool,
) -> list[Plan]:
    roster = rosters.load(connection, stored.id)
    context = Context(stored.terms, roster, today)
    checked = [_checked(workbook, context) for workbook in workbooks]
    books = [book for book in checked if isinstance(book, CheckedWorkbook)]
    rows = [row for book in books for row in book.rows]
    entries = [row.entry for row in rows if row.entry]
    held = ledger.held(connection, stored.id, entries)
    planner = _Planner(viewer, roster, held, rows, restore=restore)
    plans = [_plan(connection, stored, book, planner) for book in checked]
    return noticed(connection, stored, plans)


def _checked(workbook: Workbook, context: Context) -> CheckedWorkbook | Plan:
    """The workbook checked, or the plan of one that is refused whole."""
    try:
        return check_workbook(workbook, context)
    except UnreadableError as refusal:
        return Plan(workbook, _sha256(workbook), refusal=refusal.sentence)


def _sha256(workbook: Workbook) -> str:
    return hashlib.sha256(workbook.data).hexdigest()


def _plan(
    connection: Connection,
    stored: StoredContract,
    book: CheckedWorkbook | Plan,
    planner: _Planner,
) -> Plan:
    if isinstance(book, Plan):
        return book
    sha256 = _sha256(book.workbook)
    rows = tuple(planner.plan(row) for row in book.rows)
    earlier = ledger.earlier_receipt(connection, stored.id, sha256)
    return Plan(book.workbook, sha256, rows, book.notices, earlier)


class _Planner:
    """Decides row by row, knowing all rows of this go: their order decides nothing."""

    def __init__(
        self,
        viewer: Viewer,
        roster: Roster,
        held: Mapping[tuple[str, str], Held],
        rows: Sequence[CheckedRow],
        *,
        restore: bool,
    ) -> None:
        self._viewer = viewer
        self._restore = restore
        self._roster = roster
        self._held = held
        # The first row of each contents, by key.
        self._said: defaultdict[tuple[str, str], dict[str, CheckedRow]] = defaultdict(dict)
        for row in rows:
            if row.entry and not self._not_ours(row.entry):
                self._said[row.entry.identity].setdefault(row.entry.digest, row)

    def plan(self, row: CheckedRow) -> PlannedRow:
        """What posting does with the row."""
        if row.entry is None:
            return PlannedRow(row, Outcome.REFUSED, problems=row.problems)
        fault = self._not_ours(row.entry)
        if fault:
            return _refused(row, fault)
        digest = row.entry.digest
        said = self._said[row.entry.identity]
        others = [other for contents, other in said.items() if contents != digest]
        if others:
            return _contradicting(row, others[0])
        if said[digest] is not row:
            return _repeated(row, said[digest])
        held = self._held.get(row.entry.identity)
        if held is None:
            return PlannedRow(row, Outcome.NEW)
        if held.digest != digest or (self._restore and not held.effective):
            return PlannedRow(row, Outcome.CORRECTED, held)
        problems = () if held.effective else (_problem(row, _WITHDRAWN),)
        return PlannedRow(row, Outcome.UNCHANGED, held, problems)

    def _not_ours(self, entry: Entry) -> Fault | None:
        """What is wrong when the row is another team's (spec §6)."""
        if not may_record(self._viewer, entry.people, self._roster):
            return Fault("other_team", f"没有{self._viewer.team}的人员，请由所在小组上传")
        held = self._held.get(entry.identity)
        changes = held is not None and held.digest != entry.digest
        if changes and held and not may_record(self._viewer, held.people, self._roster):
            return Fault("other_team", "与别组已过账的一条相同，不能更正别组的记录，请与该组核对")
        return None


_WITHDRAWN = Fault("withdrawn", "此条已被撤回，不再计入", severity=Severity.NOTICE)


def _refused(row: CheckedRow, fault: Fault) -> PlannedRow:
    return PlannedRow(row, Outcome.REFUSED, problems=(_problem(row, fault),))


def _repeated(row: CheckedRow, first: CheckedRow) -> PlannedRow:
    """A second row of the same key and contents in one go."""
    where = _where(first, row)
    fault = Fault("repeated", f"与{where}重复，只计一次", severity=Severity.NOTICE)
    return PlannedRow(row, Outcome.UNCHANGED, problems=(_problem(row, fault),))


def _contradicting(row: CheckedRow, other: CheckedRow) -> PlannedRow:
    """One of several rows of a key that differ in one go: nobody can tell which is meant."""
    words = LOG_KINDS[row.kind].key_words
    sentence = f"与{_where(other, row)}是同一条（{words}相同）而内容不同，都未过账，请只留一行"
    return _refused(row, Fault("contradicts", sentence))


def _where(other: CheckedRow, row: CheckedRow) -> str:
    """Where the other row stands, as seen from this one."""
    if other.place.file == row.place.file:
        return f"第 {other.place.row} 行"
    return f"文件“{other.place.file}”第 {other.place.row} 行"


def _problem(row: CheckedRow, fault: Fault) -> Problem:
    return Problem(row.place, fault)


def _write(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    plan: Plan,
    now: datetime,
    reason: str,
) -> Posted:
    """Write one plan: file, receipt, versions and the audit line."""
    book, refused = plan.workbook, plan.refused_whole
    if refused:
        record_refusal(
            connection, stored, viewer, name=book.name, data=book.data, reason=refused, now=now
        )
    if not plan.changes_something:
        return Posted(plan, None)
    ledger.keep_file(connection, stored.id, plan.sha256, book.data, keep=not book.masked)
    counts = plan.counts
    facts = {
        "posted_at": now,
        "posted_by": viewer.name,
        "team": viewer.team,
        "file_name": book.name,
        "sha256": plan.sha256,
        "added": counts[Outcome.NEW],
        "corrected": counts[Outcome.CORRECTED],
        "unchanged": counts[Outcome.UNCHANGED],
        "refused": counts[Outcome.REFUSED],
        "source": str(book.source),
        "reason": tidy(reason) or None,
    }
    receipt = ledger.add_receipt(connection, stored.id, facts)
    ledger.add_versions(connection, stored.id, receipt.receipt_id, list(_versions(plan)))
    ledger.add_mends(connection, stored.id, receipt.receipt_id, map(asdict, book.mends))
    audit.record(
        connection,
        stored.id,
        at=now,
        by=viewer.name,
        act="post",
        subject=receipt.number,
        after={"sha256": plan.sha256, **{str(outcome): n for outcome, n in counts.items()}},
    )
    return Posted(plan, receipt)


def _versions(plan: Plan) -> Iterator[ledger.NewVersion]:
    for row in plan.rows:
        if row.entry and row.outcome in {Outcome.NEW, Outcome.CORRECTED}:
            yield ledger.NewVersion(row.entry, row.checked.place.row, row.held)
