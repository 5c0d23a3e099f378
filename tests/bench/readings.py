"""What a benchmark gives: readings taken in one run, printed, kept and compared with an older run.

A single time says little on a shared machine. So a reading is a ratio to a yardstick wherever there
is one, and the two are measured in turns, each pair giving one ratio.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

TIMES = "×"  # the unit of a ratio


@dataclass(frozen=True)
class Reading:
    """What was measured, as often as it was; `limit` is what it should not exceed.

    `unit` is × for a ratio to what `against` names; else what the values are in.
    """

    name: str
    values: tuple[float, ...]
    unit: str = TIMES
    against: str = ""
    limit: float | None = None

    @property
    def median(self) -> float:
        """The middle one of the values."""
        return median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """Between what the middle half of the values lies."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        first, _, third = quantiles(self.values, n=4, method="inclusive")
        return first, third

    @property
    def line(self) -> str:
        """The reading in a line: median, spread, how often, the limit and whether it holds."""
        low, high = self.spread
        words = f"{self.name}: {self.median:.4g} {self.unit}"
        words += f" ({low:.4g} to {high:.4g}, {len(self.values)} times)"
        words += f" {self.against}" if self.against else ""
        if self.limit is None:
            return words
        return f"{words}; limit {self.limit:g}: {'held' if self.median <= self.limit else 'MISSED'}"


def ratio(
    name: str,
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    against: str,
    times: int,
    limit: float | None = None,
    clock: Callable[[], float] = time.perf_counter,
    between: Callable[[], object] = lambda: None,
) -> Reading:
    """How much longer than the yardstick ours takes, measured in turns after one of each.

    `between` is done after ours, and is not measured.
    """
    values = []
    for _ in range(times + 1):
        seconds = _seconds(ours, clock)
        between()
        values.append(seconds / _seconds(yardstick, clock))
    return Reading(name, tuple(values[1:]), against=against, limit=limit)


def _seconds(act: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    act()
    return clock() - began


def keep(path: Path, about: dict[str, str], readings: Iterable[Reading]) -> None:
    """Write readings to a file, and what they are `about`: the tree, the machine."""
    found = {"about": about, "readings": [asdict(reading) for reading in readings]}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def kept(path: Path) -> dict[str, Reading]:
    """The readings in a file, by name."""
    found = json.loads(path.read_text())["readings"]
    readings = [Reading(**{**each, "values": tuple(each["values"])}) for each in found]
    return {reading.name: reading for reading in readings}


def compared(readings: Sequence[Reading], before: dict[str, Reading]) -> Iterable[str]:
    """A line for each reading that was taken before too: what it was, and is now."""
    for now in readings:
        then = before.get(now.name)
        if then:
            change = now.median / then.median
            yield f"{now.name}: {then.median:.4g} → {now.median:.4g} {now.unit} ({change:.2f} ×)"
