"""Addresses of the server besides the pages: a sign-in's cookie comes and goes, and all unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lib import clock
from lib.actions import accounts
from lib.ui import navigation
from lib.ui.resources import office

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "session"
ADDRESS_HEADER = "X-Gate-Address"  # set by the gate, never taken from a browser
ENTER, LEAVE = "/enter", "/leave"
LEDGER, FILE, UNREACHED, PREFILLED = "/ledger", "/file", "/unreached", "/prefilled"
MARKED, MENDED, EVIDENCE, TEMPLATE = "/marked", "/mended", "/evidence", "/template"
FINDING_LIST, SAMPLE_SHEET = "/finding_list", "/sample_sheet"
REPORT, MADE = "/report", "/made"
_LONGEST_TICKET = 100
_OF_STREAMLIT = {"_stcore", "component", "media", "static"}  # first parts of its own addresses
_OF_PAGES = {"", *(navigation.address(page.file) for page in navigation.MENU)}
_FILES = (
    LEDGER,
    FILE,
    UNREACHED,
    PREFILLED,
    TEMPLATE,
    MARKED,
    MENDED,
    EVIDENCE,
    FINDING_LIST,
    SAMPLE_SHEET,
    REPORT,
    MADE,
)
_OF_FILES = {address.removeprefix("/") for address in _FILES}


async def enter(request: Request) -> Response:
    """Exchange a ticket for a cookie that no script can read; 403 for anything else."""
    if not _is_ours(request):
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
    response = _done()
    forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
    response.set_cookie(
        COOKIE, token, path="/", httponly=True, samesite="lax", secure=forwarded == "https"
    )
    return response


async def leave(request: Request) -> Response:
    """Let the browser forget the cookie; the session it belonged to has ended already."""
    if not _is_ours(request):
        return Response(status_code=403)
    response = _done()
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return response


def _is_ours(request: Request) -> bool:
    """Whether one of our own pages asks: a foreign one could sign its visitor in or out."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    return origin == request.headers.get("host")


def _done() -> Response:
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


class UnknownAddresses:
    """Leads a browser from an unknown address to the page that says so.

    Streamlit would answer with a dialog in English over the first page, and below a further slash
    with nothing at all.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the server."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect what asks for a document, and let everything else pass."""
        app = self._app
        if scope["type"] == "http" and _is_unknown(Request(scope)):
            app = RedirectResponse(f"/{navigation.address(navigation.MISSING)}")
        await app(scope, receive, send)


def _is_unknown(request: Request) -> bool:
    path = request.url.path.strip("/")
    return (
        request.method == "GET"
        and "text/html" in request.headers.get("accept", "")
        and path not in _OF_PAGES | _OF_FILES
        and path.partition("/")[0] not in _OF_STREAMLIT
    )


middleware = (Middleware(UnknownAddresses),)
routes = (Route(ENTER, enter, methods=["POST"]), Route(LEAVE, leave, methods=["POST"]))
