"""The files that this process makes: each goes on in the background when its page is left.

Where a file stands is a row of the store, its bytes lie with the evidence; of the making nothing
has a name on this machine, so that a crash leaves nothing behind.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from lib.actions import made_files
from lib.actions.made_files import KEPT, Kept, Progress
from lib.errors import RefusedError, StoreError
from lib.periods import BUSINESS_ZONE
from lib.reports import archive
from lib.reports.archive.wanted import Wanted, asked
from lib.store.made_files import State
from lib.ui.background import Background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.periods import Month
    from lib.reports.archive import Tell
    from lib.store.blobs import Blobs
    from lib.store.contracts import StoredContract
    from lib.store.made_files import MadeFile
    from lib.ui.background import Job

_CLEARED_EVERY = timedelta(hours=1)
_TOLD_EVERY = timedelta(seconds=5)  # the row of what takes long says that it goes on


@dataclass(frozen=True)
class Standing:
    """Where a file stands: at work, broken off without a word, or as its row says."""

    file: MadeFile
    is_at_work: bool

    @property
    def is_broken_off(self) -> bool:
        """Whether nobody makes it any more, and it was neither made nor failed."""
        return self.file.state is State.MAKING and not self.is_at_work


@dataclass
class FileDesk:
    """One for each process and store; `now` is asked for the time whenever something is written.

    `blobs` opens the place of the bytes when it is needed.
    """

    engine: Engine
    stored: StoredContract
    blobs: Callable[[], Blobs]
    now: Callable[[], datetime]
    _background: Background = field(default_factory=Background)
    _cleared_at: datetime | None = None

    def make(self, viewer: Viewer, through: Month | None) -> int:
        """Begin to make the acceptance file, unless one is being made; gives back its number."""
        now = self.now()
        file_id, begins = made_files.begin(self.engine, self.stored, viewer, asked(through), now)
        if begins:
            self._background.start(file_id, partial(self._make, viewer, through, now, file_id))
        return file_id

    def look(self, viewer: Viewer) -> Standing | None:
        """Where the file stands that the viewer last asked for; None without one."""
        self._clear_now_and_then()
        found = made_files.newest(self.engine, self.stored, viewer, self.now())
        if found is None or found.state is not State.MAKING:
            return Standing(found, is_at_work=False) if found else None
        job = self._background.job(found.file_id)
        if job and not job.is_running:  # it failed, and its row does not say so yet
            made_files.fail(self.engine, self.stored, found.file_id, job.failure, self.now())
            self._background.forget(found.file_id)
            return self.look(viewer)
        at_work = job is not None or made_files.is_at_work(found, self.now())
        return Standing(found, is_at_work=at_work)

    def fetch(self, viewer: Viewer, file_id: int) -> tuple[MadeFile, Iterator[bytes]] | None:
        """A made file of the viewer's own and its bytes, on record; None when there is none.

        StoreError when the bytes are not where they should be.
        """
        found = made_files.fetch(self.engine, self.stored, viewer, file_id, self.now())
        return (found, self.blobs().made(found.sha256)) if found and found.sha256 else None

    def sweep(self) -> None:
        """Drop what was made long enough ago, rows and bytes; StoreError when it cannot be done.

        Whoever runs a server calls it now and then: nobody may come to the page for days.
        """
        made_files.forget_old(self.engine, self.stored, self.now())
        self.blobs().drop_made_before(self.now() - KEPT)

    def wait(self, file_id: int, seconds: float) -> None:
        """Wait until the file is no longer made in this process, at most so long."""
        self._background.wait(file_id, seconds)

    def finish(self, seconds: float) -> None:
        """Wait until this process makes nothing, at most so long."""
        self._background.finish(seconds)

    def stop(self, seconds: float) -> None:
        """Begin nothing more; what goes on may end, and is given up after so long."""
        self._background.stop(seconds)

    def _make(
        self, viewer: Viewer, through: Month | None, now: datetime, file_id: int, job: Job
    ) -> None:
        """Make the file; what refuses it is said in its row, for those who look elsewhere too."""
        try:
            self._make_whole(viewer, through, now, file_id, job)
        except RefusedError as refusal:
            made_files.fail(self.engine, self.stored, file_id, refusal.sentence, self.now())

    def _make_whole(
        self, viewer: Viewer, through: Month | None, now: datetime, file_id: int, job: Job
    ) -> None:
        blobs, today = self.blobs(), now.astimezone(BUSINESS_ZONE).date()
        blobs.drop_made_before(now - KEPT)
        wanted = Wanted(self.engine, self.stored, blobs, viewer, now, today, through)
        with tempfile.TemporaryFile() as file:
            remarks = archive.write(wanted, file, self._telling(file_id, job))
            sha256, size = blobs.keep_made(file), file.seek(0, os.SEEK_END)
        kept = Kept(wanted.file_name, sha256, size, "".join(remarks) or None)
        for old in made_files.settle(self.engine, self.stored, viewer, file_id, kept, self.now()):
            blobs.drop_made(old)

    def _clear_now_and_then(self) -> None:
        """Sweep, if that is an hour ago."""
        now = self.now()
        if self._cleared_at is None or abs(now - self._cleared_at) > _CLEARED_EVERY:
            self._cleared_at = now
            with suppress(StoreError):  # a page must open all the same
                self.sweep()

    def _telling(self, file_id: int, job: Job) -> Tell:
        """Progress for those who look: at every step, and now and then within one."""
        told, at = -1, self.now()

        def tell(done: int, total: int, words: str) -> None:
            nonlocal told, at
            job.require_time()
            if done != told or self.now() - at > _TOLD_EVERY:
                told, at = done, self.now()
                progress = Progress(done, total, words)
                made_files.tell(self.engine, self.stored, file_id, progress, at)

        return tell
