"""The benchmark's visitors: they keep to this machine, and say what went wrong with a page."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.proto.PageNotFound_pb2 import PageNotFound
from websockets.asyncio.server import serve

from tests.bench.visitor import visiting
from tests.support.app_process import HOST
from tests.support.words import SUBPROTOCOL

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

    from tests.bench.visitor import Run


def element(text: str, *, kept: bool = False) -> ForwardMsg:
    """A line of text that the server draws."""
    word = ForwardMsg(hash=text)
    word.metadata.cacheable = kept
    word.delta.new_element.text.body = text
    return word


def done(status: int = ForwardMsg.FINISHED_SUCCESSFULLY) -> ForwardMsg:
    """The end of a run."""
    return ForwardMsg(script_finished=status)


def visited(*runs: list[ForwardMsg]) -> tuple[list[Run], list[set[str]], str]:
    """What a visitor finds in each of these runs, the elements it had kept, and its last screen."""
    kept: list[set[str]] = []

    async def answer(line: ServerConnection) -> None:
        for run in runs:
            asked = BackMsg.FromString(await line.recv(decode=False))
            kept.append(set(asked.rerun_script.cached_message_hashes))
            for word in run:
                await line.send(word.SerializeToString())

    def shell(line: ServerConnection, request: Request) -> Response | None:
        return None if "Upgrade" in request.headers else line.respond(HTTPStatus.OK, "")

    async def visit() -> tuple[list[Run], list[set[str]], str]:
        async with (
            serve(answer, HOST, 0, subprotocols=[SUBPROTOCOL], process_request=shell) as server,
            visiting(f"http://{HOST}:{server.sockets[0].getsockname()[1]}") as visitor,
        ):
            return [await visitor.rerun() for _ in runs], kept, visitor.text

    return asyncio.run(visit())


def test_it_keeps_what_it_was_sent_for_as_long_as_it_is_drawn():
    again = ForwardMsg(ref_hash="large")
    runs, kept, text = visited(
        [element("large", kept=True), element("small"), done()],
        [again, done()],
        [done()],
        [element("new"), done()],
    )

    assert kept == [set(), {"large"}, {"large"}, {"large"}]
    assert "new" in text
    assert "large" not in text
    assert [run.words for run in runs] == [3, 2, 1, 2]
    assert {run.faults for run in runs} == {()}


def test_it_waits_for_the_run_that_follows_and_sees_that_one_only():
    first = [element("before"), done(ForwardMsg.FINISHED_EARLY_FOR_RERUN)]
    (run,), _, text = visited([*first, ForwardMsg(new_session=NewSession()), element("x"), done()])

    assert "before" not in text
    assert "x" in text
    assert run.words == 5


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (element("程序出错，没有保存任何内容。"), "said: 程序出错"),
        (ForwardMsg(ref_hash="never sent"), "referred to an element that was never sent"),
        (ForwardMsg(page_not_found=PageNotFound(page_name="x")), "page_not_found"),
        (done(ForwardMsg.FINISHED_WITH_COMPILE_ERROR), "the script failed"),
    ],
    ids=["edge", "hash", "page", "script"],
)
def test_it_says_what_went_wrong(said: ForwardMsg, fault: str):
    (run,), _, _ = visited([said, done()])

    assert run.faults == (fault,)


def test_it_goes_to_no_other_machine():
    async def go() -> None:
        async with visiting("http://192.0.2.1:8501"):
            pass

    with pytest.raises(ValueError, match="not this machine"):
        asyncio.run(go())
