"""What the server sends by file to a browser that brings a session's cookie."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from lib import clock
from lib.actions import accounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer
    from tests.support.visits import Office

Route = Callable[[Request], Coroutine[Any, Any, Response]]


def token(office: Office, viewer: Viewer) -> str:
    """The cookie of a session that begins now."""
    begun = accounts.begin_session(office.engine, office.stored, viewer.name, clock.now())
    found = accounts.redeem_ticket(office.engine, office.stored, begun.ticket, clock.now())
    assert found
    return found


def fetch(route: Route, cookie: str | None, asked: Mapping[str, str]) -> Response:
    """What the route answers a browser that brings the cookie, past the gate."""
    headers = [(b"cookie", f"session={cookie}".encode())] if cookie is not None else []
    query = urlencode(asked).encode()
    scope = {"type": "http", "method": "GET", "headers": headers, "query_string": query}
    return asyncio.run(route(Request(scope)))
