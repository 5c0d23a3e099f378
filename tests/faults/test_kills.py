"""Killed at any moment, a store holds exactly the acts that were acknowledged, or one more.

`KILLS` says how often in all; `SEED` makes the moments of a run again that failed.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from lib.errors import RefusedError
from lib.store import contracts
from tests.faults.acts import (
    SCRIPTS,
    Place,
    held,
    ledger,
    moment_of,
    require_intact,
    require_sound,
)
from tests.faults.children import STARTED_WITHIN, Child, run_acts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.faults.acts import Held
    from tests.faults.conftest import Fresh

KILLS = int(os.environ.get("KILLS", "20"))
SHARES = {"everyday": KILLS * 4 // 5, "closing": KILLS - KILLS * 4 // 5}
SEED = int(os.environ.get("SEED", "0")) or secrets.randbelow(10**9)


@dataclass(frozen=True)
class Trial:
    """A script to be killed: how its stores are made, and what one holds before and after."""

    fresh_store: Fresh
    evidence: str
    script: str

    def undisturbed(self) -> Sequence[Held]:
        """What a store holds before the first act, and after each."""
        with self.fresh_store() as url:
            place = Place.opened(url, self.evidence)
            states = [held(place)]
            for number, act in enumerate(SCRIPTS[self.script]):
                act(place, moment_of(number))
                states.append(held(place))
                assert states[-1] != states[-2], act
            require_sound(place)
            place.engine.dispose()
        return states

    def measured(self) -> float:
        """How many seconds all acts take in a process of their own."""
        with self.fresh_store() as url:
            child = self._begun(url)
            before = time.monotonic()
            child.told.send("go")
            assert child.finish() == list(range(len(SCRIPTS[self.script])))
            return time.monotonic() - before

    def killed_after(self, url: str, seconds: float) -> int:
        """Do the acts in a process that is killed after so long: how many it acknowledged."""
        child = self._begun(url)
        child.told.send("go")
        time.sleep(seconds)  # the random moment is the point
        acknowledged = child.kill()
        assert acknowledged == list(range(len(acknowledged)))
        return len(acknowledged)

    def _begun(self, url: str) -> Child:
        """A process that waits for a word to begin."""
        child = Child(run_acts, url, self.evidence, self.script)
        assert child.told.poll(STARTED_WITHIN)
        assert child.told.recv() == "ready"
        return child

    def carried_on(self, place: Place, first: int) -> None:
        """The acts from this one on, as their people do them; the first perhaps once more."""
        for number, act in enumerate(SCRIPTS[self.script]):
            try:
                if number >= first:
                    act(place, moment_of(number))
            except RefusedError:
                assert number == first  # done already, and it says so


def standing(place: Place, after: Sequence[Held], acknowledged: int) -> int:
    """How many acts the store holds: those acknowledged, or those and the one in flight."""
    with contracts.acting(place.engine, place.stored):
        pass  # what the dead process had begun is over
    require_intact(place)
    now, possible = held(place), (acknowledged, min(acknowledged + 1, len(after) - 1))
    return next(number for number in possible if now == after[number])


@pytest.mark.parametrize("script", SCRIPTS)
def test_killed_at_any_moment_nothing_is_lost_and_nothing_half_written(
    fresh_store: Fresh, tmp_path: Path, script: str
):
    trial = Trial(fresh_store, (tmp_path / "evidence").as_uri(), script)
    after, seconds = trial.undisturbed(), trial.measured()
    chosen = random.Random(SEED)  # noqa: S311 - to be had again
    print(f"SEED={SEED} KILLS={KILLS}")  # noqa: T201 - shown when it fails
    stood = []
    for _ in range(SHARES[script]):
        with fresh_store() as url:
            acknowledged = trial.killed_after(url, chosen.uniform(0, seconds))
            place = Place.opened(url, trial.evidence)
            stood.append((acknowledged, standing(place, after, acknowledged)))
            trial.carried_on(place, acknowledged)
            assert ledger(held(place)) == ledger(after[-1])
            require_sound(place)
            place.engine.dispose()
    print(f"acknowledged and found: {sorted(stood)}")  # noqa: T201
