"""Requests and websockets as somebody sends them who keeps to no browser's rules."""

from __future__ import annotations

import http.client
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.support import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import ClientConnection

    Headers = Iterable[tuple[str, str]]

PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def ask(
    address: str, line: str, headers: Headers = (), body: bytes = b"", *, host: bool = True
) -> Answer:
    """The answer to a request of exactly this line and these headers; Host is added on demand."""
    method, _, path = line.partition(" ")
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=not host, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def cookie(token: str | None) -> Headers:
    """The header in which a browser brings our cookie."""
    return [("Cookie", f"session={token}")] if token is not None else []


@dataclass
class Visit:
    """A page open over a websocket; `number` is Streamlit's own name for it."""

    connection: ClientConnection
    number: str = ""
    said: list[ForwardMsg] = field(default_factory=list)

    def send(self, **word: object) -> None:
        """Say a word, such as `clear_cache=True`."""
        self.connection.send(BackMsg(**word).SerializeToString())

    def run(self, page: str = "", query: str = "") -> str:
        """Have the page's script run; all that the server sent until it was done."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        self.connection.send(message.SerializeToString())
        return self.listen()

    def listen(self) -> str:
        """All that the server sends until a script is done."""
        self.said = []
        while True:
            word = words.read(self.connection.recv(PATIENCE))
            self.said.append(word)
            if word.WhichOneof("type") == "new_session":
                self.number = word.new_session.initialize.session_id
            if words.is_last(word):
                return "".join(
                    each.SerializeToString().decode("utf-8", "ignore") for each in self.said
                )

    def last_words(self) -> tuple[int | None, set[str | None]]:
        """The code with which the server ends the websocket, and the kinds of words before that."""
        kinds = set()
        with suppress(TimeoutError):
            while True:
                try:
                    word = words.read(self.connection.recv(PATIENCE))
                except ConnectionClosed as closed:
                    return closed.rcvd and closed.rcvd.code, kinds
                kinds.add(word.WhichOneof("type"))
        return None, kinds

    @property
    def elements(self) -> Sequence[str]:
        """The kinds of elements that the last run drew, in order."""
        drawn = words.elements(self.said)
        return [kind for element in drawn if (kind := element.WhichOneof("type"))]

    @property
    def fields(self) -> Sequence[str]:
        """The labels of the lines of text that the last run drew."""
        drawn = words.elements(self.said)
        return [e.text_input.label for e in drawn if e.HasField("text_input")]


@contextmanager
def visiting(
    address: str, headers: Headers = (), *, origin: str | None = "ours", resume: str | None = None
) -> Iterator[Visit]:
    """Hold a websocket open; `resume` is the name of a page that is open already."""
    with connect(
        words.stream(address),
        origin=address if origin == "ours" else origin,
        subprotocols=[words.SUBPROTOCOL, "none", *([resume] if resume else [])],
        additional_headers=list(headers),
        compression=None,
        proxy=None,
        max_size=None,
    ) as connection:
        yield Visit(connection)


def refusal(address: str, headers: Headers = (), *, origin: str | None = "ours") -> int:
    """The status with which a websocket is refused; 101 when it is not."""
    try:
        with visiting(address, headers, origin=origin):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def shake_hands(address: str, headers: Headers) -> int:
    """The status that answers a websocket's first request with these headers, Host among them."""
    upgrade = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    return ask(address, "GET /_stcore/stream", [*headers, *upgrade], host=False).status
