"""What a browser may say through a websocket.

Streamlit listens to more than its own pages say: one word, from a stranger too, empties the caches
and resources of everybody; another installs files on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from streamlit.proto.AuthRedirect_pb2 import AuthRedirect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.ui.gate import crowd

if TYPE_CHECKING:
    from starlette.types import Message

# Codes with which a line is cut: RFC 6455, 7.4.1.
GARBLED, NOT_BINARY, REFUSED, TOO_BIG, AGAIN_LATER = 1002, 1003, 1008, 1009, 1013
# Has the browser load its page anew: without, it would go on showing what it has.
LOAD_ANEW = ForwardMsg(auth_redirect=AuthRedirect(url="")).SerializeToString()
_OF_STRANGERS = {"rerun_script", "stop_script", "app_heartbeat"}
_OF_USERS = _OF_STRANGERS | {"file_urls_request"}  # before an upload


class CutError(Exception):
    """What was said ends the line, with this code, and before that this word to the browser."""

    def __init__(self, code: int, farewell: bytes = b"") -> None:
        """Keep both."""
        super().__init__(code)
        self.code, self.farewell = code, farewell


def is_heard(word: Message, *, from_stranger: bool) -> bool:
    """Whether Streamlit is to hear a word; CutError for one that no page of ours says."""
    said = word.get("bytes")
    if said is None:
        raise CutError(NOT_BINARY)
    if from_stranger and len(said) > crowd.LONGEST_MESSAGE:
        raise CutError(TOO_BIG)
    return _kind(said) in (_OF_STRANGERS if from_stranger else _OF_USERS)


def _kind(said: bytes) -> str | None:
    message = BackMsg()
    try:
        message.ParseFromString(said)
    except DecodeError:
        raise CutError(GARBLED) from None
    return message.WhichOneof("type")
