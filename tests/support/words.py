"""What a browser and Streamlit say to each other on a websocket, for the clients of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamlit.proto.Element_pb2 import Element

SUBPROTOCOL = "streamlit"


def read(data: bytes) -> ForwardMsg:
    """A word of the server's."""
    word = ForwardMsg()
    word.ParseFromString(data)
    return word


def is_last(word: ForwardMsg) -> bool:
    """Whether a script is done with it, and none runs instead."""
    return word.WhichOneof("type") == "script_finished" and (
        word.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )


def has_failed(word: ForwardMsg) -> bool:
    """Whether a script was done with it, and not as it should be."""
    return word.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR


def stream(address: str) -> str:
    """Where the websocket of an address is."""
    return f"{address.replace('http', 'ws', 1)}/_stcore/stream"


def elements(said: Iterable[ForwardMsg]) -> Iterator[Element]:
    """What was drawn, in order."""
    for word in said:
        if word.HasField("delta") and word.delta.HasField("new_element"):
            yield word.delta.new_element
