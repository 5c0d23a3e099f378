"""What SQL becomes on a database, kept for the whole run.

Each test has a store, and so an engine, of its own. What the engine of a server compiles once in
its life, hundreds of engines would compile anew, which took a third of the tests' time.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.util import LRUCache

from lib.store import engine


class _Statements(LRUCache[Any, Any]):
    """Compiled statements by what they say and the kind of database, whichever engine asks."""

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ANN401 - SQLAlchemy's
        """The statement, if it was compiled for any engine of this kind."""
        dialect, *said = key
        return super().get((dialect.name, *said), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:  # noqa: ANN401
        dialect, *said = key
        super().__setitem__((dialect.name, *said), compiled)


def share() -> None:
    """Let all engines of the product share them in this process."""
    shared = {"compiled_cache": _Statements(2000)}
    engine.create_engine = partial(create_engine, execution_options=shared)
