"""Addresses of the server besides the pages, and those at which a sign-in's cookie comes and goes.

Both are asked by forms of our own pages; the gate lets no others through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lib import clock
from lib.actions import accounts
from lib.ui.gate import cookie, doors
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

ENTER, LEAVE = "/enter", "/leave"
LEDGER, FILE, UNREACHED, PREFILLED = "/ledger", "/file", "/unreached", "/prefilled"
MARKED, MENDED, EVIDENCE, TEMPLATE = "/marked", "/mended", "/evidence", "/template"
FINDING_LIST, SAMPLE_SHEET = "/finding_list", "/sample_sheet"
REPORT, MADE, AUDIT_LINES = "/report", "/made", "/audit_lines"
_LONGEST_FORM = 4000  # bytes: a ticket, and the address that was asked for


async def enter(request: Request) -> Response:
    """Exchange a ticket for a cookie that no script can read, and show the page asked for.

    With any other ticket the same page asks to sign in.
    """
    form = await _form(request)
    here = office()
    token = await run_in_threadpool(
        accounts.redeem_ticket, here.engine, here.stored, form.get("ticket", ""), clock.now()
    )
    response = _onward(form.get("to", ""))
    if token:
        cookie.give(response, token, secure=request.url.scheme == "https")
    return response


async def leave(request: Request) -> Response:
    """Sign out: the session ends in the store, and the browser forgets its cookie."""
    token = cookie.token_of(request.scope)
    if token:
        await run_in_threadpool(_end_session, token)
    response = _onward("/")
    cookie.take_away(response, secure=request.url.scheme == "https")
    return response


def _end_session(token: str) -> None:
    here, now = office(), clock.now()
    session = accounts.session_of(here.engine, here.stored, token, now)
    if session:
        accounts.end_session(here.engine, here.stored, session, now)


async def _form(request: Request) -> Mapping[str, str]:
    """What a form of ours says; nothing, when it says too much."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            return {}
    return dict(parse_qsl(body.decode("ascii", "replace")))


def _onward(to: str) -> Response:
    """Lead to a page of this server and no other."""
    asked, _, query = to.partition("?")
    path = doors.page_or_first(asked)
    address = f"{path}?{query}" if query else path
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


# For everybody: whoever asks is not signed in yet, or may be no longer.
routes = (Route(ENTER, enter, methods=["POST"]), Route(LEAVE, leave, methods=["POST"]))
