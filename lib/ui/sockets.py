"""The sockets on which the server waits for connections, set right as it starts."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from stat import S_ISSOCK
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def send_at_once() -> int:
    """Have every connection send what is written to it at once (TCP_NODELAY).

    Streamlit makes its listening socket in a way that asyncio does not see that it is TCP: the last
    words of every run would wait 40 ms for the browser to acknowledge the first. Connections take
    it over from the socket they are accepted from. Gives how many such sockets there are.
    """
    number = 0
    for listening in _listening():
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
    return number


def _listening() -> Iterator[socket.socket]:
    """The sockets on which this process waits for connections over TCP, each by another number."""
    for number in [int(open_file.name) for open_file in Path("/dev/fd").iterdir()]:
        with suppress(OSError):  # the folder itself, which is closed by now
            if S_ISSOCK(os.fstat(number).st_mode):
                with socket.socket(fileno=os.dup(number)) as each:
                    if _is_tcp(each) and each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                        yield each


def _is_tcp(each: socket.socket) -> bool:
    return each.family in (socket.AF_INET, socket.AF_INET6) and each.type == socket.SOCK_STREAM
