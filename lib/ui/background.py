"""Work that goes on when its page is left: a few threads of the server, one piece of work a key."""

from __future__ import annotations

import logging
import sys
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from lib.errors import RefusedError, logged

if TYPE_CHECKING:
    from collections.abc import Callable

    from lib.actions.progress import Step

_LOG = logging.getLogger(__name__)
_STEP = 10.0  # seconds until work that is broken off comes to its next step
_THREADS = 2  # the rest of the machine is for those who look at pages
# Seconds after which a thread that computes lets another in. With Python's own 5 ms a page whose
# query gives back row after row took four times as long beside it; with this, half as long again.
_TURN = 0.001
_STOPPED = "服务器正在重启，这一步没有做，什么也没有写入。请过一分钟再来一次。"


@dataclass
class Job:
    """A piece of work: its step, how far that has come, and the sentence with which it failed.

    Without a step it still waits for a thread, or for what came `before` it to end.
    """

    step: Step | None = None
    done: int = 0
    total: int = 0
    failure: str = ""
    future: Future[None] = field(default_factory=Future)
    is_out_of_time: bool = False
    before: Job | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is waited for."""
        return not self.future.done()

    def require_time(self) -> None:
        """Raise RefusedError when the server stops: what is not committed is rolled back."""
        if self.is_out_of_time:
            raise RefusedError(_STOPPED)

    def break_off(self) -> None:
        """Have it end at its next step."""
        self.is_out_of_time = True
        if self.before:
            self.before.break_off()

    def advance(self, step: Step, done: int, total: int) -> None:
        """Say how far it has come; RefusedError when it may not go on."""
        self.require_time()
        self.step, self.done, self.total = step, done, total


class Background:
    """Runs work in threads of its own; what failed is remembered until it begins anew."""

    def __init__(self) -> None:
        sys.setswitchinterval(_TURN)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="background")
        self._jobs: dict[int, Job] = {}
        self._lock = Lock()
        self._stopping = False

    def start(self, key: int, work: Callable[[Job], None]) -> bool:
        """Begin work, unless work of this key is going on already; whether it began.

        RefusedError when the server is stopping.
        """
        with self._lock:
            running = self._jobs.get(key)
            if running and running.is_running:
                return False
            self._submit(key, work)
        return True

    def start_next(self, key: int, work: Callable[[Job], None]) -> None:
        """Begin work once that of this key which is going on, if any is, has ended.

        RefusedError when the server is stopping.
        """
        with self._lock:
            self._submit(key, work, before=self._jobs.get(key))

    def _submit(self, key: int, work: Callable[[Job], None], before: Job | None = None) -> None:
        if self._stopping:
            raise RefusedError(_STOPPED)
        job = Job(before=before)
        job.future = self._threads.submit(self._run, key, job, work)
        self._jobs[key] = job

    def job(self, key: int) -> Job | None:
        """The work of this key that goes on, or that failed."""
        with self._lock:
            return self._jobs.get(key)

    def forget(self, key: int) -> None:
        """Forget what failed."""
        with self._lock:
            job = self._jobs.get(key)
            if job and not job.is_running:
                del self._jobs[key]

    def wait(self, key: int, seconds: float) -> None:
        """Wait until nothing of this key goes on, at most so long."""
        job = self.job(key)
        if job:
            wait([job.future], seconds)

    def finish(self, seconds: float) -> None:
        """Wait until nothing goes on, at most so long."""
        with self._lock:
            going_on = [job.future for job in self._jobs.values()]
        wait(going_on, seconds)

    def stop(self, seconds: float) -> None:
        """Begin nothing more; what goes on may end, and is broken off after so long."""
        with self._lock:
            self._stopping = True
        self.finish(seconds)
        with self._lock:
            late = [job for job in self._jobs.values() if job.is_running]
            for job in late:
                job.break_off()
        if late:
            _LOG.warning("breaking off work at its next step")
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.finish(_STEP)

    def _run(self, key: int, job: Job, work: Callable[[Job], None]) -> None:
        """The edge of a thread: a refusal becomes its sentence, a bug a number in the log."""
        if job.before:  # no deadlock: it was given a thread before this was
            wait([job.before.future])
            job.before = None
        try:
            job.require_time()
            work(job)
        except RefusedError as refusal:
            job.failure = refusal.sentence
        except Exception as error:  # noqa: BLE001 - nobody above would hear of it
            job.failure = f"程序出错，没有保存任何内容。请把编号 {logged(error)} 告诉管理员。"
        else:
            with self._lock:
                if self._jobs.get(key) is job:
                    del self._jobs[key]
