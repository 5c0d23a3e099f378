"""The uploads that this process works on: each goes on in the background when its page is left.

Where an upload stands is kept in the store; here are only the workbooks read and the plans made,
for as long as they are looked at. What was not kept because identity numbers stood in it lives
here alone.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from lib.actions import hand_in, mend_upload, post, post_upload
from lib.actions.progress import Step
from lib.errors import RefusedError
from lib.logs.checking import Context
from lib.periods import BUSINESS_ZONE
from lib.store import contracts, pending_uploads, rosters
from lib.store.engine import reading, writing
from lib.store.pending_uploads import AT_WORK, STANDING, State
from lib.ui.background import Background, Job
from lib.workbooks.mending import mended
from lib.workbooks.reading import read_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.actions.mend_upload import Edit
    from lib.actions.plan import Plan
    from lib.actions.post import Checked
    from lib.actions.post_upload import Asked
    from lib.store.contracts import StoredContract
    from lib.store.pending_uploads import PendingUpload
    from lib.workbooks.reading import Mend, Workbook

_ROWS_HELD = 150_000  # in memory, of the workbooks last looked at
_TOLD_EVERY = 5  # seconds: the row of what takes long says that it goes on
_BROKEN_OFF_AFTER = timedelta(seconds=30)  # without a word


@dataclass(frozen=True)
class Basis:
    """What a plan was made on: it holds as long as none of this changes."""

    viewer: Viewer
    revision: int
    today: date
    mends: tuple[Mend, ...]
    restore: bool


@dataclass(frozen=True)
class _Book:
    """A workbook as it was read, what it came to when last checked, and the last plan of that."""

    workbook: Workbook
    mends: tuple[Mend, ...] = ()
    checked: Checked | None = None
    basis: Basis | None = None
    plan: Plan | None = None


@dataclass(frozen=True)
class Standing:
    """Where an upload stands: refused, at work, broken off, lost, or with its plan.

    `job` is the work in this process; `elsewhere` another process works on it, or seems to. A plan
    at work is the last one, which stands until that which is being made takes its place.
    `failure` says why work broke off, where that is known. What `is_lost` must be chosen again.
    """

    upload: PendingUpload
    plan: Plan | None = None
    job: Job | None = None
    elsewhere: bool = False
    is_broken_off: bool = False
    failure: str = ""
    is_lost: bool = False

    @property
    def is_at_work(self) -> bool:
        """Whether it will stand elsewhere soon by itself."""
        return self.job is not None or self.elsewhere


@dataclass
class Desk:
    """One for each process and store; `now` is asked for the time whenever something is written."""

    engine: Engine
    stored: StoredContract
    now: Callable[[], datetime]
    _background: Background = field(default_factory=Background)
    _books: OrderedDict[int, _Book] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def hand_in(self, viewer: Viewer, name: str, data: bytes) -> int:
        """Take a workbook in, and begin to read it; gives back the upload's number."""
        upload_id = hand_in.hand_in(self.engine, self.stored, viewer, name, data, self.now())
        upload = self.find(viewer, upload_id)
        if upload and upload.state is State.READING:
            self._background.start(upload_id, partial(self._take_in, viewer, upload_id, name, data))
        return upload_id

    def uploads(self, viewer: Viewer) -> Sequence[PendingUpload]:
        """The viewer's own uploads, the newest first."""
        with reading(self.engine) as connection:
            return pending_uploads.of_account(connection, self.stored.id, viewer.name)

    def find(self, viewer: Viewer, upload_id: int) -> PendingUpload | None:
        """One of the viewer's own uploads."""
        with reading(self.engine) as connection:
            return pending_uploads.find(connection, self.stored.id, viewer.name, upload_id)

    def look(self, viewer: Viewer, upload_id: int, *, restore: bool = False) -> Standing | None:
        """Where an upload stands; its plan is made anew when the old one holds no longer.

        None when there is no such upload of the viewer's.
        """
        job = self._background.job(upload_id)  # before the row: what ends now has moved it already
        is_running = job is not None and job.is_running
        upload = self.find(viewer, upload_id)
        if upload is None:
            return None
        if upload.state is State.REFUSED:
            return Standing(upload)
        if is_running:  # or was, a moment ago
            return Standing(upload, self._last_plan(viewer, upload), job=job)
        if job and job.failure:
            return Standing(upload, failure=job.failure, is_lost=self._is_lost(upload))
        if upload.state in AT_WORK:
            return self._unattended(viewer, upload, restore=restore)
        return self._planned(viewer, upload, restore=restore)

    def _unattended(
        self, viewer: Viewer, upload: PendingUpload, *, restore: bool
    ) -> Standing | None:
        """An upload that no thread here works on: another process does, or it was broken off."""
        if not self._is_silent(upload):
            return Standing(upload, elsewhere=True)
        if upload.state is State.POSTING:
            with writing(self.engine) as connection:  # waits for one that is still writing
                found = pending_uploads.find(
                    connection, self.stored.id, viewer.name, upload.upload_id, lock=True
                )
            if found != upload:
                return self.look(viewer, upload.upload_id, restore=restore)
        return Standing(upload, is_broken_off=True, is_lost=self._is_lost(upload))

    def words(self, upload: PendingUpload) -> str:
        """Where an upload stands in a word; what nobody has worked on for long is broken off."""
        job = self._background.job(upload.upload_id)
        at_work = upload.state not in AT_WORK or (job and job.is_running)
        return upload.state.label if at_work or not self._is_silent(upload) else "中断了"

    def _is_silent(self, upload: PendingUpload) -> bool:
        return abs(self.now() - upload.moved_at) >= _BROKEN_OFF_AFTER

    def _is_lost(self, upload: PendingUpload) -> bool:
        return not upload.is_kept and self._held(upload.upload_id) is None

    def _planned(self, viewer: Viewer, upload: PendingUpload, *, restore: bool) -> Standing:
        """The upload with its plan, or with the work that makes one."""
        book, basis = self._held(upload.upload_id), self._basis(viewer, upload, restore=restore)
        if book and book.basis == basis:
            return Standing(upload, book.plan)
        if self._is_lost(upload):
            return Standing(upload, is_lost=True)
        self._background.start(upload.upload_id, partial(self._plan, upload, basis))
        job, last = self._background.job(upload.upload_id), self._last_plan(viewer, upload)
        return Standing(upload, last, job=job, elsewhere=job is None)  # none: it is done already

    def _last_plan(self, viewer: Viewer, upload: PendingUpload) -> Plan | None:
        """What the viewer may have before them still, of an upload to be mended and posted."""
        book = self._held(upload.upload_id)
        is_theirs = book and book.basis and book.basis.viewer == viewer
        return book.plan if book and is_theirs and upload.state in STANDING else None

    def _basis(self, viewer: Viewer, upload: PendingUpload, *, restore: bool) -> Basis:
        with reading(self.engine) as connection:
            revision = contracts.revision(connection, self.stored.id)
        today = business_day(self.now())
        return Basis(viewer, revision, today, mend_upload.mends_of(upload), restore)

    def plan(self, viewer: Viewer, upload_id: int, seconds: float) -> Plan | None:
        """The plan of an upload of the viewer's, waited for at most so long; None without one."""
        standing = self.look(viewer, upload_id)
        if standing and standing.job:
            self.wait(upload_id, seconds)
            standing = self.look(viewer, upload_id)
        return standing.plan if standing and not standing.is_at_work else None

    def wait(self, upload_id: int, seconds: float) -> None:
        """Wait until the upload is no longer worked on in this process, at most so long."""
        self._background.wait(upload_id, seconds)

    def finish(self, seconds: float) -> None:
        """Wait until this process works on nothing, at most so long."""
        self._background.finish(seconds)

    def stop(self, seconds: float) -> None:
        """Begin nothing more; what goes on may end, and is broken off after so long."""
        self._background.stop(seconds)

    def go_on(self, viewer: Viewer, upload_id: int) -> None:
        """Take up what was broken off."""
        self._background.forget(upload_id)
        hand_in.go_on(self.engine, self.stored, viewer, upload_id, self.now())
        upload = self.find(viewer, upload_id)
        if upload and upload.state is State.CHECKING:
            self._background.start(upload_id, partial(self._check, viewer, upload))

    def put_away(self, viewer: Viewer, upload_id: int) -> None:
        """Forget an upload; work on it ends in nothing."""
        hand_in.put_away(self.engine, self.stored, viewer, upload_id)
        if self.find(viewer, upload_id) is None:
            self._background.forget(upload_id)
            with self._lock:
                self._books.pop(upload_id, None)

    def mend(self, viewer: Viewer, upload_id: int, plan: Plan, edits: Sequence[Edit]) -> None:
        """Keep edits of cells that the plan lets mend."""
        mend_upload.mend(self.engine, self.stored, viewer, upload_id, plan, edits, self.now())

    def take_back(
        self, viewer: Viewer, upload_id: int, rows: Collection[tuple[str, int]] | None
    ) -> None:
        """Let the file's own cells count again in these rows, or (None) everywhere."""
        mend_upload.take_back(self.engine, self.stored, viewer, upload_id, rows, self.now())

    def post(self, viewer: Viewer, upload_id: int, asked: Asked) -> None:
        """Begin to post, unless that has begun already."""
        if post_upload.begin(self.engine, self.stored, viewer, upload_id, self.now()):
            self._background.start_next(upload_id, partial(self._post, viewer, upload_id, asked))

    def _take_in(self, viewer: Viewer, upload_id: int, name: str, data: bytes, job: Job) -> None:
        job.advance(Step.READING, 0, 0)
        workbook = hand_in.read(
            self.engine, self.stored, viewer, upload_id, name=name, data=data, now=self.now()
        )
        upload = self.find(viewer, upload_id)
        if workbook and upload:
            self._hold(upload_id, _Book(workbook))
            self._check(viewer, upload, job)

    def _check(self, viewer: Viewer, upload: PendingUpload, job: Job) -> None:
        """Make the first plan, and say that the upload is ready."""
        self._plan(upload, self._basis(viewer, upload, restore=False), job)
        book = self._held(upload.upload_id)
        if book and book.plan:
            hand_in.settle(
                self.engine, self.stored, viewer, upload.upload_id, book.plan, self.now()
            )

    def _plan(self, upload: PendingUpload, basis: Basis, job: Job) -> None:
        checked = self._checked(upload, basis.mends, basis.today, job)
        (plan,) = post.preview_checked(
            self.engine, self.stored, basis.viewer, checked, restore=basis.restore
        )
        book = self._book(upload, job)
        self._hold(upload.upload_id, replace(book, basis=basis, plan=plan))

    def _checked(
        self, upload: PendingUpload, mends: tuple[Mend, ...], today: date, job: Job
    ) -> Checked:
        """The workbook, mended and checked; as it was checked before, where that holds still."""
        book = self._book(upload, job)
        before = book.checked if book.mends == mends else None
        with reading(self.engine) as connection:
            last = rosters.last_change(connection, self.stored.id)
            if before and before.is_of(last, today):
                return before
            roster = rosters.load(connection, self.stored.id)
        context = Context(self.stored.terms, roster, today)
        workbook = mended(book.workbook, mends)
        checked = post.check_in(context, [workbook], self._telling(upload, job))
        self._hold(upload.upload_id, replace(book, mends=mends, checked=checked))
        return checked

    def _post(self, viewer: Viewer, upload_id: int, asked: Asked, job: Job) -> None:
        upload, now = self.find(viewer, upload_id), self.now()
        if upload is None:
            return
        try:
            checked = self._checked(upload, mend_upload.mends_of(upload), business_day(now), job)
            post_upload.carry_out(
                self.engine, self.stored, viewer, upload_id, checked, now, asked, job.advance
            )
            self._forget_plan(upload_id)
        except RefusedError as refusal:
            said = refusal.sentence
            post_upload.give_back(self.engine, self.stored, viewer, upload_id, said, self.now())

    def _telling(self, upload: PendingUpload, job: Job) -> Callable[[Step, int, int], None]:
        """Progress for those who look here, and now and then for those who look elsewhere."""
        told = time.monotonic()

        def tell(step: Step, done: int, total: int) -> None:
            nonlocal told
            job.advance(step, done, total)
            if upload.state is State.CHECKING and time.monotonic() - told > _TOLD_EVERY:
                told = time.monotonic()
                with writing(self.engine) as connection:
                    pending_uploads.move(
                        connection,
                        self.stored.id,
                        upload.upload_id,
                        at=self.now(),
                        done=done,
                        total=total,
                    )

        return tell

    def _book(self, upload: PendingUpload, job: Job) -> _Book:
        """The workbook as it was read; read again from the store where it was forgotten."""
        held = self._held(upload.upload_id)
        if held:
            return held
        job.advance(Step.READING, 0, 0)
        with reading(self.engine) as connection:
            content = pending_uploads.content(connection, self.stored.id, upload.upload_id)
        if content is None:
            raise RefusedError("这份文件没有留存，请重新选择文件。")
        book = _Book(read_workbook(upload.file_name, content))
        self._hold(upload.upload_id, book)
        return book

    def _held(self, upload_id: int) -> _Book | None:
        with self._lock:
            book = self._books.get(upload_id)
            if book:
                self._books.move_to_end(upload_id)
            return book

    def _forget_plan(self, upload_id: int) -> None:
        """What the plan said is done."""
        book = self._held(upload_id)
        if book:
            self._hold(upload_id, replace(book, basis=None, plan=None))

    def _hold(self, upload_id: int, book: _Book) -> None:
        with self._lock:
            self._books[upload_id] = book
            self._books.move_to_end(upload_id)
            while len(self._books) > 1 and sum(map(_size, self._books.values())) > _ROWS_HELD:
                self._books.popitem(last=False)


def _size(book: _Book) -> int:
    """The rows of a workbook."""
    return sum(len(sheet.rows) for sheet in book.workbook.sheets)


def business_day(now: datetime) -> date:
    """The day that it is where the services are delivered."""
    return now.astimezone(BUSINESS_ZONE).date()
