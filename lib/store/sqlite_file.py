"""SQLite's file: connections to one that was taken away or replaced are never used again.

An open file lives on when its name is gone: what is written to it then is lost with the process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError

from lib.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

_GONE = "数据库文件不在了，或者是空的：请核对 DATABASE_URL，或从备份中恢复。"
_IDENTITY = "file_identity"


@dataclass
class StoreFile:
    """The file of a store; `was_there` once it has held anything."""

    path: Path
    was_there: bool = field(default=False)

    def watched_by(self, engine: Engine) -> None:
        """Look at the file whenever a connection is made or taken out of the engine's pool."""
        event.listen(engine, "do_connect", self._require)
        event.listen(engine, "connect", self._note)
        event.listen(engine, "checkout", self._compare)

    def _require(self, *_: object) -> None:
        """StoreError where SQLite would make a new, empty file in place of one that is gone."""
        if self.path.exists() and self.path.stat().st_size:
            self.was_there = True
        elif self.was_there:
            raise StoreError(_GONE)

    def _note(self, _connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        record.info[_IDENTITY] = self._identity()

    def _compare(self, _connection: object, record: Any, _proxy: object) -> None:  # noqa: ANN401
        """Have a connection replaced whose file is no longer the one of that name."""
        if self._identity() != record.info[_IDENTITY]:
            raise DisconnectionError

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
