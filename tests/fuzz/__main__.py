"""Fuzzing for so many minutes, each round from a seed of its own: `make fuzz MINUTES=10`."""

from __future__ import annotations

import sys
import time
import warnings
from random import SystemRandom

from tests.fuzz import trials
from tests.fuzz.child import Worker

ROUND = 500


def main(minutes: float) -> None:
    """Go on until the time is over; the first failing case ends it, as small as it can be."""
    warnings.simplefilter("ignore")  # of names twice in an archive
    worker, tried, accepted = Worker(), 0, 0
    ends = time.monotonic() + minutes * 60
    while time.monotonic() < ends:
        seed = SystemRandom().randrange(1 << 32)
        for trial in (trials.damaged_workbooks, trials.filled_workbooks, trials.damaged_pictures):
            print(f"{tried} cases tried; {trial.__name__}, FUZZ_SEED={seed}", flush=True)  # noqa: T201
            accepted += trial(worker, ROUND, seed)
            tried += ROUND
    worker.stop()
    print(f"{tried} cases tried, {accepted} files or rows of them accepted, no failure")  # noqa: T201


if __name__ == "__main__":
    main(float(sys.argv[1]))
