"""How a file leaves: one way for all of them.

Whoever asks is looked up at every request, the file goes on record before it is given out, and
nothing of it is kept on the way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lib import clock
from lib.access import Viewer, sees_full_names
from lib.actions import accounts, take_out
from lib.errors import StoreError, logged
from lib.text import tidy
from lib.ui.gate import cookie
from lib.ui.gate.callers import ADDRESS_HEADER
from lib.ui.resources import office

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from lib.actions.take_out import Taken

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BYTES = "application/octet-stream"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"
_LOST = "文件现在取不出来。请稍后再试；若一直这样，请告诉管理员。"
_LONGEST_QUERY = 2000  # characters; ours are some hundred
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Leaving:
    """A file about to leave: its name, its bytes or the parts of them, and its line on record.

    `taken` is None where the act that gave the file has put it on record itself.
    """

    name: str
    data: bytes | Iterator[bytes]
    media_type: str
    taken: Taken | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def response(self) -> Response:
        """The file, to be kept by whoever asked under its name."""
        headers = {**attached(self.name), **self.headers}
        if isinstance(self.data, bytes):
            return Response(self.data, media_type=self.media_type, headers=headers)
        return StreamingResponse(self.data, media_type=self.media_type, headers=headers)


# Gives the file that a viewer asks for by an address's parts; None when it is not there or not
# the viewer's.
Maker = Callable[[Viewer, Mapping[str, str]], Leaving | None]
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def sends(make: Maker, lost: str = _LOST) -> Endpoint:
    """What answers to the address of a file; `lost` is said when the store does not give it."""

    async def send(request: Request) -> Response:
        asked = _asked(request)
        if asked is None:
            return not_found()
        return await run_in_threadpool(_answer, make, lost, asker(request), asked)

    send.__name__, send.__doc__ = make.__name__, make.__doc__
    return send


def file_route(address: str, endpoint: Endpoint) -> Route:
    """The route of a file; it answers every method, so that none is answered by anybody else."""
    return Route(address, _EveryMethod(endpoint))


@dataclass(frozen=True)
class _EveryMethod:
    """An endpoint as an application: the router would answer other methods in its own words."""

    endpoint: Endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.endpoint(Request(scope, receive))
        await response(scope, receive, send)


def _asked(request: Request) -> Mapping[str, str] | None:
    """The parts of the address; None for what no page of ours links to."""
    pairs = request.query_params.multi_items()
    asked = dict(pairs)
    is_ours = (
        request.method == "GET"
        and len(asked) == len(pairs)
        and len(request.scope["query_string"]) <= _LONGEST_QUERY
    )
    return asked if is_ours else None


def _answer(make: Maker, lost: str, asked_by: Asker, asked: Mapping[str, str]) -> Response:
    """The file once it is on record, or one sentence."""
    try:
        viewer = viewer_of(asked_by)
        leaving = make(viewer, asked) if viewer else None
        if viewer is None or leaving is None:
            return not_found()
        if leaving.taken:
            here = office()
            take_out.put_on_record(here.engine, here.stored, viewer, leaving.taken, clock.now())
    except StoreError as error:
        _LOG.error("cannot send a file: %s", error.sentence)
        return _said(lost, 503)
    except Exception as bug:  # noqa: BLE001 - this is the edge
        return _said(f"程序出错，文件没有发出。请把编号 {logged(bug)} 告诉管理员。", 500)
    return leaving.response


@dataclass(frozen=True)
class Asker:
    """What the browser says of who asks, and the gate of where from."""

    token: str | None
    address: str


def asker(request: Request) -> Asker:
    """Who asks, to be looked up by `viewer_of`."""
    return Asker(cookie.token_of(request.scope), request.headers.get(ADDRESS_HEADER, ""))


def viewer_of(asked_by: Asker) -> Viewer | None:
    """Who asks; None when nobody is signed in, or no longer."""
    if asked_by.token is None:
        return None
    here, now = office(), clock.now()
    session = accounts.session_of(here.engine, here.stored, asked_by.token, now)
    found = accounts.viewer_of(here.engine, here.stored, session, now) if session else None
    return found and replace(found, origin=asked_by.address)


def takes_full_names(viewer: Viewer, asked: Mapping[str, str]) -> bool:
    """Whether names are asked for in full, by somebody who may."""
    return asked.get("names") == "full" and sees_full_names(viewer)


def not_found() -> Response:
    """The one answer to what does not exist and to what is not the asker's."""
    return _said(_NOT_FOUND, 404)


def _said(sentence: str, status: int) -> Response:
    return Response(sentence, status_code=status, media_type="text/plain", headers=HEADERS)


def attached(name: str) -> Mapping[str, str]:
    """The headers of a file to be kept under a name, whoever gave it that."""
    bare = tidy(name).replace("\n", " ").replace("/", "_").replace("\\", "_")
    return {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(bare)}"}
