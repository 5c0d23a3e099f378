"""Nothing is asked of any other machine: neither by the pages nor by the server."""

from __future__ import annotations

import http.client
import subprocess
import sys
from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, expect

from lib.settings import ROOT
from tests.support import watched
from tests.support.app_process import served
from tests.support.browsing import settle, sign_in
from tests.support.small_office import LEAD, REVIEWER, WEST, book, patrol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.outside import Outside
    from tests.support.shell import Shell

LOOPBACK = ("'127.0.0.1'", "'::1'", "'localhost'")


ASKS = """() => Promise.all([
  fetch("https://elsewhere.invalid/", { mode: "no-cors" }).catch(() => null),
  new Promise((done) => { new WebSocket("ws://far.invalid/").onerror = done; }),
])"""


ELSEWHERE = {"http://elsewhere.invalid/page", "elsewhere.invalid:443", "far.invalid:80"}


def test_a_page_that_asks_elsewhere_would_be_found_out(
    new_page: Callable[[], Page], world: Outside
):
    lost, asking = new_page(), new_page()
    with pytest.raises(Error):
        lost.goto("http://elsewhere.invalid/page")
    lost.close()  # it asks again for what it did not get
    asking.evaluate(ASKS)
    asking.close()
    asked = set()
    while not asked >= ELSEWHERE:
        asked |= {line.split()[1] for line in world.heard()}
    assert asked == ELSEWHERE


REACHES_OUT = """
import contextlib, socket, sys
from lib.settings import ROOT
from tests.support import watched
watched.watch(sys.argv[1])
with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
    line.sendto(b"", ("192.0.2.1", 9))
"""


def test_a_process_that_reaches_out_would_be_found_out(tmp_path: Path):
    notes = tmp_path / "notes"
    subprocess.run(  # noqa: S603 - our own words, no shell
        [sys.executable, "-c", REACHES_OUT, str(notes)], cwd=ROOT, check=True
    )
    (line,) = notes.read_text().splitlines()
    assert line.startswith("socket.sendto")
    assert line.endswith("('192.0.2.1', 9))")


def knock(address: str) -> int:
    """The answer to a websocket from a foreign page, which has Streamlit look up where it is."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Origin": "https://elsewhere.invalid",
    }
    connection.request("GET", "/_stcore/stream", headers=headers)
    return connection.getresponse().status


def test_the_server_reaches_out_to_nobody(
    loaded: Shell, tmp_path: Path, new_page: Callable[[], Page]
):
    notes = tmp_path / "notes"
    environment = {watched.NOTES: str(notes), "CONTRACT": str(loaded.contract)}
    with served(loaded.url, tmp_path / "log", watched.__name__, **environment) as server:
        lead, reviewer = new_page(), new_page()
        sign_in(lead, f"{server.address}/upload", LEAD)
        rows = {"对象排查": [patrol(date(2023, 4, 3), "示员甲", WEST)]}
        lead.locator("input[type=file]").set_input_files(
            {"name": "四月.xlsx", "mimeType": "application/octet-stream", "buffer": book(rows)}
        )
        lead.get_by_role("button", name="过账 1 行").click()
        expect(lead.get_by_text("已过账，回执号").first).to_be_visible()
        sign_in(reviewer, f"{server.address}/files?month=2023-03", REVIEWER)
        settle(reviewer)
        assert knock(server.address) == HTTPStatus.FORBIDDEN
    reached = notes.read_text().splitlines()
    assert [line for line in reached if not any(here in line for here in LOOPBACK)] == []
