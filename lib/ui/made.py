"""Fetching a file that took a while to make: by the account that asked for it, and nobody else."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lib.errors import StoreError
from lib.ui.links import number_in
from lib.ui.resources import file_desk
from lib.ui.routes import MADE
from lib.ui.sending import HEADERS, asker, attached, not_found, viewer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_LOG = logging.getLogger(__name__)
_LOST = "做好的档案取不出来了，请回到页面重新制作；若一直这样，请告诉管理员。"


async def send_made(request: Request) -> Response:
    """The made file of that number, part by part."""
    return await run_in_threadpool(_made, asker(request), dict(request.query_params))


def _made(token: str, asked: Mapping[str, str]) -> Response:
    viewer, number = viewer_of(token), number_in(asked.get("id", ""))
    if viewer is None or number is None:
        return not_found()
    try:
        found = file_desk().fetch(viewer, number)
    except StoreError as lost:
        _LOG.error("cannot send made file %s: %s", number, lost.sentence)
        return Response(_LOST, status_code=503, media_type="text/plain", headers=HEADERS)
    if found is None:
        return not_found()
    made, parts = found
    headers = {**attached(made.file_name or ""), "Content-Length": str(made.size)}
    return StreamingResponse(parts, media_type="application/zip", headers=headers)


routes = (Route(MADE, send_made),)
