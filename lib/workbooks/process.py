"""The processes in which workbooks are opened and marked, within a workbook's limits."""

from __future__ import annotations

import math

from lib import process
from lib.workbooks import limits

serve = process.serve

READER = "lib.workbooks.worker"
REST = 2.0  # seconds in which a workbook that was read is checked, as a rule


def run(module: str, given: bytes) -> bytes | None:
    """What `python -m module` makes of the bytes; None when it fails, dies or takes too long."""
    return process.run(module, given, _allowed())


def expect_workbooks(times: float = math.inf, rest: float = 0) -> None:
    """Have a process wait for the next workbook that is to be read, as `process.expect` does."""
    process.expect(READER, _allowed(), times, rest)


def _allowed() -> process.Limits:
    return process.Limits(
        limits.WORKER_MEMORY_BYTES, limits.WORKER_CPU_SECONDS, limits.WORKER_SECONDS
    )
