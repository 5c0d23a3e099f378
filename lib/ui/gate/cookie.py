"""Our session's cookie: what it is called, how it is read, given and taken away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

_PLAIN = "session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # `secrets.token_urlsafe(32)`


def name(*, secure: bool) -> str:
    """Its name; over TLS one that a browser takes from this very host and over TLS only."""
    return f"__Host-{_PLAIN}" if secure else _PLAIN


def token_of(scope: Scope) -> str | None:
    """The token that a browser brings; None when there is none, two, or one we never gave."""
    wanted = name(secure=scope.get("scheme") in ("https", "wss"))
    brought = [
        pair.strip().partition("=")[2]
        for header, value in scope["headers"]
        if header == b"cookie"
        for pair in value.decode("latin-1").split(";")
        if pair.strip().partition("=")[0] == wanted
    ]
    return brought[0] if len(brought) == 1 and _TOKEN.fullmatch(brought[0]) else None


def give(response: Response, token: str, *, secure: bool) -> None:
    """Let the browser keep a token, out of reach of every script."""
    response.set_cookie(
        name(secure=secure), token, path="/", httponly=True, samesite="lax", secure=secure
    )


def take_away(response: Response, *, secure: bool) -> None:
    """Let the browser forget its token."""
    response.delete_cookie(
        name(secure=secure), path="/", httponly=True, samesite="lax", secure=secure
    )
