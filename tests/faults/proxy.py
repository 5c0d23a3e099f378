"""A proxy before a PostgreSQL server that cuts the connection around the commit of an act."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 2**16


@dataclass
class Proxy:
    """Passes bytes on; `cuts` says where the next commit is cut off, and is then forgotten."""

    server: Path  # the server's socket
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    cuts: Literal["", "before", "after"] = ""
    has_written: bool = False  # what is cut off is the commit of an act, not of reading

    @classmethod
    @contextmanager
    def before(cls, server: Path) -> Iterator[Proxy]:
        """One that listens until the context ends."""
        proxy = cls(server)
        Thread(target=proxy._accept, daemon=True).start()
        yield proxy
        proxy.listener.shutdown(socket.SHUT_RDWR)
        proxy.listener.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.listener.getsockname()[1]
        return port

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.server))
                for work in (self._from_client, self._from_server):
                    Thread(target=work, args=(client, server), daemon=True).start()

    def _from_client(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what is asked, all but a commit that is cut off before the server hears it."""
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                self.has_written |= b"INSERT INTO audit_line" in data
                if self._is_cut(data, "before"):
                    break
                server.sendall(data)
        _close(client, server)

    def _from_server(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what is answered, all but that to a commit which is cut off after it is done."""
        with suppress(OSError):
            while data := server.recv(_CHUNK):
                if self._is_cut(data, "after"):
                    break
                client.sendall(data)
        _close(client, server)

    def _is_cut(self, data: bytes, where: str) -> bool:
        """Whether this is the commit to be cut off there."""
        cut = b"COMMIT\0" in data and self.has_written and self.cuts == where
        self.cuts = "" if cut else self.cuts
        return cut


def _close(*both: socket.socket) -> None:
    """End a connection on both sides at once."""
    for each in both:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
