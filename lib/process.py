"""Work on uploaded bytes in a process of its own, with limits: it can die without harm."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Limits:
    """What a process may take: address space in bytes, CPU seconds, seconds by the clock."""

    memory: int
    cpu_seconds: int
    seconds: int


def run(module: str, given: bytes, limits: Limits) -> bytes | None:
    """What `python -m module` makes of the bytes; None when it fails, dies or takes too long."""
    command = [sys.executable, "-m", module, str(limits.memory), str(limits.cpu_seconds)]
    # A process that is killed cannot clear away the files it was writing.
    with TemporaryDirectory() as folder:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, no shell, no user's words
                command,
                input=given,
                capture_output=True,
                timeout=limits.seconds,
                cwd=_ROOT,
                env=os.environ | {"TMPDIR": folder},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
    return done.stdout if done.returncode == 0 else None


def serve(work: Callable[[bytes], bytes]) -> None:
    """The other end of `run`: limits are set before anything is parsed."""
    memory, cpu = (int(argument) for argument in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(work(sys.stdin.buffer.read()))
