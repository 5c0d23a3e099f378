"""What a process writes to its log, whoever speaks: our code, a library, Python itself."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lib.settings import ROOT

SECRET = "示员甲"
SPEAK = f"""
import asyncio, logging, sys, threading, warnings
from streamlit.logger import get_logger
from lib.ui import logbook
early = get_logger("streamlit.early")
logbook.open_logbook(sys.argv[1])
secret = "{SECRET}"

def fail():
    raise ValueError(secret)

logging.getLogger("lib.ours").info("ours %s", "said", extra={{"request": "7"}})
early.warning("early %s", secret)
get_logger("streamlit.late").warning("late %s", secret)
asked = "asked for /page?name={SECRET} by abcdef0123456789abcdef"
logging.getLogger("uvicorn.error").warning(asked)
logging.getLogger("sqlalchemy.engine").info("not said")
warnings.warn(secret)
try:
    fail()
except ValueError:
    logging.getLogger("other").exception("failed with %s", secret)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
async def main():
    logbook.watch(asyncio.get_running_loop())
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0)
asyncio.run(main())
fail()
"""
SAID = [
    ("info", "lib.ours", "ours said", None),
    ("warning", "streamlit.early", "early %s", None),
    ("warning", "streamlit.late", "late %s", None),
    ("warning", "uvicorn.error", "asked for /page?… by …", None),
    ("warning", "lib.ui.logbook", "warned: UserWarning at <string>:18", None),
    ("error", "other", "failed with %s", "ValueError"),
    ("error", "lib.ui.logbook", "not caught", "ValueError"),
    ("error", "lib.ui.logbook", "not caught", "ValueError"),
    ("error", "lib.ui.logbook", "not caught", "ValueError"),
]


def spoken(form: str) -> str:
    """What a process that says all this writes to standard error."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", SPEAK, form],
        capture_output=True,
        cwd=ROOT,
        check=False,
        encoding="utf-8",
    )
    return done.stderr


def test_each_event_is_a_line_and_holds_no_value():
    events = [json.loads(line) for line in spoken("json").splitlines()]

    said = [(e["level"], e["logger"], e["event"], e.get("exception")) for e in events]
    assert said == SAID
    assert events[0]["request"] == "7"
    assert all(event["at"].endswith("+00:00") for event in events)
    assert events[-1]["places"][-1] == "<string>:10 fail"


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_value_stands_in_it_in_either_form(form: str):
    output = spoken(form)

    assert SECRET not in output
    assert "ours said" in output
