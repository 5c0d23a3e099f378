"""Scripts and style sheets go out packed, and nothing else does."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response

from lib.ui.packed import Packed

if TYPE_CHECKING:
    from starlette.types import Message

TEXT = b"const one = 1;" * 100
SCRIPT = "/static/js/one.js"
TAKES = {"accept-encoding": "gzip, br"}


class House:
    """A server that answers everything alike, and counts how often."""

    def __init__(self, status: int = 200) -> None:
        self.asked = 0
        self._status = status

    async def __call__(self, scope, receive, send) -> None:
        """Answer."""
        self.asked += 1
        headers = {"cache-control": "immutable", "etag": '"1"', "content-type": "text/javascript"}
        await Response(TEXT, self._status, headers)(scope, receive, send)


def ask(app: Packed, path: str, headers: dict[str, str], method: str = "GET"):
    """Status, headers and body of an answer."""
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": raw}
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    asyncio.run(app(scope, None, send))
    told = Headers(raw=said[0]["headers"])
    return said[0]["status"], told, b"".join(part["body"] for part in said[1:])


def test_a_script_is_packed_once_and_kept():
    house = House()
    app = Packed(house)
    for _ in range(2):
        status, headers, body = ask(app, SCRIPT, TAKES)
        assert (status, gzip.decompress(body)) == (200, TEXT)
        assert dict(headers) == {
            "content-type": "text/javascript",
            "cache-control": "immutable",
            "content-encoding": "gzip",
            "vary": "Accept-Encoding",
            "content-length": str(len(body)),
        }
    assert house.asked == 1


@pytest.mark.parametrize(
    ("path", "headers", "method"),
    [
        (SCRIPT, {}, "GET"),
        (SCRIPT, {"accept-encoding": "br"}, "GET"),
        (SCRIPT, TAKES | {"range": "bytes=0-9"}, "GET"),
        (SCRIPT, TAKES, "HEAD"),
        ("/static/media/one.woff2", TAKES, "GET"),
        ("/", TAKES, "GET"),
        ("/ledger.js", TAKES, "GET"),
    ],
    ids=["takes none", "takes another", "a part", "no body", "packed already", "page", "file"],
)
def test_everything_else_passes_as_it_is(path: str, headers: dict[str, str], method: str):
    app = Packed(House())
    for _ in range(2):
        _, told, body = ask(app, path, headers, method)
        assert (told.get("content-encoding"), told["etag"], body) == (None, '"1"', TEXT)


def test_what_is_not_there_is_not_kept():
    house = House(404)
    app = Packed(house)
    assert [ask(app, SCRIPT, TAKES)[0] for _ in range(2)] == [404, 404]
    assert house.asked == 2
