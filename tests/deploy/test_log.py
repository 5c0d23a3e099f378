"""The whole output of a real server over a day's work and its mishaps: none of it is anybody's."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from lib import contract
from lib.store import setup
from lib.store.engine import open_store, writing
from tests.support.app_process import served
from tests.support.browsing import settle, sign_in
from tests.support.small_office import (
    LEAD,
    PASSWORD,
    PERSONAL_NAMES,
    TERMS,
    WEST,
    book,
    patrol,
)
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.app_process import Server

WRONG = "白杨-口令-1999"
CELL, FILE, QUERY = "绝密的排查情况", "示员甲的台账", "secret-in-the-address"
APRIL = "2023-04-03"


@pytest.fixture
def office(sqlite_stores, tmp_path: Path) -> Iterator[Office]:
    """The small office in a store of its own."""
    (tmp_path / "contract.toml").write_text(TERMS)
    with sqlite_stores.fresh(tmp_path) as url:
        engine = open_store(url)
        office = Office(engine, setup.prepare(engine, contract.load(tmp_path / "contract.toml")))
        office.fill()
        yield office
        engine.dispose()


@contextmanager
def broken(office: Office) -> Iterator[None]:
    """A store in which a table is not where everything looks for it."""
    with writing(office.engine) as connection:
        connection.execute(text("ALTER TABLE receipt RENAME TO receipt_away"))
    yield
    with writing(office.engine) as connection:
        connection.execute(text("ALTER TABLE receipt_away RENAME TO receipt"))


def hand_in(page: Page, name: str, data: bytes) -> None:
    """Choose a file."""
    file = {"name": name, "mimeType": "", "buffer": data}
    page.locator('input[type="file"]').set_input_files(file)


def a_day_with_mishaps(server: Server, office: Office, page: Page) -> str:
    """Sign in wrongly and rightly, post, be refused, meet a bug; the number that it was given."""
    page.goto(f"{server.address}/upload?code={QUERY}")
    settle(page)
    page.get_by_label("用户名").fill(LEAD.name)
    page.get_by_label("密码", exact=True).fill(WRONG)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("用户名或密码不正确")).to_be_visible()
    sign_in(page, f"{server.address}/upload?code={QUERY}", LEAD)
    hand_in(page, f"{FILE}.xlsx", book({"对象排查": [patrol(APRIL, "示员甲", WEST, CELL)]}))
    page.get_by_role("button", name="过账 1 行").click()
    expect(page.get_by_text("已过账，回执号 ")).to_be_visible()
    settle(page)
    hand_in(page, f"{FILE}二.xlsx", f"no workbook, but {CELL}".encode())
    expect(page.get_by_text("文件整份退回")).to_be_visible()
    with broken(office):
        page.goto(f"{server.address}/history?code={QUERY}")
        told = page.get_by_text("程序出错")
        expect(told).to_be_visible()
        return re.findall(r"[0-9a-f]{8}", told.inner_text())[0]


def test_the_log_of_a_day_with_mishaps_is_nobodys(
    office: Office, tmp_path: Path, new_page: Callable[[], Page]
):
    url = f"sqlite:///{office.engine.url.database}"
    page = new_page()
    with served(url, tmp_path / "app.log", CONTRACT=str(tmp_path / "contract.toml")) as server:
        number = a_day_with_mishaps(server, office, page)
        page.request.get(f"{server.address}/ledger?kind=patrol&code={QUERY}")
        cookies = [cookie["value"] for cookie in page.context.cookies()]
    output = server.log.read_text()
    lines = output.partition('{"at"')[1:]
    private = (*PERSONAL_NAMES, PASSWORD, WRONG, CELL, FILE, QUERY, *cookies)

    assert [found for found in private if found in output] == []
    assert [json.loads(line)["level"] for line in "".join(lines).splitlines()].count("error") == 1
    (bug,) = [event for event in server.events() if event["level"] == "error"]
    assert (bug["error"], bug["event"]) == (number, f"error {number}: OperationalError")
    assert any("history.py" in place for place in bug["places"])
    assert {event["path"] for event in server.events() if "path" in event} >= {"/enter", "/ledger"}
