"""The workers' own functions in one process of their own, under their limits, case after case."""

from __future__ import annotations

import multiprocessing
import resource
from typing import TYPE_CHECKING

from lib.pictures import worker as pictures
from lib.workbooks import limits, worker
from tests.support import forks

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_FORKS = multiprocessing.get_context("forkserver")
_WORK = {"workbook": worker.main, "picture": pictures.main}
WITHIN = 20  # seconds for any case: all are small


class Worker:
    """A process that opens what is handed in; it is started anew when a case has ended it."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_serve, args=(theirs,), daemon=True)
        forks.start(self._process)
        theirs.close()

    def said(self, what: str, data: bytes) -> bytes:
        """What a worker says of the bytes; AssertionError when it fails, dies or hangs."""
        try:
            self._pipe.send((what, data))
            in_time = self._pipe.poll(WITHIN)
            answer = self._pipe.recv() if in_time else "nothing in time"
        except (EOFError, OSError):
            answer = "the process died"
        if isinstance(answer, bytes):
            return answer
        self.stop()
        self._start()
        raise AssertionError(answer)

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.WORKER_MEMORY_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        what, data = pipe.recv()
        try:
            pipe.send(_WORK[what](data))
        except BaseException as failure:  # noqa: BLE001 - a library's panic is no Exception
            pipe.send(f"{type(failure).__name__}: {failure}")
