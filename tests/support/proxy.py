"""The shipped proxy configuration on a real nginx, with ports and paths of the test.

As a program: whether there is an nginx.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, build_opener

from tests.support.app_process import HOST, ROOT, STOPPED_WITHIN, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.app_process import Server

MISSING = (
    "The tests need nginx and openssl and found none. Install them (Debian: apt-get install nginx "
    "openssl), or name an executable in the environment variable NGINX."
)
NAME = "localhost"  # a name that every browser knows, and the app allows by default
TEMPLATE = ROOT / ".deploy" / "nginx.conf.template"
READY_WITHIN = 10.0


def find_nginx() -> str | None:
    """The executable that NGINX names, else the one on PATH or where Debian puts it."""
    named = os.environ.get("NGINX")
    candidates = [named] if named else ["nginx", "/usr/sbin/nginx"]
    return next(filter(None, map(shutil.which, candidates)), None)


def filled_in(template: str, values: Mapping[str, str]) -> str:
    """What `envsubst` makes of a template: names in capitals, none of them left over."""
    return re.sub(r"\$\{([A-Z_0-9]+)\}", lambda found: values[found[1]], template)


@dataclass(frozen=True)
class Proxy:
    """A running nginx: where it answers, its certificate, and what it has logged."""

    address: str
    plain_address: str
    certificate: Path
    access_log: Path

    def context(self) -> ssl.SSLContext:
        """What trusts its certificate."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """An answer, and its body."""
        port = urlsplit(self.address).port
        connection = http.client.HTTPSConnection(NAME, port, context=self.context(), timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        answer = connection.getresponse()
        read = answer.read()
        connection.close()
        return answer, read

    def answered_by(self, route: str, path: str = "/") -> str:
        """The process that answers a browser of that route, by host and port."""
        answer, _ = self.ask(path, Cookie=f"route={route}")
        assert answer.status == HTTPStatus.OK
        process: str = self.event_of(answer)["process"]
        return process

    def route_to(self, server: Server) -> str:
        """The route of a browser that this process answers."""
        routes = (f"{number:032x}" for number in range(100))
        return next(route for route in routes if self.answered_by(route) == host_of(server))

    def event_of(self, answer: http.client.HTTPResponse) -> dict[str, Any]:
        """What the access log says of an answer."""
        return self.event(answer.headers["X-Request-Id"])

    def event(self, number: str) -> dict[str, Any]:
        """What the access log says of the request of that number, as soon as it does."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            for line in self.access_log.read_text().splitlines():
                event = json.loads(line)
                if event["request"] == number:
                    return event
            time.sleep(0.01)
        msg = f"the proxy has not logged {number}"
        raise RuntimeError(msg)


def host_of(server: Server) -> str:
    """How the proxy names a process."""
    return server.address.removeprefix("http://")


@contextmanager
def proxied(folder: Path, first: Server, second: Server) -> Iterator[Proxy]:
    """The proxy before two processes."""
    certificate, key = _certificate(folder)
    https, http = free_port(), free_port()
    values = {
        "RUN": str(folder),
        "ACCESS_LOG": str(folder / "access.log"),
        "HTTPS": f"{HOST}:{https}",
        "HTTP": f"{HOST}:{http}",
        "PUBLIC_NAME": NAME,
        "CERTIFICATE": str(certificate),
        "CERTIFICATE_KEY": str(key),
        "APP_1": host_of(first),
        "APP_2": host_of(second),
    }
    configuration = folder / "nginx.conf"
    configuration.write_text(filled_in(TEMPLATE.read_text(), values))
    command = [str(find_nginx()), "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    as_root = " user root;" if os.geteuid() == 0 else ""
    process = subprocess.Popen([*command, "-g", f"daemon off;{as_root}"])  # noqa: S603 - our own
    proxy = Proxy(
        f"https://{NAME}:{https}", f"http://{NAME}:{http}", certificate, folder / "access.log"
    )
    try:
        _wait(process, proxy)
        yield proxy
    finally:
        process.terminate()
        process.wait(STOPPED_WITHIN)


def _wait(process: subprocess.Popen[bytes], proxy: Proxy) -> None:
    deadline = time.monotonic() + READY_WITHIN
    opener = build_opener(HTTPSHandler(context=proxy.context()))
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            opener.open(proxy.address, timeout=5).close()
            return
        time.sleep(0.05)
    msg = f"nginx is not ready: {process.returncode}"
    raise RuntimeError(msg)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the proxy's name that it signed itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    words = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={NAME}"
    more = ("-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate))
    command = [str(shutil.which("openssl")), *words.split(), *more]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
    return certificate, key


if __name__ == "__main__":
    sys.exit(None if find_nginx() and shutil.which("openssl") else MISSING)
