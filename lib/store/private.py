"""Files with people's data in them are for their owner only, whatever the process was started with.

SQLite gives its journals the mode of the store they belong to.
"""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE = 0o077  # what a process takes away from the mode of all that it makes
_LOG = logging.getLogger(__name__)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read, unless there is a file; else close that one.

    Where it cannot be made, whoever opens it says why.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    close(path)


def close(path: Path) -> None:
    """Close a file or folder to all but its owner; it is logged when that is not ours to do."""
    with suppress(FileNotFoundError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & PRIVATE:
            return
        try:
            path.chmod(mode & ~PRIVATE)
        except OSError:
            _LOG.warning("others may read %s, and it is not ours to close", path.name)
