"""Work on uploaded bytes in a process of its own, with limits: it can die without harm.

Each does one piece of work. Where some is expected, the next process waits already: starting one
takes longer than a small workbook does.
"""

from __future__ import annotations

import atexit
import math
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Limits:
    """What a process may take: address space in bytes, CPU seconds, seconds by the clock."""

    memory: int
    cpu_seconds: int
    seconds: int


_Sort: TypeAlias = tuple[str, Limits]  # the module that is run, and its limits


def run(module: str, given: bytes, limits: Limits) -> bytes | None:
    """What `python -m module` makes of the bytes; None when it fails, dies or takes too long."""
    # A process that is killed cannot clear away the files it was writing.
    with TemporaryDirectory() as folder, _waiting.taken((module, limits)) as process:
        try:
            said, _ = process.communicate(os.fsencode(folder) + b"\n" + given, limits.seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()
    return said if process.returncode == 0 else None


def expect(module: str, limits: Limits, times: float = math.inf) -> None:
    """Have a process wait for the next `run` of this module, so many times."""
    _waiting.expect((module, limits), times)


def end_waiting() -> None:
    """End the processes that wait, and expect no more work."""
    _waiting.end()


def serve(work: Callable[[bytes], bytes]) -> None:
    """The other end of `run`: limits are set before anything is parsed."""
    memory, cpu = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = os.fsdecode(sys.stdin.buffer.readline().rstrip(b"\n"))
    if not folder:  # whoever would have asked is gone
        return
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    sys.stdout.buffer.write(work(sys.stdin.buffer.read()))


class _Waiting:
    """At most one process of each sort that was started before there was work for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._expected: dict[_Sort, float] = {}
        self._processes: dict[_Sort, subprocess.Popen[bytes]] = {}

    def expect(self, sort: _Sort, times: float) -> None:
        """Have one wait, and after it another, so many times."""
        with self._lock:
            self._expected[sort] = times
            self._refill(sort)

    def taken(self, sort: _Sort) -> subprocess.Popen[bytes]:
        """A process that has done nothing yet; the next one starts while it works."""
        with self._lock:
            self._expected[sort] = max(self._expected.get(sort, 0) - 1, 0)
            process = self._processes.pop(sort, None)
            if process and process.poll() is not None:  # it died
                process.communicate()
                process = None
            process = process or _started(sort)
            self._refill(sort)
        return process

    def end(self) -> None:
        """End all."""
        with self._lock:
            for process in self._processes.values():
                with process:
                    process.kill()
            self._expected.clear()
            self._processes.clear()

    def forget(self) -> None:
        """Leave them all to the process of which this one is a fork."""
        self._lock = Lock()
        for process in self._processes.values():
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()
        self._expected.clear()
        self._processes.clear()

    def _refill(self, sort: _Sort) -> None:
        if self._expected[sort] and sort not in self._processes:
            self._processes[sort] = _started(sort)


def _started(sort: _Sort) -> subprocess.Popen[bytes]:
    module, limits = sort
    return subprocess.Popen(  # noqa: S603 - our own module, no shell, no user's words
        [sys.executable, "-m", module, str(limits.memory), str(limits.cpu_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
    )


_waiting = _Waiting()
atexit.register(_waiting.end)
os.register_at_fork(after_in_child=_waiting.forget)
