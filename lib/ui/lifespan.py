"""From the server's start to its end: what runs beside the pages, and how it stops."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from lib import settings
from lib.errors import RefusedError, logged
from lib.process import end_waiting
from lib.ui import health, logbook, resources, sockets, warming
from lib.workbooks.process import REST, expect_workbooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import streamlit as st

_LOG = logging.getLogger(__name__)
_SWEPT_EVERY = 600.0  # seconds
_COLLECTED_EVERY = 30.0  # seconds
_ANSWERS_WITHIN = 5  # seconds that requests under way are given when the server stops


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm, sweep while the server runs; when it is told to stop, let work under way end."""
    logbook.watch(asyncio.get_running_loop())
    _stop_in_order()
    listening = sockets.send_at_once()
    beside = [
        asyncio.create_task(_warm()),
        asyncio.create_task(_regularly(gc.collect, _COLLECTED_EVERY)),
        asyncio.create_task(sweep()),
    ]
    _LOG.info("started", extra={"sockets": listening})
    try:
        yield
    finally:
        health.leave()
        for each in beside:
            each.cancel()
        await run_in_threadpool(resources.close, settings.stop_within())
        end_waiting()
        _LOG.info("stopped")


def _stop_in_order() -> None:
    """At SIGTERM take no more connections, let answers under way end, and exit with status 0.

    uvicorn alone would wait for the slowest download for ever, and end by the signal itself.
    """
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if server is None or not hasattr(server, "should_exit"):
        return

    def stop(_number: int, _frame: object) -> None:
        health.leave()
        server.config.timeout_graceful_shutdown = _ANSWERS_WITHIN
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)


async def _warm() -> None:
    """Get ready for the first page, then for the first workbook.

    While the store is away the page waits for whoever asks for one.
    """
    try:
        await run_in_threadpool(warming.warm)
    except RefusedError:
        _LOG.warning("could not warm up")
    except Exception as bug:  # noqa: BLE001 - nobody above would hear of it
        logged(bug)
    await run_in_threadpool(expect_workbooks, rest=REST)


async def sweep(every: float = _SWEPT_EVERY) -> None:
    """Let what is kept for a while expire by itself, whether anybody looks or not."""
    await _regularly(resources.sweep, every)


async def _regularly(act: Callable[[], object], every: float) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await run_in_threadpool(act)
        except RefusedError:  # the store is away: the next time
            _LOG.warning("could not sweep")
        except Exception as bug:  # noqa: BLE001 - nobody above would hear of it
            logged(bug)
