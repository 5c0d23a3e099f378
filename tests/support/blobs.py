"""A bucket for tests, on a real S3-compatible server of their own."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.app_process import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RCLONE = Path(sys.executable).with_name("rclone")
_NAME = "evidence"
_READY_WITHIN = 30.0  # seconds


@dataclass(frozen=True)
class Bucket:
    """A bucket, its server's address, and the keys that open it."""

    environment: Mapping[str, str]
    folder: Path  # where the server keeps what is in it
    numbers: count[int]

    @classmethod
    @contextmanager
    def served(cls) -> Iterator[Bucket]:
        """Start a server in a folder of its own; stop it, and remove all."""
        port, key, secret = free_port(), "示例".encode().hex(), secrets.token_hex()
        with tempfile.TemporaryDirectory(prefix="bucket-") as folder:
            (Path(folder) / _NAME).mkdir()
            command = [str(_RCLONE), "serve", "s3", "--addr", f"{HOST}:{port}", folder]
            process = subprocess.Popen(  # noqa: S603 - our own command, no shell, no foreign input
                command,
                env=os.environ | {"RCLONE_CONFIG": "", "RCLONE_AUTH_KEY": f'"{key},{secret}"'},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                _wait_until_it_listens(process, port)
                environment = {
                    "AWS_ACCESS_KEY_ID": key,
                    "AWS_SECRET_ACCESS_KEY": secret,
                    "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
                }
                yield cls(environment, Path(folder) / _NAME, count(1))
            finally:
                process.kill()
                process.wait()

    def fresh(self) -> str:
        """The URL of a path in the bucket under which nothing lies."""
        return f"s3://{_NAME}/{next(self.numbers)}"


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        if process.poll() is not None or time.monotonic() > deadline:
            msg = "rclone does not serve"
            raise RuntimeError(msg)
        time.sleep(0.05)
