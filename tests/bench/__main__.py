"""Benchmarks, by the names of their parts: `make bench PARTS="posting files" OUT=now.json`.

Nothing else should run on the machine meanwhile.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from lib.settings import ROOT
from tests.bench.readings import Reading, compared, keep, kept

# Each is a module with `measure()`, which yields its readings as they are taken.
PARTS = {
    "start": "the first page after start",
    "pages": "a rerun of each page, against an empty page",
    "load": "many at once over the real websocket; memory and latency over many reruns",
    "posting": "posting 1 000, 10 000, 100 000 rows, against reading and writing alone",
    "files": "templates and ledgers, against the writing library alone",
    "figures": "figures of one contract among 1, 10, 100, on both stores",
    "compare": "the page of all contracts, from the daily sums",
    "browser": "first paint, bytes and layout shift in a real browser",
}


def main() -> int:
    """Measure the parts asked for; 1 when a limit was missed."""
    asked = _arguments()
    readings: list[Reading] = []
    for part in asked.parts or PARTS:
        print(f"# {part}: {PARTS[part]}", flush=True)  # noqa: T201
        for reading in importlib.import_module(f"tests.bench.{part}").measure():
            print(reading.line, flush=True)  # noqa: T201
            readings.append(reading)
    if asked.out:
        keep(asked.out, _about(), readings)
    if asked.before:
        print(*compared(readings, kept(asked.before)), sep="\n")  # noqa: T201
    return int(any(each.limit is not None and each.median > each.limit for each in readings))


def _arguments() -> argparse.Namespace:
    listed = "\n".join(f"  {part:8} {words}" for part, words in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=f"Benchmarks, in ratios taken in one run. Parts:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep the readings in a file")
    parser.add_argument("--before", type=Path, metavar="FILE", help="compare with an older file")
    return parser.parse_args()


def _about() -> dict[str, str]:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - the developer's own git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "tree": described.stdout.strip(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


if __name__ == "__main__":
    raise SystemExit(main())
