"""The world outside of this machine, as a browser of the tests finds it: it never answers."""

from __future__ import annotations

import re
import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

# What Chromium asks its maker by itself, with every flag against it. No page has business there.
_BROWSERS_OWN = re.compile(
    r"(update|content-autofill|optimizationguide-pa|safebrowsing)\.googleapis\.com"
    r"|(accounts|clients\d|android\.clients|mtalk|www)\.google\.com|[a-z.]+\.gvt1\.com"
)


class _Request(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        first = self.rfile.readline(1000).decode("latin-1").strip()
        cast("Outside", self.server).asked.append(first)


class Outside(socketserver.ThreadingTCPServer):
    """A proxy for everything that is not this machine; `asked` has the first line of each request.

    Whatever the browser loads goes past it: pages of any context, frames, workers, websockets.
    """

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port."""
        super().__init__(("127.0.0.1", 0), _Request)
        self.asked: list[str] = []

    @property
    def flag(self) -> str:
        """What has Chromium ask here; it asks this machine's own addresses directly."""
        return f"--proxy-server=127.0.0.1:{self.server_address[1]}"

    def heard(self) -> list[str]:
        """What pages asked since the last time."""
        asked, self.asked = self.asked, []
        return [line for line in asked if not _BROWSERS_OWN.search(line.split("?")[0])]


@contextmanager
def outside() -> Iterator[Outside]:
    """It listens as long as this lasts."""
    with Outside() as world:
        threading.Thread(target=world.serve_forever, daemon=True).start()
        yield world
        world.shutdown()
