"""A websocket between a browser and Streamlit, as the gate holds it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lib.ui.gate.words import REFUSED, CutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Message, Receive, Send


class Line:
    """A websocket, cut as soon as a word comes that may not, or none comes for too long."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        passes: Callable[[Message], Awaitable[bool]],
        idle: float | None,
    ) -> None:
        """`passes`: whether Streamlit hears a word, or CutError; `idle` is in seconds."""
        self._receive, self._send = receive, send
        self._passes, self._idle = passes, idle
        self._is_cut = False

    async def receive(self) -> Message:
        """The next word that is heard; a disconnection when the line was cut."""
        try:
            while True:
                async with asyncio.timeout(self._idle):
                    message = await self._receive()
                if message["type"] != "websocket.receive" or await self._passes(message):
                    return message
        except TimeoutError:
            return await self._cut(CutError(REFUSED))
        except CutError as cut:
            return await self._cut(cut)

    async def send(self, message: Message) -> None:
        """Pass a word on, unless the line was cut."""
        if not self._is_cut:
            await self._send(message)

    async def _cut(self, cut: CutError) -> Message:
        self._is_cut = True
        if cut.farewell:
            await self._send({"type": "websocket.send", "bytes": cut.farewell})
        await close(self._send, cut.code)
        return {"type": "websocket.disconnect", "code": cut.code}


async def close(send: Send, code: int) -> None:
    """End a websocket, or refuse one that has not begun."""
    await send({"type": "websocket.close", "code": code})
