"""How many strangers may hold a page open at the same time, and how long and how much each.

Each holds a session in the server's memory before anybody knows who it is.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FROM_ONE_ADDRESS = 30  # an office signs in from behind one address in the morning
IN_ALL = 120
IDLE = 900.0  # seconds without a word; a browser comes again by itself
LONGEST_MESSAGE = 1 << 16  # bytes; a name and a password take a few hundred


class Crowd:
    """The strangers who hold a page open at this moment, by address."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._here: Counter[str] = Counter()

    @contextmanager
    def place(self, address: str) -> Iterator[bool]:
        """A place for one more for as long as it is held; False when there is none."""
        free = self._here[address] < FROM_ONE_ADDRESS and self._here.total() < IN_ALL
        if not free:
            yield False
            return
        self._here[address] += 1
        try:
            yield True
        finally:
            self._here[address] -= 1
            self._here += Counter()  # forgets addresses of which nobody is left
