"""What was found in the store, kept for everybody until the ledger changes.

Values are shared and never copied: whatever is kept is never changed.
"""

from __future__ import annotations

from collections import OrderedDict
from concurrent.futures import Future
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
_MOST = 256


class Kept:
    """Values of the newest revision, by key; those least asked for go first."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._lock = Lock()
        self._revision = -1
        self._values: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def known(self, revision: int, key: Hashable) -> Future[Any] | None:
        """The value, or that somebody is finding it at this moment; None where nobody is."""
        with self._lock:
            found = self._values.get((revision, key))
            if found:
                self._values.move_to_end((revision, key))
            return found

    def found(self, revision: int, key: Hashable, find: Callable[[], T]) -> T:
        """The value; found by one who asks while the others wait. A failure is not kept."""
        with self._lock:
            self._begin(revision)
            value = self._values.get((revision, key))
            if value is None:
                mine = self._values[revision, key] = Future()
                if len(self._values) > _MOST:
                    self._values.popitem(last=False)
        if value:
            theirs: T = value.result()
            return theirs
        try:
            found = find()
        except BaseException as failure:
            mine.set_exception(failure)
            with self._lock:
                self._values.pop((revision, key), None)
            raise
        mine.set_result(found)
        return found

    def _begin(self, revision: int) -> None:
        """Drop what is older than the revision."""
        if revision > self._revision:
            self._revision = revision
            self._values.clear()
