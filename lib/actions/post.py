"""Posting log workbooks as a sync (spec §3): what would change, and changing it.

A row is new, corrected, unchanged or refused; nothing is ever deleted by a file.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING

from lib.access import Viewer, may_record, may_upload, require
from lib.actions.frozen import CLOSED_MONTH, frozen
from lib.actions.plan import Outcome, Plan, PlannedRow
from lib.actions.progress import Progress, Step, silent
from lib.actions.record_refusal import record_refusal
from lib.actions.unopened import noticed
from lib.errors import UnreadableError
from lib.garbage import uncollected
from lib.kpi import sums
from lib.logs import LOG_KINDS
from lib.logs.checking import Context
from lib.logs.columns import DAY
from lib.problems import Fault, Problem, Severity
from lib.store import audit, contracts, ledger, rosters
from lib.store.engine import reading
from lib.text import mask_identity_numbers, tidy
from lib.workbooks.checking import CheckedRow, CheckedWorkbook, check_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from lib.actions.frozen import Frozen
    from lib.logs.entry import Entry
    from lib.rosters import Roster
    from lib.store.contracts import StoredContract
    from lib.store.ledger import Held, Receipt
    from lib.workbooks.reading import Mend, Workbook


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
    checked = check(engine, stored, workbooks, today)
    return preview_checked(engine, stored, viewer, checked, restore=restore)


@uncollected()
def preview_checked(
    engine: Engine, stored: StoredContract, viewer: Viewer, checked: Checked, *, restore: bool
) -> list[Plan]:
    """What posting workbooks that are checked already would do."""
    require(may_upload(viewer), "上传工作日志")
    with reading(engine) as connection:
        return _plans(connection, stored, viewer, checked, restore=restore)


@uncollected()
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
    checked = check(engine, stored, workbooks, today)
    with contracts.acting(engine, stored) as connection:
        return post_checked(
            connection, stored, viewer, checked, now=now, reason=reason, restore=restore
        )


@dataclass(frozen=True)
class Checked:
    """Workbooks checked against the rosters of a moment, or refused whole."""

    context: Context
    books: tuple[CheckedWorkbook | Plan, ...]

    @property
    def rows(self) -> Sequence[CheckedRow]:
        """The rows of all that is not refused whole."""
        books = (book for book in self.books if isinstance(book, CheckedWorkbook))
        return [row for book in books for row in book.rows]

    def is_of(self, last_change: int, today: date) -> bool:
        """Whether they would be checked alike: against the rosters of that change, on that day."""
        return (self.context.roster.last_change, self.context.today) == (last_change, today)


def check(
    engine: Engine,
    stored: StoredContract,
    workbooks: Sequence[Workbook],
    today: date,
    progress: Progress = silent,
) -> Checked:
    """The workbooks checked: most of the work, done before anybody else is kept waiting."""
    with reading(engine) as connection:
        roster = rosters.load(connection, stored.id)
    return check_in(Context(stored.terms, roster, today), workbooks, progress)


@uncollected()
def check_in(context: Context, workbooks: Sequence[Workbook], progress: Progress) -> Checked:
    """The workbooks checked against a contract, its rosters and a day."""
    told = partial(progress, Step.CHECKING)
    return Checked(context, tuple(_checked(workbook, context, told) for workbook in workbooks))


@uncollected()
def post_checked(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    checked: Checked,
    *,
    now: datetime,
    reason: str = "",
    restore: bool = False,
    progress: Progress = silent,
) -> list[Posted]:
    """Post workbooks within a transaction; the caller holds the contract's lock."""
    require(may_upload(viewer), "上传工作日志")
    if rosters.last_change(connection, stored.id) != checked.context.roster.last_change:
        workbooks = [book.workbook for book in checked.books]
        context = replace(checked.context, roster=rosters.load(connection, stored.id))
        checked = check_in(context, workbooks, progress)
    plans = _plans(connection, stored, viewer, checked, restore=restore)
    posted = [_write(connection, stored, viewer, plan, now, reason, progress) for plan in plans]
    if any(done.receipt for done in posted):
        days = {version.entry.day for plan in plans for version in plan.written}
        sums.refresh(connection, stored.id, days)
        contracts.touch(connection, stored.id)
    return posted


def _plans(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    checked: Checked,
    *,
    restore: bool,
) -> list[Plan]:
    rows = checked.rows
    held = ledger.held(connection, stored.id, [row.entry for row in rows if row.entry])
    closed = frozen(connection, stored)
    planner = _Planner(viewer, checked.context.roster, closed, held, rows, restore=restore)
    plans = [_plan(connection, stored, book, planner) for book in checked.books]
    return noticed(connection, stored, plans)


def _checked(
    workbook: Workbook, context: Context, progress: Callable[[int, int], None]
) -> CheckedWorkbook | Plan:
    """The workbook checked, or the plan of one that is refused whole."""
    try:
        return check_workbook(workbook, context, progress)
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


_IDENTITY = attrgetter("kind", "key")  # an entry's; of many it is quicker than the property


class _Planner:
    """Decides row by row, knowing all rows of this go: their order decides nothing."""

    def __init__(
        self,
        viewer: Viewer,
        roster: Roster,
        closed: Frozen,
        held: Mapping[tuple[str, str], Held],
        rows: Sequence[CheckedRow],
        *,
        restore: bool,
    ) -> None:
        self._viewer = viewer
        self._restore = restore
        self._may_record = cache(partial(may_record, viewer, roster=roster))
        self._closed = closed
        self._is_closed = cache(closed.__contains__)
        self._held = held
        # The first row of each contents, for keys that several rows have.
        self._said: defaultdict[tuple[str, str], dict[str, CheckedRow]] = defaultdict(dict)
        number = Counter(map(_IDENTITY, (row.entry for row in rows if row.entry)))
        several = {identity for identity, times in number.items() if times > 1}
        for row in rows if several else ():
            entry = row.entry
            if entry is None or entry.identity not in several:
                continue
            if not self._not_ours(entry, held.get(entry.identity)):
                self._said[entry.identity].setdefault(entry.digest, row)

    def plan(self, row: CheckedRow) -> PlannedRow:
        """What posting does with the row."""
        entry = row.entry
        if entry is None:
            return PlannedRow(row, Outcome.REFUSED, problems=row.problems)
        identity, digest = _IDENTITY(entry), entry.digest
        held = self._held.get(identity)
        fault = self._not_ours(entry, held)
        if fault:
            return _refused(row, fault)
        if identity in self._said:
            said = self._said[identity]
            others = [other for contents, other in said.items() if contents != digest]
            if others:
                return _contradicting(row, others[0])
            if said[digest] is not row:
                return _repeated(row, said[digest])
        changes = held is None or held.digest != digest or (self._restore and not held.effective)
        if changes and self._is_closed(entry.day):
            return _closed(row, self._closed.sentence([entry.day]))
        if held is None:
            return PlannedRow(row, Outcome.NEW)
        if changes:
            return PlannedRow(row, Outcome.CORRECTED, held)
        problems = () if held.effective else (_problem(row, _WITHDRAWN),)
        return PlannedRow(row, Outcome.UNCHANGED, held, problems)

    def _not_ours(self, entry: Entry, held: Held | None) -> Fault | None:
        """What is wrong when the row is another team's, or what it would correct (spec §6)."""
        if not self._may_record(entry.people):
            return Fault("other_team", f"没有{self._viewer.team}的人员，请由所在小组上传")
        if held and held.digest != entry.digest and not self._may_record(held.people):
            return Fault("other_team", "与别组已过账的一条相同，不能更正别组的记录，请与该组核对")
        return None


_WITHDRAWN = Fault("withdrawn", "此条已被撤回，不再计入", severity=Severity.NOTICE)


def _refused(row: CheckedRow, fault: Fault) -> PlannedRow:
    return PlannedRow(row, Outcome.REFUSED, problems=(_problem(row, fault),))


def _closed(row: CheckedRow, sentence: str) -> PlannedRow:
    """A row that would change something in a closed month; one that says what is held may stand."""
    place = replace(row.place, column=DAY.heading)
    fault = Fault(CLOSED_MONTH, sentence.removesuffix("。"))
    return PlannedRow(row, Outcome.REFUSED, problems=(Problem(place, fault),))


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
    progress: Progress,
) -> Posted:
    """Write one plan: file, receipt, versions and the audit line."""
    book, refused = plan.workbook, plan.refused_whole
    if refused:
        record_refusal(
            connection, stored, viewer, name=book.name, data=book.data, reason=refused, now=now
        )
    if not plan.changes_something:
        return Posted(plan, None)
    ledger.keep_file(connection, stored.id, plan.sha256, book.data, keep=book.may_be_kept)
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
        "reason": mask_identity_numbers(tidy(reason)) or None,
    }
    receipt = ledger.add_receipt(connection, stored.id, facts)
    for done in range(0, len(plan.written), _WRITTEN_AT_ONCE):
        progress(Step.WRITING, done, len(plan.written))
        some = plan.written[done : done + _WRITTEN_AT_ONCE]
        ledger.add_versions(connection, stored.id, receipt.receipt_id, some)
    ledger.add_mends(connection, stored.id, receipt.receipt_id, map(asdict, _mends(plan)))
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="post",
        subject=receipt.number,
        after={"sha256": plan.sha256, **{str(outcome): n for outcome, n in counts.items()}},
    )
    return Posted(plan, receipt)


_WRITTEN_AT_ONCE = 5000  # versions


def _mends(plan: Plan) -> Iterator[Mend]:
    """The mends of the rows that are written: what else was mended says nothing of this receipt."""
    if not plan.workbook.mends:
        return
    written = {(LOG_KINDS[new.entry.kind].sheet, new.source_row) for new in plan.written}
    yield from (mend for mend in plan.workbook.mends if (mend.sheet, mend.row) in written)
