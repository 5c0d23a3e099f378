"""A process told to stop: it takes nothing more, ends what it does or breaks it off, says which."""

from __future__ import annotations

import socket
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.deploy.test_processes import (
    POST,
    contract_held,
    hand_in,
    posts,
    states,
    wait_until_somebody_waits,
)
from tests.support.app_process import HOST
from tests.support.browsing import sign_in
from tests.support.small_office import LEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.deploy.conftest import Site

GRACE = 30.0  # seconds, of which a test needs few


@pytest.mark.parametrize(
    ("number", "seconds", "state", "receipts"),
    [
        pytest.param(1, "30", "posted", 1, id="time enough"),
        pytest.param(2, "0", "ready", 0, id="none"),
    ],
)
def test_told_to_stop_a_posting_ends_or_is_given_back(
    site: Site, new_page: Callable[[], Page], number: int, seconds: str, state: str, receipts: int
):
    before = len(posts(site))
    server = site.start(f"stopped-{number}", STOP_WITHIN=seconds)
    page = new_page()
    sign_in(page, f"{server.address}/upload", LEAD)
    hand_in(page, date(2023, 4, 10 + number), "示员甲")
    with contract_held(site):
        page.get_by_role("button", name=POST).click()
        wait_until_somebody_waits(site)
        server.process.terminate()
        server.event(event="Waiting for application shutdown.")
        if not receipts:
            server.event(event="breaking off work at its next step")
        assert server.process.poll() is None
        with socket.socket() as knocking:
            refused = knocking.connect_ex((HOST, urlsplit(server.address).port))
    assert server.process.wait(GRACE) == 0
    assert refused
    assert server.events()[-1]["event"] == "Finished server process [%d]"
    assert (states(site)[-1], len(posts(site)) - before) == (state, receipts)
