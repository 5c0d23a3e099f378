"""Where the system's Chromium is, and how tests start it; as a program, whether it is there."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

MISSING = (
    "The tests need Chromium and found none. Install it (Debian: apt-get install chromium "
    "fonts-noto-cjk), or name an executable in the environment variable CHROMIUM."
)

# No sandbox, because root has none; nothing in the background, because the network may be closed.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path | None:
    """The executable that CHROMIUM names, else the one on PATH or where Debian puts it."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else ["chromium", "/usr/bin/chromium"]
    found = next(filter(None, map(shutil.which, candidates)), None)
    return Path(found) if found else None


if __name__ == "__main__":
    sys.exit(None if find_chromium() else MISSING)
