"""Addresses of the server besides the pages: where a sign-in becomes a cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from lib import clock
from lib.actions import accounts
from lib.ui.resources import office

if TYPE_CHECKING:
    from starlette.requests import Request

COOKIE = "session"
ENTER = "/enter"
_LONGEST_TICKET = 100


async def enter(request: Request) -> Response:
    """Exchange a ticket for a cookie that no script can read; 403 for anything else.

    Only our own pages may ask: a foreign one could sign its visitor in under another name.
    """
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if origin != request.headers.get("host"):
        return Response(status_code=403)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_TICKET:
            return Response(status_code=403)
    here = office()
    token = await run_in_threadpool(
        accounts.redeem_ticket,
        here.engine,
        here.stored,
        body.decode("ascii", "replace"),
        clock.now(),
    )
    if token is None:
        return Response(status_code=403)
    response = Response(status_code=204, headers={"Cache-Control": "no-store"})
    forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
    response.set_cookie(
        COOKIE, token, path="/", httponly=True, samesite="lax", secure=forwarded == "https"
    )
    return response


routes = (Route(ENTER, enter, methods=["POST"]),)
