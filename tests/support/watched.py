"""Runs the product as `streamlit run app.py` does, and notes where the process reaches out to.

Python's own audit events tell of it before it happens: connections, datagrams, names looked up. A
process that was forked off tells too.
"""

from __future__ import annotations

import os
import runpy
import sys

REACHES_OUT = {
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
}
NOTES = "REACHED_OUT"  # the environment variable that names the file


def watch(path: str) -> None:
    """Append every such event of this process to a file."""
    notes = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, facts: tuple[object, ...]) -> None:
        if event in REACHES_OUT:
            os.write(notes, f"{event} {facts!r}\n".encode())

    sys.addaudithook(note)


if __name__ == "__main__":
    watch(os.environ[NOTES])
    sys.argv = ["streamlit", *sys.argv[1:]]
    runpy.run_module("streamlit", run_name="__main__")
