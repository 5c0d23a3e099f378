"""How a file leaves: whoever asks is looked up at every request, and nothing of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from lib import clock
from lib.access import sees_full_names
from lib.actions import accounts, take_out
from lib.ui.resources import office
from lib.ui.routes import COOKIE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from lib.access import Viewer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_NOT_FOUND = "找不到这个文件，或登录已过期。请回到页面重新登录后再试。"


def asker(request: Request) -> str:
    """What the browser says of who asks."""
    return request.cookies.get(COOKIE, "")


def viewer_of(token: str) -> Viewer | None:
    """Who asks; None when nobody is signed in, or no longer."""
    here, now = office(), clock.now()
    session = accounts.session_of(here.engine, here.stored, token, now) if token else None
    return accounts.viewer_of(here.engine, here.stored, session, now) if session else None


def takes_full_names(viewer: Viewer, asked: Mapping[str, str], subject: Mapping[str, str]) -> bool:
    """Whether names are asked for in full, by somebody who may; that is put on record."""
    full = asked.get("names") == "full" and sees_full_names(viewer)
    if full:
        here = office()
        words = " ".join(f"{name}={value}" for name, value in subject.items())
        take_out.record_full_names(here.engine, here.stored, viewer, words, clock.now())
    return full


def not_found() -> Response:
    """The one answer to what does not exist and to what is not the asker's."""
    return Response(_NOT_FOUND, status_code=404, media_type="text/plain", headers=HEADERS)


def download(name: str, data: bytes, media_type: str) -> Response:
    """A file to be kept by whoever asked, under a name."""
    return Response(data, media_type=media_type, headers=attached(name))


def attached(name: str) -> Mapping[str, str]:
    """The headers of a file to be kept under a name."""
    return {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
