"""What a browser is told to refuse, with every answer of the server."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.datastructures import MutableHeaders

from lib.ui import scripts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Send

    from lib.ui.gate.callers import Caller

_INDEX = Path(st.__file__).parent / "static" / "index.html"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: a browser then names no origin with a form that our own page sends.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
_FOREIGN = ("access-control-", "server", "x-powered-by")  # other sites have no business here


def shielded(send: Send, caller: Caller) -> Send:
    """Sends an answer with the headers that keep it from being framed, guessed at or kept."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            for name in [each for each in headers if each.lower().startswith(_FOREIGN)]:
                del headers[name]
            headers.update(_of(caller))
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
            message = {**message, "headers": headers.raw}
        await send(message)

    return sending


def _of(caller: Caller) -> Mapping[str, str]:
    policy = {"Content-Security-Policy": _policy(caller.host or "", secure=caller.secure)}
    return {**_FIXED, **policy, **(_OVER_TLS if caller.secure else {})}


@lru_cache(maxsize=64)  # a host may be written in many ways
def _policy(host: str, *, secure: bool) -> str:
    """What a page may load, and from where: from this server, with the exceptions said here."""
    websocket = f"{'wss' if secure else 'ws'}://{host}" if host else ""
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' {' '.join(map(_hash, _inline()))}",
        # Streamlit's components carry their style sheets as elements written by script.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",  # the arrows of tables and menus are data
        "font-src": "'self' data:",  # a small one stands in Streamlit's style sheet
        # Some browsers do not count a websocket to this host as 'self'.
        "connect-src": f"'self' {websocket}",
        "form-action": "'self'",
        "manifest-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {sources.strip()}" for name, sources in parts.items())


def _inline() -> list[str]:
    """Every script that stands in a page: Streamlit's and ours."""
    ours = [found for script in scripts.ALL for found in _INLINE.findall(script)]
    return [*_INLINE.findall(_INDEX.read_text(encoding="utf-8")), *ours]


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
