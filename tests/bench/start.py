"""The first page after start, in a process that has served nobody: the overview, and an empty page.

A process is asked once it says that it is ready, as a proxy does.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.bench import served
from tests.bench.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMES = 5


def measure() -> Iterator[Reading]:
    """The overview's first run against the empty page's, each by itself on the machine."""
    with served.office() as office:
        pairs = [(_ours(office), _empty(office)) for _ in range(_TIMES)]
    yield Reading(
        "first page after start",
        tuple(ours.first / empty.first for ours, empty in pairs),
        against="empty page's first",
    )
    yield Reading("first page after start, time", tuple(each.first for each, _ in pairs), "s")
    yield Reading("ready after start", tuple(each.ready for each, _ in pairs), "s")


class _Start:
    """How long one start took to be ready, and its first page."""

    def __init__(self, ready: float, first: float) -> None:
        self.ready, self.first = ready, first


def _ours(office: served.Office) -> _Start:
    began = time.perf_counter()
    with served.product(office) as running:
        ready = time.perf_counter() - began
        with served.page(running, token=office.cookie("leader")) as page:
            return _Start(ready, page.rerun())


def _empty(office: served.Office) -> _Start:
    began = time.perf_counter()
    with served.empty(office.folder) as running:
        ready = time.perf_counter() - began
        with served.page(running) as page:
            return _Start(ready, page.rerun())
