"""The heads of the audit log, kept outside the database: what shows that it was cut or rewritten.

A chain of hashes holds its lines together, but whoever may write to the database can cut off its
end or write all of it anew. So the number and the hash of each line stand in a file of their own as
well, and in the server's log, which goes to another machine. The file is only added to: a JSON
object a line, under a lock, synced before the lock is let go.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lib.store import audit
from lib.store.chain import canonical
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from lib.store.audit import Head
    from lib.store.contracts import AnyContract

_LOG = logging.getLogger("lib.audit")
_OPTION = "audit_heads"
_TAILS = (4 * 1024, 256 * 1024)  # bytes looked at first for what was kept last
_BEGUN, _RESTORED = "begun", "restored"


def keep_in(engine: Engine, path: Path) -> Engine:
    """The engine, every act through which has its head kept in the file from now on."""
    engine.update_execution_options(**{_OPTION: path})
    return engine


def place(engine: Engine) -> Path | None:
    """The file in which an engine's acts have their heads kept; None where none are."""
    found: Path | None = engine.get_execution_options().get(_OPTION)
    return found


@dataclass(frozen=True)
class Restoring:
    """A store that was put back to an earlier line from a backup: when, by whom, what was lost."""

    at: str
    by: str
    line: int
    lost: int  # the last line that was kept of the log before; at most `line`: none was lost


@dataclass
class Kept:
    """What a file says of a contract's log: by line the hashes kept of it (one, if all is well).

    `restored` are the times that the store was put back; what was kept of lines lost then is left
    out. `first` is the line from which on all are kept; None where nothing ever was.
    """

    hashes: dict[int, list[str]] = field(default_factory=dict)
    restored: list[Restoring] = field(default_factory=list)
    first: int | None = None

    @property
    def last(self) -> int:
        """The last line kept; 0 before the first."""
        return max(self.hashes, default=0)

    def add(self, said: Mapping[str, Any]) -> None:
        """Take in a line of the file."""
        number, event = said["line"], said.get("event")
        if event == _RESTORED:
            self.restored.append(Restoring(said["at"], said["by"], number, self.last))
            self.hashes = {line: hashes for line, hashes in self.hashes.items() if line <= number}
        if self.first is None or event == _BEGUN:
            self.first = number or 1
        if number and said["hash"] not in self.hashes.setdefault(number, []):
            self.hashes[number].append(said["hash"])


def kept(path: Path, contract: str) -> Kept:
    """All that the file says of a contract; OSError when it cannot be read, nothing without it."""
    found = Kept()
    try:
        with path.open("rb") as file:
            for said in _said(file, contract):
                found.add(said)
    except FileNotFoundError:
        return found
    return found


def last_kept(path: Path, contract: str) -> Kept:
    """What the end of the file says of a contract: enough to know what was kept last."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return Kept()
    try:
        return _held(file, contract)
    finally:
        os.close(file)


def _said(lines: Iterable[bytes], contract: str) -> Iterator[Mapping[str, Any]]:
    """The lines about a contract; what a crash or a hand left of a line says nothing."""
    for line in lines:
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if _is_whole(said) and said["contract"] == contract:
            yield said


_TYPES = {"contract": str, "line": int, "hash": str, "at": str}


def _is_whole(said: object) -> bool:
    if not isinstance(said, dict) or (said.get("event") == _RESTORED and "by" not in said):
        return False
    return all(isinstance(said.get(name), type_) for name, type_ in _TYPES.items())


def follow(engine: Engine, stored: AnyContract, head: Head | None = None) -> bool:
    """Keep the log's head, and the lines before it that a crash left out; whether that was done.

    `head` is the newest line as the act that wrote it knows it; without it the store is asked. The
    act stands in any case: what cannot be kept is an error of the server's log, and is caught up
    with the next act.
    """
    path = place(engine)
    if path is None:
        return True
    head = head or _newest(engine, stored)
    if head is None:
        return True
    _LOG.info("audit head", extra=_named(stored.code, head))
    try:
        with _locked(path) as file:
            _add(file, _missing(file, engine, stored, head))
    except OSError as error:
        _LOG.error("audit head not kept: %s", error.strerror, extra=_named(stored.code, head))
        return False
    return True


def _newest(engine: Engine, stored: AnyContract) -> Head | None:
    with reading(engine) as connection:
        return audit.head(connection, stored.id)


def _missing(
    file: int, engine: Engine, stored: AnyContract, head: Head
) -> Sequence[Mapping[str, object]]:
    """What is to be added so that the head is the last that is kept."""
    held = _held(file, stored.code)
    if head.hash in held.hashes.get(head.line, ()):
        return ()
    if held.first is None or held.last >= head.line - 1:
        return (_facts(stored, head),)
    with reading(engine) as connection:
        every = audit.heads(connection, stored.id, held.last)
    return [_facts(stored, each) for each in every]


def _held(file: int, contract: str) -> Kept:
    """What was kept last; the whole file is read only where its end says nothing of the contract.

    Lines before those at the end are not known to it.
    """
    size = os.fstat(file).st_size
    for start in dict.fromkeys((*(max(size - tail, 0) for tail in _TAILS), 0)):
        found = Kept()
        for said in _said(os.pread(file, size - start, start).split(b"\n"), contract):
            found.add(said)
        if found.first is not None:
            return found
    return Kept()


def _facts(stored: AnyContract, head: Head) -> Mapping[str, object]:
    return {**_named(stored.code, head), "at": canonical(head.at).strip('"')}


def _named(contract: str, head: Head) -> Mapping[str, object]:
    """A head as the server's log says it, which has a moment of its own."""
    return {"contract": contract, "line": head.line, "hash": head.hash}


def begin(connection: Connection, path: Path, stored: AnyContract, at: datetime) -> None:
    """Begin to keep the heads of a log: those of all its lines that there are already."""
    every = audit.heads(connection, stored.id, 0)
    begun = {**_facts(stored, audit.Head(0, "", at)), "event": _BEGUN}
    with _locked(path) as file:
        _add(file, [begun, *(_facts(stored, head) for head in every)])


def restored(path: Path, contract: str, head: Head, *, by: str, at: datetime) -> None:
    """Note that a store was put back: its log ends, until it goes on, with this line.

    What was kept of later lines is left in the file, and counts no longer.
    """
    facts = _named(contract, head)
    _LOG.warning("audit log restored", extra=facts)
    with _locked(path) as file:
        _add(file, [{**facts, "by": by, "at": canonical(at).strip('"'), "event": _RESTORED}])


def fault(engine: Engine) -> str:
    """Why heads cannot be kept at this moment, as a sentence; empty when they can, or need not."""
    path = place(engine)
    if path is None:
        return ""
    try:
        with _locked(path):
            return ""
    except OSError as error:
        return f"库外校验值写不进文件（{error.strerror}），请检查磁盘空间和目录权限"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file, opened to be added to, by nobody else meanwhile: neither thread nor process."""
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _add(file: int, said: Sequence[Mapping[str, object]]) -> None:
    """Add lines, whole and synced; what a crash left of a line before is ended first."""
    if not said:
        return
    size = os.fstat(file).st_size
    torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
    data = ("\n" * torn + "".join(f"{canonical(each)}\n" for each in said)).encode()
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)
