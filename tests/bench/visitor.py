"""A visitor of the product, as a browser is one but for the painting; hundreds fit into a process.

It asks for what a browser asks for, keeps what a browser keeps (widgets, the page it is on, the
elements it was sent, by their hashes) and says so in its words; a run takes from the word that
asks for it to the one that says that the script is done. Only on this machine.
"""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from tests.support import words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import ClientConnection

PATIENCE = 60.0  # seconds
_SHELL = ("/_stcore/health", "/_stcore/host-config")
_XSRF = "_streamlit_xsrf"
_KEPT_FOR = 2  # runs in which an element is not drawn, after which a browser forgets it
_FAILED = "程序出错"  # how the product's edge says that there is a bug
_BOUNDARY = "visitor"


@dataclass(frozen=True)
class Run:
    """A run of a script, as it was waited for; `faults` is what went wrong, in words."""

    seconds: float
    bytes: int
    words: int
    faults: tuple[str, ...]


@dataclass
class Visitor:
    """A page open in a browser."""

    address: str
    line: ClientConnection
    xsrf: str
    cookies: str
    path: str = ""
    query: str = ""
    drawn: list[ForwardMsg] = field(default_factory=list)
    _session: str = ""
    _page: str = ""
    _pages: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, tuple[ForwardMsg, int]] = field(default_factory=dict)
    _runs: int = 0
    _states: dict[str, WidgetState] = field(default_factory=dict)

    async def open(self, path: str = "", query: str = "") -> Run:
        """Go to a page: by its path at first, then as the menu does, by its hash."""
        self.path, self.query, self._page = path, query, self._pages.get(path, "")
        self._states = {}
        return await self.rerun()

    async def rerun(self) -> Run:
        """Have the page's script run with the widgets as they stand."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = self.query
        asked.page_script_hash = self._page
        asked.page_name = "" if self._page else self.path
        asked.widget_states.widgets.extend(self._states.values())
        asked.cached_message_hashes.extend(self._kept)
        asked.context_info.timezone = "Asia/Shanghai"
        asked.context_info.timezone_offset = -480
        asked.context_info.locale = "zh-CN"
        asked.context_info.url = f"{self.address}/{self.path}"
        begun = time.perf_counter()
        await self.line.send(message.SerializeToString())
        self._states = {i: s for i, s in self._states.items() if not s.HasField("trigger_value")}
        return await self._listen(begun)

    async def _listen(self, begun: float) -> Run:
        """All that is sent until a script is done."""
        self.drawn, said, size = [], 0, 0
        self._runs += 1
        faults: list[str] = []
        while True:
            data = await asyncio.wait_for(self.line.recv(decode=False), PATIENCE)
            word = words.read(data)
            said, size = said + 1, size + len(data)
            self._take(word, faults)
            if words.is_last(word):
                break
        seconds = time.perf_counter() - begun
        if words.has_failed(word):
            faults.append("the script failed")
        self._kept = {h: kept for h, kept in self._kept.items() if self._runs - kept[1] < _KEPT_FOR}
        faults += [f"said: {_FAILED}"] if _FAILED in self.text else []
        return Run(seconds, size, said, tuple(faults))

    def _take(self, word: ForwardMsg, faults: list[str]) -> None:
        match word.WhichOneof("type"):
            case "new_session":
                self.drawn = []
                self._session = word.new_session.initialize.session_id
                self._page = word.new_session.page_script_hash or self._page
            case "navigation":
                pages = word.navigation.app_pages
                self._pages = {page.url_pathname: page.page_script_hash for page in pages}
                self._page = word.navigation.page_script_hash
            case "delta":
                self._draw(word, faults)
            case "ref_hash":
                kept = self._kept.get(word.ref_hash)
                if kept is None:
                    faults.append("referred to an element that was never sent")
                else:
                    self._draw(kept[0], faults)
            case "page_not_found" | "auth_redirect" as kind:
                faults.append(kind)

    def _draw(self, word: ForwardMsg, faults: list[str]) -> None:
        self.drawn.append(word)
        if word.metadata.cacheable:
            self._kept[word.hash] = (word, self._runs)
        if word.delta.new_element.HasField("exception"):
            faults.append("drew an exception")

    @property
    def text(self) -> str:
        """All that the last run drew, in one piece."""
        return "".join(w.SerializeToString().decode("utf-8", "ignore") for w in self.drawn)

    def choose(self, key: str, *values: str) -> None:
        """Have another value stand in a widget: a day, an option, several of them."""
        kind, identity = self._widget(key)
        state = WidgetState(id=identity)
        if kind in ("text_input", "selectbox", "radio"):
            state.string_value = values[0]
        elif kind == "checkbox":
            state.bool_value = bool(values[0])
        else:
            state.string_array_value.data.extend(values)
        self._states[identity] = state

    def has(self, named: str) -> bool:
        """Whether the page has such a widget."""
        return self._found(named) is not None

    async def press(self, named: str) -> Run:
        """Press a button, by its key or what it is called."""
        _, identity = self._widget(named)
        self._states[identity] = WidgetState(id=identity, trigger_value=True)
        return await self.rerun()

    async def upload(self, key: str, name: str, data: bytes) -> Run:
        """Choose a file: ask where it goes, bring it there, and say so."""
        _, identity = self._widget(key)
        message = BackMsg()
        message.file_urls_request.request_id = name
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self._session
        await self.line.send(message.SerializeToString())
        word = words.read(await asyncio.wait_for(self.line.recv(decode=False), PATIENCE))
        while not word.HasField("file_urls_response"):
            word = words.read(await asyncio.wait_for(self.line.recv(decode=False), PATIENCE))
        place = word.file_urls_response.file_urls[0]
        await asyncio.to_thread(self._bring, place.upload_url, name, data)
        state = WidgetState(id=identity)
        brought = state.file_uploader_state_value.uploaded_file_info.add()
        brought.file_id, brought.name, brought.size = place.file_id, name, len(data)
        brought.file_urls.CopyFrom(place)
        self._states[identity] = state
        return await self.rerun()

    def _bring(self, place: str, name: str, data: bytes) -> None:
        """Send a file as a form does; RuntimeError when it is refused."""
        head = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + data + f"\r\n--{_BOUNDARY}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Cookie": self.cookies,
            "Origin": self.address,
            "X-Xsrftoken": self.xsrf,
        }
        status, _ = _asked(self.address, "PUT", f"/{place.lstrip('/')}", headers, body)
        if status >= http.HTTPStatus.BAD_REQUEST:
            msg = f"an upload was answered with {status}"
            raise RuntimeError(msg)

    def _widget(self, named: str) -> tuple[str, str]:
        """The kind and the identity of a widget, by its key or label; LookupError without one."""
        found = self._found(named)
        if found is None:
            msg = f"no widget {named} on {self.path or 'the first page'}"
            raise LookupError(msg)
        return found

    def _found(self, named: str) -> tuple[str, str] | None:
        for element in words.elements(self.drawn):
            kind = element.WhichOneof("type")
            widget = getattr(element, kind) if kind else None
            identity = getattr(widget, "id", "")
            if identity and named in (identity.rpartition("-")[2], getattr(widget, "label", "")):
                return str(kind), identity
        return None


@asynccontextmanager
async def visiting(address: str, token: str = "") -> AsyncIterator[Visitor]:
    """A browser with the cookie of our session, a websocket open; no page is asked for yet."""
    _require_this_machine(address)
    cookies = [f"session={token}"] if token else []
    given = await asyncio.to_thread(_shell, address, cookies)
    xsrf = given.get(_XSRF, "")
    cookies += [f"{name}={value}" for name, value in given.items()]
    async with connect(
        words.stream(address),
        origin=Origin(address),
        subprotocols=[Subprotocol(words.SUBPROTOCOL), Subprotocol(xsrf or "none")],
        additional_headers={"Cookie": "; ".join(cookies)},
        proxy=None,
        max_size=None,
        open_timeout=PATIENCE,
        ping_interval=None,
    ) as line:
        yield Visitor(address, line, xsrf, "; ".join(cookies))


def _require_this_machine(address: str) -> None:
    """Keep a load from being sent anywhere else; ValueError."""
    if not ipaddress.ip_address(urlsplit(address).hostname or "").is_loopback:
        msg = f"{address} is not this machine"
        raise ValueError(msg)


def _shell(address: str, cookies: Iterable[str]) -> dict[str, str]:
    """Ask for what a browser asks for first; the cookies that are given."""
    given: dict[str, str] = {}
    for path in _SHELL:
        brought = "; ".join([*cookies, *(f"{name}={value}" for name, value in given.items())])
        status, found = _asked(address, "GET", path, {"Cookie": brought} if brought else {})
        if status != http.HTTPStatus.OK:
            msg = f"{path} was answered with {status}"
            raise RuntimeError(msg)
        given |= dict(each.partition(";")[0].split("=", 1) for each in found)
    return given


def _asked(
    address: str, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, list[str]]:
    """The status of an answer, and the cookies it sets."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get_all("Set-Cookie") or []
    finally:
        connection.close()
