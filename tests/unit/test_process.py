"""Processes for one piece of work each: started before there is any, never used twice, not left."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from lib import process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

MODULE = "tests.support.one_shot"
LIMITS = process.Limits(memory=1 << 30, cpu_seconds=20, seconds=60)
WITHIN = 30  # seconds


@dataclass(frozen=True)
class Said:
    """Who answered, and what."""

    pid: int
    parent: int
    folder: Path
    given: bytes


def asked(given: bytes = b"") -> Said:
    """The answer of a process."""
    said = process.run(MODULE, given, LIMITS)
    assert said is not None
    pid, parent, folder, echo = said.split(b" ", 3)
    return Said(int(pid), int(parent), Path(os.fsdecode(folder)), echo)


def waiting() -> list[int]:
    """The processes that are there for work."""
    children = psutil.Process().children()
    return [each.pid for each in children if MODULE in each.cmdline()]


def rest_is_over() -> None:
    """Wait for what is to start after a rest."""
    for each in threading.enumerate():
        if isinstance(each, threading.Timer):
            each.join()


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    yield
    process.end_waiting()
    assert waiting() == []


def test_without_work_expected_none_waits():
    said = asked(b"line\nline")

    assert (said.parent, said.given) == (os.getpid(), b"line\nline")
    assert not said.folder.exists()
    assert waiting() == []


def test_each_waits_for_one_piece_of_work():
    process.expect(MODULE, LIMITS, 3)
    found = []
    for _ in range(3):
        [ready] = waiting()
        assert asked().pid == ready
        found.append(ready)

    assert waiting() == []
    assert len({*found, asked().pid}) == 4


def test_after_a_rest_the_next_one_waits():
    process.expect(MODULE, LIMITS, rest=0.2)
    [ready] = waiting()

    assert asked().pid == ready
    assert waiting() == []
    rest_is_over()
    [after] = waiting()
    assert asked().pid == after


def test_none_starts_after_a_rest_once_all_are_ended():
    process.expect(MODULE, LIMITS, rest=0.2)
    asked()
    process.end_waiting()
    rest_is_over()

    assert waiting() == []


def test_one_that_died_is_replaced():
    process.expect(MODULE, LIMITS)
    [ready] = waiting()
    os.kill(ready, signal.SIGKILL)
    os.waitid(os.P_PID, ready, os.WEXITED | os.WNOWAIT)

    assert asked().pid != ready
    assert len(waiting()) == 1


def test_one_under_other_limits_is_not_taken():
    process.expect(MODULE, LIMITS)
    [ready] = waiting()
    said = process.run(MODULE, b"", process.Limits(LIMITS.memory // 2, 20, 60))

    assert said
    assert int(said.split()[0]) != ready
    assert waiting() == [ready]


def test_no_more_is_expected_once_all_are_ended():
    process.expect(MODULE, LIMITS)
    process.end_waiting()
    asked()

    assert waiting() == []


def test_a_fork_leaves_them_to_its_parent():
    process.expect(MODULE, LIMITS)
    [ready] = waiting()
    ours, theirs = multiprocessing.Pipe()
    fork = multiprocessing.get_context("fork").Process(target=ask_for, args=(theirs,))
    fork.start()
    said = ours.recv() if ours.poll(WITHIN) else None
    fork.join()

    assert said
    assert said.parent == fork.pid
    assert waiting() == [ready]
    assert asked().pid == ready


def ask_for(pipe: Connection) -> None:
    """Send the answer to whoever forked."""
    pipe.send(asked())


EXPECTS = """
from lib import process
from tests.unit.test_process import LIMITS, MODULE
process.expect(MODULE, LIMITS)
print("ready", flush=True)
input()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, None], ids=["killed", "by itself"])
def test_none_outlives_whoever_expected_work(how: signal.Signals | None):
    with subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", EXPECTS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        [ready] = psutil.Process(parent.pid).children()  # it may not say yet what it runs
        if how:
            parent.send_signal(how)
        parent.communicate(b"\n")

    assert psutil.wait_procs([ready], timeout=WITHIN)[1] == []
