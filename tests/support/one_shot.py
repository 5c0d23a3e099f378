"""A process that says who it is and where it may write: `python -m tests.support.one_shot`."""

from __future__ import annotations

import os
import tempfile

from lib import process


def work(given: bytes) -> bytes:
    """Its own number, its parent's, its folder for files, and what it was given."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        folder = os.path.dirname(file.name)  # noqa: PTH120 - a name
    return b"%d %d %s %s" % (os.getpid(), os.getppid(), os.fsencode(folder), given)


if __name__ == "__main__":
    process.serve(work)
