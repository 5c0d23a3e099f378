"""The server's log: one line an event on standard error, and no person's data in any of them.

Our own code says nothing personal. Of what others log only the sentence with its blanks goes on,
never what was filled in; of any exception its type and the places it came through.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
import warnings
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter
from streamlit import logger as streamlit_logger

if TYPE_CHECKING:
    import asyncio
    from types import TracebackType

_LOG = logging.getLogger(__name__)
_OURS = "lib"
_SERVERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets")
# What may be somebody's in a sentence that another library put together itself.
_QUERY = re.compile(r"\?\S*")
_TOKEN = re.compile(r"[0-9A-Za-z_-]{16,}")
_LEADING = ("at", "level", "logger", "event")


class _Lines(JsonFormatter):
    """A record as a line of JSON."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def format(self, record: logging.LogRecord) -> str:
        """The facts of a record, in an order that is easy to read."""
        return self.serialize_log_record(_facts(record))


class _Text(logging.Formatter):
    """A record as a developer reads it in a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The moment, level, place and event; below it the places of an exception."""
        facts = _facts(record)
        places = facts.pop("places", [])
        line = "{at} {level:7} {logger}: {event}".format(**facts)
        more = (f" {name}={fact}" for name, fact in facts.items() if name not in _LEADING)
        return "\n".join([line + "".join(more), *places])


def open_logbook(form: str) -> None:
    """Let every logger of this process write to the log, as lines of `json` or as `text`."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Text() if form == "text" else _Lines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(logging.INFO)
    for name in _SERVERS:
        _to_root(logging.getLogger(name))
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)  # `requests` says it better
    if form == "text":
        logging.getLogger("lib.ui.requests").setLevel(logging.WARNING)
    # Streamlit gives each of its loggers a handler of its own, now and when more of it is loaded.
    streamlit_logger.setup_formatter = _to_root
    streamlit_logger.update_formatter()
    warnings.showwarning = _warned
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda bug: _uncaught(bug.exc_type, bug.exc_value, bug.exc_traceback)
    threading.excepthook = lambda bug: _uncaught(bug.exc_type, bug.exc_value, bug.exc_traceback)


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """Log what fails in an event loop and is awaited by nobody."""
    loop.set_exception_handler(lambda _loop, context: _uncaught(*_raised(context)))


def _to_root(logger: logging.Logger) -> None:
    """Let a logger write where all others do, in whatever way it was set up."""
    logger.handlers = []
    logger.propagate = True


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """What is said of an event: moment in UTC, level, logger, sentence, and what belongs to it."""
    sentence, *places = _sentence(record).splitlines() or [""]
    facts = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": sentence,
    }
    if _is_ours(record):
        added = {name: fact for name, fact in vars(record).items() if name not in RESERVED_ATTRS}
        facts |= {name: fact for name, fact in added.items() if name not in _LEADING}
    raised = record.exc_info[:3] if record.exc_info else (None, None, None)
    if raised[0]:
        facts["exception"] = raised[0].__name__
        places = _places(raised[2])
    return facts | ({"places": places} if places else {})


def _sentence(record: logging.LogRecord) -> str:
    """What was said; of other people's code without what was filled in."""
    if _is_ours(record):
        return record.getMessage()
    return _TOKEN.sub("…", _QUERY.sub("?…", str(record.msg)))


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == _OURS


def _places(trace: TracebackType | None) -> list[str]:
    """Where an exception came through: files, lines and functions, no values."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]


def _raised(
    context: dict[str, Any],
) -> tuple[type[BaseException], BaseException | None, TracebackType | None]:
    bug = context.get("exception")
    return (type(bug), bug, bug.__traceback__) if bug else (RuntimeError, None, None)


def _uncaught(
    sort: type[BaseException], bug: BaseException | None, trace: TracebackType | None
) -> None:
    """Log what nobody caught."""
    if issubclass(sort, KeyboardInterrupt):
        return
    _LOG.error("not caught", exc_info=(sort, bug or sort(), trace))


def _warned(
    message: Warning | str,  # noqa: ARG001 - Python's own names
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    """Log where a library warned, and of what sort; its words may hold a cell."""
    _LOG.warning("warned: %s at %s:%s", category.__name__, filename, lineno)
