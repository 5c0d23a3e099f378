"""Processes forked from one in which everything is imported: they start in a hundredth of a second.

They are never forked from the tests' own process, whose threads and connections they would share.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import event

from lib.actions.post_upload import Asked
from lib.errors import RefusedError
from lib.ui.upload_desk import Desk
from tests.faults.acts import FIRST, SCRIPTS, Place, moment_of
from tests.spec import small
from tests.support import forks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess
    from multiprocessing.synchronize import Barrier
    from typing import Any

    from sqlalchemy import Engine

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["__main__", "pytest", "tests.faults.children"])
STARTED_WITHIN = 60  # seconds


class Child:
    """A process that runs `work(connection, *given)`; `told` is our end of the pipe."""

    def __init__(self, work: Callable[..., None], *given: object) -> None:
        self.told, theirs = _FORKS.Pipe()
        self._process: ForkServerProcess = _FORKS.Process(
            target=work, args=(theirs, *given), daemon=True
        )
        forks.start(self._process)
        theirs.close()

    def kill(self) -> list[object]:
        """Kill it, if it still runs; all that it told by then."""
        if self._process.is_alive() and self._process.pid:
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        return list(self._left())

    def ended_by(self) -> int | None:
        """Wait for its end: its exit status, or the negative number of the signal."""
        list(self._left())
        self._process.join()
        return self._process.exitcode

    def finish(self) -> list[object]:
        """Wait for its end; all that it told. It must not have failed."""
        told = list(self._left())
        self._process.join()
        assert self._process.exitcode == 0, self._process.exitcode
        return told

    def _left(self) -> Iterator[object]:
        """What is still in the pipe, until its other end is closed."""
        try:
            while True:
                yield self.told.recv()
        except (EOFError, ConnectionResetError):
            self.told.close()


def run_acts(told: Connection, store: str, evidence: str, script: str) -> None:
    """Do the acts of a script, as soon as it is said, and tell each that is acknowledged."""
    place = Place.opened(store, evidence)
    told.send("ready")
    told.recv()
    for number, act in enumerate(SCRIPTS[script]):
        act(place, moment_of(number))
        told.send(number)
    told.close()


@dataclass(frozen=True)
class Contender:
    """A process that does what it is given at the same instant as another."""

    child: Child

    @classmethod
    @contextmanager
    def two(cls, store: str, evidence: str) -> Iterator[tuple[Contender, Contender]]:
        """Two of them at one store, until the context ends."""
        together = _FORKS.Barrier(2)
        both = tuple(cls(Child(contend, store, evidence, together)) for _ in range(2))
        try:
            yield both
            for each in both:
                each.begin(None)
        finally:
            for each in both:
                each.child.kill()

    def begin(self, deed: object) -> None:
        """Let it do something once both were told what; None ends it."""
        self.child.told.send(deed)

    def said(self) -> Any:  # noqa: ANN401 - as it comes
        """What came of it."""
        assert self.child.told.poll(STARTED_WITHIN)
        return self.child.told.recv()


def contend(told: Connection, store: str, evidence: str, together: Barrier) -> None:
    """Do what is told, each time as soon as the other is ready for its own."""
    place = Place.opened(store, evidence)
    while deed := told.recv():
        together.wait(STARTED_WITHIN)
        told.send(attempted(deed, place))


def attempted(deed: Callable[[Place], Any], place: Place) -> Any:  # noqa: ANN401 - as it comes
    """What comes of a deed: its value, or the sentence with which it is refused."""
    try:
        return deed(place)
    except RefusedError as refused:
        return refused.sentence


def hand_in_and_die(
    told: Connection, store: str, evidence: str, data: bytes, statement: str, nth: int
) -> None:
    """Hand in a workbook, and be killed when a statement is about to be done the nth time."""
    place = Place.opened(store, evidence)
    _die(place.engine, lambda done: sum(each.startswith(statement) for each in done) == nth)
    desk = Desk(place.engine, place.stored, lambda: small.NOW)
    desk.hand_in(FIRST, "日志.xlsx", data)
    desk.finish(STARTED_WITHIN)
    told.send("not killed")


def post_and_die(
    told: Connection, store: str, evidence: str, upload_id: int, moment: str, after: str
) -> None:
    """Post an upload, and be killed at a moment, the first after a statement ("": after any)."""
    place = Place.opened(store, evidence)
    _die(
        place.engine,
        lambda done: (
            done[-1].startswith(moment) and any(each.startswith(after) for each in done[:-1])
        ),
    )
    desk = Desk(place.engine, place.stored, lambda: small.NOW)
    desk.post(FIRST, upload_id, Asked())
    desk.finish(STARTED_WITHIN)
    told.send("not killed")


def _die(engine: Engine, is_reached: Callable[[Sequence[str]], bool]) -> None:
    """Be killed at the first statement, COMMIT, or time "afterwards", for which that holds."""
    done: list[str] = []

    def reach(what: str) -> None:
        done.append(what)
        if is_reached(done):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", lambda *given: reach(given[2]))
    event.listen(engine, "commit", lambda _: reach("COMMIT"))
    event.listen(engine, "checkin", lambda *_: reach("afterwards"))
