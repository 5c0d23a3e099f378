"""The processes in which workbooks are opened and marked, within a workbook's limits."""

from __future__ import annotations

from lib import process
from lib.workbooks import limits

serve = process.serve


def run(module: str, given: bytes) -> bytes | None:
    """What `python -m module` makes of the bytes; None when it fails, dies or takes too long."""
    allowed = process.Limits(
        limits.WORKER_MEMORY_BYTES, limits.WORKER_CPU_SECONDS, limits.WORKER_SECONDS
    )
    return process.run(module, given, allowed)
