"""What the gate saw at a browser's word, for the run that the word asks for: asked once, not twice.

A look serves one run, begun soon after, and none after a change: whatever this process has written
since has the run look for itself.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from lib.store.engine import Writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from lib.actions.accounts import Arrival

_GOOD_FOR = 1.0  # seconds; what another process changes meanwhile is seen at the next word


@dataclass(frozen=True)
class _Look:
    arrival: Arrival
    written: int
    at: float


class Looks:
    """The last look at each session, until a run has taken it or it is old."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """None yet; `now` tells seconds."""
        self._now = now
        self._lock = Lock()
        self._looks: OrderedDict[int, _Look] = OrderedDict()

    def __len__(self) -> int:
        """How many no run has taken yet."""
        return len(self._looks)

    def look(self, find: Callable[[], Arrival | None]) -> Arrival | None:
        """What `find` finds, kept for the run."""
        written, at = Writes.number, self._now()  # before it is asked
        found = find()
        if found:
            self._keep(_Look(found, written, at))
        return found

    def taken(self, session_id: int) -> Arrival | None:
        """The look at a session if it holds still, for nobody else."""
        with self._lock:
            found = self._looks.pop(session_id, None)
        if found is None or found.written != Writes.number or self._is_old(found):
            return None
        return found.arrival

    def _keep(self, look: _Look) -> None:
        """Keep it, unless there is one that began later: of two tabs, or one that waited long."""
        session_id = look.arrival.session_id
        with self._lock:
            kept = self._looks.get(session_id)
            if kept is None or kept.at <= look.at:
                self._looks[session_id] = look
                self._looks.move_to_end(session_id)
            while self._looks and self._is_old(next(iter(self._looks.values()))):
                self._looks.popitem(last=False)

    def _is_old(self, look: _Look) -> bool:
        return self._now() - look.at > _GOOD_FOR
