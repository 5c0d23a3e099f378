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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Timer
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Limits:
    """What a process may take: address space in bytes, CPU seconds, seconds by the clock."""

    memory: int
    cpu_seconds: int
    seconds: int


_Sort: TypeAlias = tuple[str, Limits]  # the module that is run, and its limits


@dataclass
class _Expected:
    """How much work is still to come, and the seconds of rest after each piece."""

    times: float = 0
    rest: float = 0


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


def expect(module: str, limits: Limits, times: float = math.inf, rest: float = 0) -> None:
    """Have a process wait for the next `run` of this module, so many times.

    The next one starts while that one works; or `rest` seconds after, to leave the machine to it
    and to whoever works on with what it says.
    """
    _waiting.expect((module, limits), _Expected(times, rest))


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
    sys.stdout.buffer.flush()
    os._exit(0)  # without taking apart what was made


class _Waiting:
    """At most one process of each sort that was started before there was work for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._expected: dict[_Sort, _Expected] = {}
        self._processes: dict[_Sort, subprocess.Popen[bytes]] = {}

    def expect(self, sort: _Sort, expected: _Expected) -> None:
        """Have one wait, and after it another, as long as work is expected."""
        with self._lock:
            self._expected[sort] = expected
        self._refill(sort)

    @contextmanager
    def taken(self, sort: _Sort) -> Iterator[subprocess.Popen[bytes]]:
        """A process that has done nothing yet."""
        with self._lock:
            expected = self._expected.setdefault(sort, _Expected())
            expected.times = max(expected.times - 1, 0)
            process = self._waiting_one(sort) or _started(sort)
        if not expected.rest:
            self._refill(sort)
        try:
            with process:
                yield process
        finally:
            if expected.rest:
                self._refill_after(expected.rest, sort)

    def _waiting_one(self, sort: _Sort) -> subprocess.Popen[bytes] | None:
        process = self._processes.pop(sort, None)
        if process and process.poll() is not None:  # it died
            process.communicate()
            return None
        return process

    def _refill_after(self, rest: float, sort: _Sort) -> None:
        timer = Timer(rest, self._refill, [sort])
        timer.daemon = True
        timer.start()

    def _refill(self, sort: _Sort) -> None:
        with self._lock:
            expected = self._expected.get(sort)
            if expected and expected.times and sort not in self._processes:
                self._processes[sort] = _started(sort)

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
