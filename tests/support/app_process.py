"""The product as its users meet it: a server process of its own, answering on a free port."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
READY_WITHIN = 60.0  # seconds; a cold start takes three on two idle cores
STOPPED_WITHIN = 10.0


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Server:
    """A server process that answers at an address, its output in `log`."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def events(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def event(self, **facts: object) -> dict[str, Any]:
        """The first event of these facts, as soon as it is logged."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            for event in self.events():
                if all(event.get(name) == fact for name, fact in facts.items()):
                    return event
            time.sleep(0.02)
        msg = f"not logged: {facts}; its output:\n{self.log.read_text()}"
        raise RuntimeError(msg)


def heads_of(database_url: str, folder: Path) -> dict[str, str]:
    """Where processes of tests keep the heads of the log: beside a file, else in a folder."""
    beside = database_url.startswith("sqlite")
    return {} if beside else {"AUDIT_HEADS": str(folder / "audit-heads.jsonl")}


@contextmanager
def running(database_url: str, log: Path, **environment: str) -> Iterator[str]:
    """The app on that store, its output in `log`: gives its address, and stops it at the end."""
    with served(database_url, log, **environment) as server:
        yield server.address


@contextmanager
def served(
    database_url: str,
    log: Path,
    program: str = "streamlit",
    script: str = "app.py",
    **environment: str,
) -> Iterator[Server]:
    """The same, for those who mean to stop it themselves, or have it run by another program."""
    port = free_port()
    command = [sys.executable, "-m", program, "run", script, "--server.port", str(port)]
    with log.open("a") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell, no foreign input
            command,
            cwd=ROOT,
            env=os.environ
            | {"EVIDENCE_URL": (log.parent / "evidence").as_uri()}
            | heads_of(database_url, log.parent)
            | environment
            | {"DATABASE_URL": database_url},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(process, port, log)
        yield Server(process, f"http://{HOST}:{port}", log)
    finally:
        _stop(process)


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Return when the server answers; RuntimeError with its output when it ends or is too slow."""
    deadline = time.monotonic() + READY_WITHIN
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() > deadline:
            state = "is not ready" if process.returncode is None else "has ended"
            msg = f"the app {state}; its output:\n{log.read_text()}"
            raise RuntimeError(msg)
        time.sleep(0.1)


def _is_healthy(port: int) -> bool:
    """Whether the server answers its health check."""
    connection = http.client.HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process: asked first, then not asked."""
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
