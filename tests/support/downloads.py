"""What the server sends by file to a browser that brings a session's cookie."""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.routing import Route, Router

from lib import clock
from lib.actions import accounts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from lib.access import Viewer
    from lib.ui.sending import Endpoint
    from tests.support.visits import Office


def token(office: Office, viewer: Viewer) -> str:
    """The cookie of a session that begins now."""
    begun = accounts.begin_session(office.engine, office.stored, viewer.name, clock.now())
    found = accounts.redeem_ticket(office.engine, office.stored, begun.ticket, clock.now())
    assert found
    return found


def fetch(route: Endpoint, cookie: str | None, asked: Mapping[str, str]) -> Response:
    """What the route answers a browser that brings the cookie, past the gate."""
    headers = [(b"cookie", f"session={cookie}".encode())] if cookie is not None else []
    query = urlencode(asked).encode()
    scope = {"type": "http", "method": "GET", "headers": headers, "query_string": query}
    return asyncio.run(route(Request(scope)))


@dataclass(frozen=True)
class Answer:
    """What the server sends back: headers by their names in lower case, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def routes() -> Sequence[Route]:
    """Those of the server that are our own, not Streamlit's."""
    found: Sequence[Route] = importlib.import_module("app").app._user_routes  # noqa: SLF001
    return found


def ask(address: str, query: str = "", cookie: str | None = None, method: str = "GET") -> Answer:
    """What the server answers past the gate, as it would go over the wire."""
    headers = [(b"cookie", f"session={cookie}".encode())] if cookie is not None else []
    asked = {
        "type": "http",
        "method": method,
        "path": address,
        "headers": headers,
        "query_string": query.encode(),
    }
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, str]:
        await asyncio.Event().wait()  # a browser that asks for nothing more, and stays
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Router(routes())(asked, receive, send))
    begun, *parts = sent
    told = {name.decode().lower(): value.decode() for name, value in begun["headers"]}
    return Answer(begun["status"], told, b"".join(part.get("body", b"") for part in parts))
