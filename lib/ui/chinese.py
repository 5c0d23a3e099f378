"""Streamlit's own words in Chinese: the shell of every page, and the script that it loads.

Streamlit has no parameter for most of its words. `words.json` says each in Chinese, `words.js` puts
them in place in the browser; what is said before any script runs is put in place here. What makes
our charts readable and follows our links is loaded with them, and so are the shapes of our parts.
"""

from __future__ import annotations

import hashlib
import json
import re
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import Response

from lib.ui import preloads
from lib.ui.gate import doors
from lib.ui.navigation import TITLE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

INDEX = Path(st.__file__).parent / "static" / "index.html"
WORDS = Path(__file__).with_name("words.json")
_SCRIPTS = [
    Path(__file__).with_name(name)
    for name in ("start.js", "words.js", "charts.js", "as_of.js", "follow.js")
]
_OF_COPIES = (b"if-none-match", b"if-modified-since", b"range", b"if-range")
_NO_SCRIPT = "<noscript><p>请在浏览器里打开 JavaScript，再刷新这一页。</p></noscript>"


def script() -> str:
    """The script, with the words that it puts in place and the paths of our pages."""
    words = WORDS.read_text(encoding="utf-8")
    scripts = "".join(path.read_text(encoding="utf-8") for path in _SCRIPTS)
    pages = json.dumps(doors.PATHS)
    return f"const PHRASES = {words.strip()};\nconst PAGES = {pages};\n{scripts}"


def _named(name: str, body: bytes) -> str:
    """An address below `/static/`, where the gate lets everybody through.

    Browser and proxy keep what they were given there: the address changes with what it says.
    """
    stem, _, ending = name.partition(".")
    return f"/static/{stem}-{hashlib.sha256(body).hexdigest()[:16]}.{ending}"


def _kept(body: bytes, media_type: str) -> Response:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(body, media_type=media_type, headers=headers)


_BODY, _SHAPES = script().encode(), Path(__file__).with_name("style.css").read_bytes()
PATH, STYLE = _named("words.js", _BODY), _named("style.css", _SHAPES)
_OURS = {PATH: _kept(_BODY, "text/javascript"), STYLE: _kept(_SHAPES, "text/css")}
# Each has to be found exactly once: an upgrade of Streamlit may not bring English back unseen.
_REPLACED = (
    (r'<html lang="en">', '<html lang="zh-CN">'),
    (r"<title>Streamlit</title>", f'<title>{TITLE}</title>\n    <script src=".{PATH}"></script>'),
    (r'<link rel="service-desc"[^>]*>', ""),  # leads to an interface that the gate shuts
    (r'<link\s+rel="preload"[^>]*/SourceSans[^>]*>', ""),  # a font that our theme does not use
    (r"<noscript>.*?</noscript>", _NO_SCRIPT),
    # In the body: Streamlit's own style sheets are written into the head, and ours have to hold.
    (r'<div id="root">', f'<link rel="stylesheet" href=".{STYLE}">\n    <div id="root">'),
    ("</head>", f"{preloads.links(INDEX)}</head>"),
)


def shell(index: str) -> str:
    """Streamlit's page, before it has drawn anything, in Chinese; ValueError for another one."""
    for said, ours in _REPLACED:
        index, number = re.subn(said, ours, index, flags=re.DOTALL)
        if number != 1:
            msg = f"{number} times in Streamlit's page: {said}"
            raise ValueError(msg)
    return index


_SHELL = shell(INDEX.read_text(encoding="utf-8")).encode()


class Chinese:
    """Sends our shell where Streamlit sends its own, and what of ours it loads."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the server, behind the gate."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass; a page's shell is answered in Chinese, with Streamlit's headers."""
        if scope["type"] == "http" and scope["path"] in _OURS:
            await _OURS[scope["path"]](scope, receive, send)
            return
        if scope["type"] != "http" or doors.page_or_first(scope["path"]) != scope["path"]:
            await self._app(scope, receive, send)
            return
        is_shell = False

        async def answer(message: Message) -> None:
            nonlocal is_shell
            if message["type"] == "http.response.start":
                is_shell = message["status"] == HTTPStatus.OK
                message = _with_our_length(message) if is_shell else message
            elif is_shell:
                if message.get("more_body"):
                    return
                message = {**message, "body": b"" if scope["method"] == "HEAD" else _SHELL}
            await send(message)

        await self._app(_asked_anew(scope), receive, answer)


def _asked_anew(scope: Scope) -> Scope:
    """The request as a browser sends it that has no copy, and wants all of it."""
    kept = [(name, value) for name, value in scope["headers"] if name not in _OF_COPIES]
    return {**scope, "headers": kept}


def _with_our_length(message: Message) -> Message:
    headers = MutableHeaders(raw=list(message["headers"]))
    for name in ("etag", "last-modified", "content-encoding", "accept-ranges"):
        del headers[name]
    headers["content-length"] = str(len(_SHELL))
    return {**message, "headers": headers.raw}


middleware = (Middleware(Chinese),)
