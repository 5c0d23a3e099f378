"""Two processes side by side: both work at once, one dies, and the other goes on truthfully."""

from __future__ import annotations

import os
import re
import signal
from contextlib import contextmanager
from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, text, update

from lib import clock
from lib.store.engine import open_store, reading, writing
from lib.store.schema import pending_upload
from tests.support.browsing import settle, sign_in
from tests.support.small_office import LEAD, OTHER_LEAD, WEST, book, patrol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from lib.access import Viewer
    from tests.deploy.conftest import Behind, Site
    from tests.support.app_process import Server

POST = re.compile(r"^过账 \d+ 行$")
POSTED = re.compile(r"^已过账，回执号 ")
SILENCE = timedelta(seconds=31)  # after which work is taken for broken off


@pytest.fixture
def visit(browser: Browser, behind: Behind) -> Iterator[Callable[..., Page]]:
    """A function that signs a user in whom the proxy leads to that process, and then to another."""
    contexts = []

    def open_page(viewer: Viewer, server: Server, *, then: Server | None = None) -> Page:
        context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", ignore_https_errors=True
        )
        contexts.append(context)
        page = context.new_page()
        lead(page, behind, server)
        page.goto(f"{behind.proxy.address}/upload")
        settle(page)
        lead(page, behind, then or server)
        sign_in(page, None, viewer)
        return page

    yield open_page
    for context in contexts:
        context.close()


def lead(page: Page, behind: Behind, server: Server) -> None:
    """Let the proxy lead a browser to that process from now on."""
    route = behind.proxy.route_to(server)
    page.context.add_cookies([{"name": "route", "value": route, "url": behind.proxy.address}])


def hand_in(page: Page, day: date, people: str) -> None:
    """Choose a workbook of one row, and wait for its plan."""
    data = book({"对象排查": [patrol(day, people, WEST)]})
    file = {"name": f"{day}.xlsx", "mimeType": "", "buffer": data}
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.get_by_role("button", name=POST)).to_be_visible(timeout=60_000)


@contextmanager
def contract_held(site: Site) -> Iterator[None]:
    """Hold the row for which every act waits."""
    engine = open_store(site.url)
    with writing(engine) as connection:
        connection.execute(text("SELECT 1 FROM contract FOR UPDATE"))
        yield
    engine.dispose()


def wait_until_somebody_waits(site: Site) -> None:
    """Return when another process waits for the row that is held."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query LIKE 'SELECT contract.contract_id%FOR UPDATE'"  # not any other lock
    )
    while True:
        with reading(site.office.engine) as connection:
            if connection.execute(waiting).scalar():
                return


def posts(site: Site) -> list[str]:
    """Who posted, in order."""
    return [line["by"] for line in site.office.audit("post")]


def states(site: Site) -> list[str]:
    """Where the uploads stand."""
    with reading(site.office.engine) as connection:
        ordered = select(pending_upload.c.state).order_by(pending_upload.c.begun_at)
        return list(connection.execute(ordered).scalars())


def test_a_sign_in_begun_at_one_process_is_ended_at_the_other_and_holds_at_both(
    behind: Behind, visit: Callable[..., Page]
):
    page = visit(LEAD, behind.first, then=behind.second)
    behind.second.event(path="/enter", method="POST")
    given = page.context.cookies(behind.proxy.address)
    (session,) = [cookie for cookie in given if "session" in cookie["name"]]
    cookie = f"{session['name']}={session['value']}"
    taken = [
        behind.proxy.ask("/prefilled", Cookie=f"{cookie}; route={behind.proxy.route_to(server)}")
        for server in (behind.first, behind.second)
    ]

    assert [answer.status for answer, _ in taken] == [HTTPStatus.OK] * 2
    assert (session["httpOnly"], session["secure"], session["sameSite"]) == (True, True, "Lax")
    assert behind.proxy.ask("/prefilled")[0].status != HTTPStatus.OK


def test_both_post_at_once_then_one_is_killed_while_it_posts(
    behind: Behind, site: Site, visit: Callable[..., Page]
):
    before = posts(site)
    here, there = visit(LEAD, behind.first), visit(OTHER_LEAD, behind.second)
    hand_in(here, date(2023, 4, 3), "示员甲")
    hand_in(there, date(2023, 4, 4), "示员丙")
    with contract_held(site):
        for page in (here, there):
            page.get_by_role("button", name=POST).click()
        wait_until_somebody_waits(site)
    for page in (here, there):
        expect(page.get_by_text(POSTED)).to_contain_text("新增 1 行")
    for server in (behind.first, behind.second):
        server.event(path="/_stcore/upload_file", method="PUT")
    assert sorted(posts(site)[len(before) :]) == [LEAD.name, OTHER_LEAD.name]

    hand_in(here, date(2023, 4, 5), "示员乙")
    with contract_held(site):
        here.get_by_role("button", name=POST).click()
        wait_until_somebody_waits(site)
        os.kill(behind.first.process.pid, signal.SIGKILL)
        behind.first.process.wait()
    with writing(site.office.engine) as connection:  # as if that had been a while ago
        stopped = update(pending_upload).where(pending_upload.c.state == "posting")
        connection.execute(stopped.values(moved_at=clock.now() - SILENCE))

    here.reload()
    settle(here)
    here.get_by_role("button", name="继续").click()
    assert len(posts(site)) == len(before) + 2
    here.get_by_role("button", name=POST).click()
    expect(here.get_by_text(POSTED)).to_contain_text("新增 1 行，更正 0 行，未变 0 行")
    settle(here)
    assert posts(site)[len(before) + 2 :] == [LEAD.name]
    assert states(site) == ["posted"] * 3
