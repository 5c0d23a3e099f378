"""What was found in the store, kept for everybody until the ledger changes.

Values are shared and never copied: whatever is kept is never changed.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
_MOST = 512


class Kept:
    """Values of the newest revision, by key; those least asked for go first."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._lock = Lock()
        self._revision = -1
        self._values: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def has(self, revision: int, key: Hashable) -> bool:
        """Whether the value is there at once."""
        with self._lock:
            found = self._values.get((revision, key))
            return found is not None and found.done()

    def found(self, revision: int, key: Hashable, find: Callable[[], T]) -> T:
        """The value; found by one who asks while the others wait. A failure is not kept."""
        while True:
            value: Future[T]
            value, is_mine = self._place((revision, key), revision)
            if is_mine:
                return self._fill((revision, key), value, find)
            with suppress(CancelledError):  # whoever looked for it was called away
                return value.result()

    def _place(self, key: Hashable, revision: int) -> tuple[Future[T], bool]:
        """Where the value stands or will stand, and whether it is for the caller to find it."""
        with self._lock:
            if revision > self._revision:
                self._revision = revision
                self._values.clear()
            value = self._values.get(key)
            if value:
                self._values.move_to_end(key)
                return value, False
            mine = self._values[key] = Future()
            if len(self._values) > _MOST:
                self._values.popitem(last=False)
            return mine, True

    def _fill(self, key: Hashable, place: Future[T], find: Callable[[], T]) -> T:
        try:
            found = find()
        except BaseException as failure:
            with self._lock:
                self._values.pop(key, None)
            if isinstance(failure, Exception):
                place.set_exception(failure)
            else:  # a click led the visitor elsewhere: that is nobody else's matter
                place.cancel()
            raise
        place.set_result(found)
        return found
