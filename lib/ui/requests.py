"""Each request for one of our own addresses as an event of the log; pages go by websocket."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger(__name__)
NUMBER_HEADER = "X-Request-Id"  # the proxy gives one, and logs it too
_NUMBER = re.compile(r"[0-9a-f]{32}")
# Streamlit's files and questions, and those of the machines that watch over this one.
_UNSAID = ("/static/", "/_stcore/health", "/_stcore/host-config", "/healthz", "/readyz")
_UPLOADS = "/_stcore/upload_file"  # what follows is the key to a page


class Logged:
    """Logs the requests that pass: number, method, address without its query, status, duration."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the server."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, and log it when it is answered or has failed."""
        if scope["type"] != "http" or scope["path"].startswith(_UNSAID):
            await self._app(scope, receive, send)
            return
        number, begun = _number(scope), time.monotonic()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[NUMBER_HEADER] = number
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            facts = {
                "request": number,
                "method": scope["method"],
                "path": _path(scope["path"]),
                "status": status,
                "milliseconds": round(1000 * (time.monotonic() - begun)),
            }
            _LOG.info("request", extra=facts)


def _number(scope: Scope) -> str:
    """The proxy's number of the request, or a new one."""
    given = Headers(scope=scope).get(NUMBER_HEADER, "")
    return given if _NUMBER.fullmatch(given) else secrets.token_hex(16)


def _path(path: str) -> str:
    """An address as it may be logged: what somebody typed after its first part may be anything."""
    if path.startswith(_UPLOADS):
        return _UPLOADS
    first, *more = path.strip("/").split("/")
    known = re.fullmatch(r"[a-z_]{0,40}", first)
    return f"/{first if known else '…'}{'/…' if more else ''}"


middleware = (Middleware(Logged),)
