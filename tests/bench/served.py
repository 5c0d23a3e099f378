"""The product and the empty page as server processes, and pages of theirs held open.

What a page does is what a browser does: it asks by the page's own hash after the first time, and
names the messages that it keeps, which the server then does not send again.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib import clock, contract, demonstration, settings
from lib.actions import accounts
from lib.demonstration import users
from lib.store import setup
from lib.store.engine import open_store
from lib.ui.health import READY
from tests.support.app_process import served
from tests.support.intruder import PATIENCE, ask, cookie, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from lib.access import Viewer
    from lib.store.contracts import StoredContract
    from tests.support.intruder import Visit

_TICKS = os.sysconf("SC_CLK_TCK")
_EMPTY = "tests/bench/empty.py"
_MOMENT = 0.05  # seconds


@dataclass(frozen=True)
class Office:
    """A store with a made-up year in it."""

    url: str
    engine: Engine
    stored: StoredContract
    folder: Path

    def viewer(self, name: str) -> Viewer:
        """A user of the demonstration: `lead1`, `leader`, `reviewer`, `admin`."""
        return next(each for each in users.users(self.engine, self.stored) if each.name == name)

    def cookie(self, name: str) -> str:
        """A session that begins now, as the browser's token."""
        begun = accounts.begin_session(self.engine, self.stored, name, clock.now())
        found = accounts.redeem_ticket(self.engine, self.stored, begun.ticket, clock.now())
        if found is None:
            raise RuntimeError(name)
        return found


@contextmanager
def office() -> Iterator[Office]:
    """The demonstration of the contract that is served by default, in a folder thrown away."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        filled(f"sqlite:///{name}/store.db", Path(name)) as found,
    ):
        yield found


@contextmanager
def filled(url: str, folder: Path) -> Iterator[Office]:
    """The same in an empty store; what its processes leave behind goes into the folder."""
    engine = open_store(url)
    stored = setup.prepare(engine, contract.load(settings.contract_path()))
    now = clock.now()
    demonstration.fill(engine, stored, today=clock.business_today(), now=now)
    for viewer in users.users(engine, stored):
        users.admit(engine, stored, viewer, secrets.token_urlsafe(), now)
    yield Office(url, engine, stored, folder)
    engine.dispose()


@dataclass(frozen=True)
class Running:
    """A server process and where it answers."""

    pid: int
    address: str

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it has taken, its children left out."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> int:
        """Bytes that it holds in memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def product(office: Office, **environment: str) -> Iterator[Running]:
    """The product on that store, ready: its pages loaded, the first figures found."""
    with served(office.url, office.folder / "app.log", **environment) as server:
        while ask(server.address, f"GET {READY}").status != HTTPStatus.OK:
            time.sleep(_MOMENT)
        yield Running(server.process.pid, server.address)


@contextmanager
def empty(folder: Path, **environment: str) -> Iterator[Running]:
    """A page with one word on it, served the same way."""
    log = folder / "empty.log"
    with served("sqlite://", log, script=_EMPTY, PYTHONPATH=".", **environment) as server:
        yield Running(server.process.pid, server.address)


@dataclass
class Page:
    """A page held open; its last run's messages and bytes."""

    visit: Visit
    page: str
    query: str = ""
    messages: int = 0
    received: int = 0
    _hash: str = ""
    _kept: set[str] = field(default_factory=set)

    def rerun(self) -> float:
        """Run the page's script; the seconds from asking to its last message."""
        asked = BackMsg()
        wanted = asked.rerun_script
        wanted.query_string = self.query
        wanted.page_script_hash = self._hash
        wanted.page_name = "" if self._hash else self.page
        wanted.cached_message_hashes.extend(self._kept)
        began = time.perf_counter()
        self.visit.connection.send(asked.SerializeToString())
        self.messages = self.received = 0
        while not self._took(self.visit.connection.recv(PATIENCE)):
            pass
        return time.perf_counter() - began

    def _took(self, data: bytes | str) -> bool:
        """Take a message; whether it was the last of the run."""
        said = ForwardMsg.FromString(data)
        self.messages += 1
        self.received += len(data)
        kind = said.WhichOneof("type")
        if kind == "new_session":
            self._hash = self._hash or said.new_session.page_script_hash
        elif kind == "navigation":
            self._hash = said.navigation.page_script_hash or self._hash
        elif kind == "delta":
            if said.metadata.cacheable and said.hash:
                self._kept.add(said.hash)
            if said.delta.new_element.HasField("exception"):
                raise RuntimeError(str(said.delta.new_element.exception))
        if kind != "script_finished":
            return False
        return bool(said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)


@contextmanager
def page(at: Running, name: str = "", query: str = "", token: str | None = None) -> Iterator[Page]:
    """A page of a server, by its address, opened in a session."""
    with visiting(at.address, cookie(token)) as visit:
        yield Page(visit, name, query)
