"""The gate itself: a pure ASGI middleware, the outermost, for requests and websockets alike.

Who calls comes from our cookie alone, looked up in the store when a request or a websocket begins,
and again at each word that comes through a websocket: whoever is signed out, disabled or given a
new password acts no more, in pages that are open too.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse

from lib import clock, settings
from lib.actions import accounts
from lib.errors import ContractError, StoreError
from lib.ui import sending
from lib.ui.gate import cookie, crowd, doors
from lib.ui.gate.callers import caller_of, introduced, may_change
from lib.ui.gate.doors import Door, Doors
from lib.ui.gate.lines import Line, close
from lib.ui.gate.owners import owns_page
from lib.ui.gate.shields import shielded
from lib.ui.gate.words import AGAIN_LATER, LOAD_ANEW, REFUSED, CutError, is_heard
from lib.ui.resources import let_in, office

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from lib.ui.gate.callers import Caller

_LOG = logging.getLogger(__name__)
_BY_NO_NAME = PlainTextResponse("请用本系统的正式网址打开。", status_code=400)
_FOREIGN = PlainTextResponse("只接受本系统自己的页面发来的请求。", status_code=403)
_NOT_HERE = PlainTextResponse("没有这个地址。", status_code=404)
_STRANGER = PlainTextResponse("请先登录。", status_code=401)
_OUT_OF_REACH = PlainTextResponse(
    "现在打不开系统的数据。请稍后再试；若一直这样，请告诉管理员。",
    status_code=503,
    headers={"Cache-Control": "no-store", "Retry-After": "10"},
)


class Gate:
    """Lets through what an address and its caller allow, with our own word for who calls."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        open: Collection[tuple[str, str]],  # noqa: A002 - the door's name
        files: Collection[str],
    ) -> None:
        """Stand before the server, which has these addresses of ours."""
        self._app = app
        self._doors = Doors(open, files)
        self._crowd = crowd.Crowd()
        self._proxies = settings.trusted_proxies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let a visit begin."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._visit(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = caller_of(scope, self._proxies)
        known, send = introduced(scope, caller, None), shielded(send, caller)
        try:
            answer, session = await self._answer(known, caller)
            await answer(introduced(known, caller, session), receive, send)
        except (ContractError, StoreError) as refusal:
            _LOG.error("cannot serve: %s", refusal.sentence)
            await _OUT_OF_REACH(known, receive, send)

    async def _answer(self, scope: Scope, caller: Caller) -> tuple[ASGIApp, int | None]:
        """What answers a request, and for whose session."""
        door = self._doors.behind(scope["method"], scope["path"])
        if caller.host is None:
            return _BY_NO_NAME, None
        if not may_change(scope, caller):
            return _FOREIGN, None
        if door is Door.NONE:
            return _elsewhere(scope), None
        if door is Door.STATIC:
            return self._app, None
        session = await _session(cookie.token_of(scope))
        return self._admitted(door, scope, session), session

    def _admitted(self, door: Door, scope: Scope, session: int | None) -> ASGIApp:
        if door is Door.FILES and session is None:
            return sending.not_found()
        if door is Door.UPLOAD:
            page = doors.upload_session(scope["path"])
            if session is None or page is None or not owns_page(session, page):
                return _STRANGER
        return self._app

    async def _visit(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = caller_of(scope, self._proxies)
        if scope["path"] != doors.STREAM or not may_change(scope, caller):
            await close(send, REFUSED)
            return
        known = introduced(scope, caller, None)
        token = cookie.token_of(known)
        try:
            session = await _session(token)
        except (ContractError, StoreError) as refusal:
            _LOG.error("cannot serve: %s", refusal.sentence)
            await close(send, AGAIN_LATER)
            return
        known = introduced(known, caller, session)
        if token is None or session is None:
            await self._stranger(known, receive, send, caller.address)
        else:
            line = Line(receive, send, lambda word: _is_of(token, session, word), None)
            await self._app(known, line.receive, line.send)

    async def _stranger(self, scope: Scope, receive: Receive, send: Send, address: str) -> None:
        """A visit in which nothing but signing in is possible."""
        with self._crowd.place(address) as is_free:
            if not is_free:
                await close(send, AGAIN_LATER)
                return
            line = Line(receive, send, _is_of_stranger, crowd.IDLE)
            await self._app(scope, line.receive, line.send)


async def _is_of_stranger(word: Message) -> bool:
    return is_heard(word, from_stranger=True)


async def _is_of(token: str, session: int, word: Message) -> bool:
    """Whether a word is heard of the session; CutError once that has ended.

    While the store is out of reach the page answers for itself: its script looks again, and says
    so.
    """
    with suppress(ContractError, StoreError):
        if await run_in_threadpool(let_in, token) != session:
            raise CutError(REFUSED, LOAD_ANEW)
    return is_heard(word, from_stranger=False)


async def _session(token: str | None) -> int | None:
    """The live session of a token; ContractError or StoreError while nobody can know."""
    return await run_in_threadpool(_session_of, token) if token else None


def _session_of(token: str) -> int | None:
    here = office()
    return accounts.session_of(here.engine, here.stored, token, clock.now())


def _elsewhere(scope: Scope) -> ASGIApp:
    """Leads a browser on to a page that there is; programs are told that there is nothing.

    Streamlit would answer with a dialog in English over the first page, and below a further slash
    with nothing at all.
    """
    wants = b",".join(value for name, value in scope["headers"] if name == b"accept")
    to = doors.instead(scope["path"])
    if to is None or scope["method"] != "GET" or b"text/html" not in wants:
        return _NOT_HERE
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{to}?{query}" if query and to != doors.MISSING else to)
