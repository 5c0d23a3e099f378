"""Whether this process lives, and whether it can serve: for the machines that watch over it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.errors import RefusedError, StoreError, logged
from lib.store import heads, migrations
from lib.ui import resources, warming

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

LIVES, READY = "/healthz", "/readyz"
_HELD = 1.0  # seconds an answer holds: however often it is asked, the store is asked once
_NO_STORE = {"Cache-Control": "no-store"}


async def lives(_request: Request) -> Response:
    """Answer, without asking anything of anybody."""
    return JSONResponse({"lives": True}, headers=_NO_STORE)


async def ready(_request: Request) -> Response:
    """200 when this process can serve, 503 when not; with a word for each thing it needs."""
    found = await run_in_threadpool(_ANSWER.found)
    return JSONResponse(found, 200 if all(found.values()) else 503, headers=_NO_STORE)


def leave() -> None:
    """Say from now on that this process takes no more visitors."""
    _ANSWER.leaving = True


@dataclass
class _Answer:
    """What was found last, and when; one looks at a time, and the others take what it finds."""

    leaving: bool = False
    _found: Mapping[str, bool] = field(default_factory=dict)
    _at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def found(self) -> Mapping[str, bool]:
        """Each thing that is needed, and whether it is there."""
        with self._lock:
            if time.monotonic() - self._at > _HELD:
                self._found = {word: _holds(check) for word, check in _CHECKS.items()}
                self._at = time.monotonic()
            return {**self._found, "staying": not self.leaving}


def _holds(check: Callable[[], object]) -> bool:
    """Whether a check ends without a refusal; what is wrong is for the log alone."""
    try:
        check()
    except RefusedError:
        return False
    except Exception as bug:  # noqa: BLE001 - whoever asks is told no more than no
        logged(bug)
        return False
    return True


def _schema() -> None:
    migrations.require_newest(resources.office().engine)


def _evidence() -> None:
    resources.blobs().require_reachable()


def _heads() -> None:
    if said := heads.fault(resources.office().engine):
        raise StoreError(said)


_CHECKS: Mapping[str, Callable[[], object]] = {
    "store": resources.standing,
    "schema": _schema,
    "evidence": _evidence,
    "heads": _heads,
    "warm": warming.warm,
}
_ANSWER = _Answer()
routes = (Route(LIVES, lives), Route(READY, ready))
