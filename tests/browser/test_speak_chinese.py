"""Not a word of English is left, whatever a page's user sees, hears or points at.

The browser itself is an English one: what follows its language would be found too.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from lib.ui.navigation import MENU
from lib.ui.navigation import address as path_of
from tests.support.app_process import served
from tests.support.browsing import enter, settle, sign_in
from tests.support.english import english
from tests.support.small_office import ADMIN, EVERYONE, LEAD, REVIEWER
from tests.support.visits import ASKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, FloatRect, Page

    from tests.support.shell import Shell

# Kinds of file, names of products and of a key, which officials write so.
WORDS = {
    *("xls", "xlsx", "XLSX", "XLSM", "PDF", "MB", "KB", "SHA"),
    *("Excel", "WPS", "Word", "JavaScript", "Esc"),
}
# What the fixtures of these tests call their users and their contract.
NAMES = {viewer.name.rstrip("0123456789") for viewer in EVERYONE} | {"shi"}
KNOWN = WORDS | NAMES


@pytest.fixture
def new_english_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """A function that opens the English browser of one more user."""
    with ExitStack() as contexts:

        def open_page() -> Page:
            context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
            contexts.callback(context.close)
            return context.new_page()

        yield open_page


# Of the audit log: an entry word for word, folded up; the machine of a test's operator.
QUOTED = ".listing details, .listing [data-heading='从哪里']"


def left(page: Page) -> list[str]:
    """The English of a page."""
    return english(page, KNOWN, QUOTED)


def opened(page: Page, address: str, file: str) -> list[str]:
    """The English of a page of the menu."""
    asked = "&".join(f"{name}={value}" for name, value in ASKED.get(file, {}).items())
    page.goto(f"{address}/{path_of(file)}?{asked}")
    settle(page)
    return left(page)


def test_every_page_is_chinese(address: str, new_english_page: Callable[[], Page]):
    found: dict[str, list[str]] = {}
    for viewer in (REVIEWER, LEAD, ADMIN):
        page = new_english_page()
        page.goto(address)
        settle(page)
        found[f"sign-in of {viewer.name}"] = left(page)
        sign_in(page, None, viewer)
        for file in (each.file for each in MENU if viewer.role in each.roles):
            if file not in found:  # pages that several roles open are alike
                found[file] = opened(page, address, file)
    page.goto(f"{address}/nowhere/at/all")
    settle(page)
    found["an unknown address"] = left(page)
    assert {file: said for file, said in found.items() if said} == {}


def first_grid(page: Page) -> FloatRect:
    """Where the page's first grid stands, once it is painted and moves no more."""
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid.locator("canvas [role='columnheader']").first).to_be_attached()
    grid.scroll_into_view_if_needed()  # which waits until it stands still
    box = grid.bounding_box()
    assert box
    return box


def test_grids_and_their_menus_are_chinese(address: str, new_english_page: Callable[[], Page]):
    page = new_english_page()
    enter(page, f"{address}/rosters", ADMIN)
    box = first_grid(page)
    # The last column ends where the grid does; how wide each is depends on when the font came.
    page.mouse.click(box["x"] + box["width"] - 15, box["y"] + 16)
    expect(page.get_by_text("从小到大排")).to_be_visible()
    assert left(page) == []
    page.get_by_text("写法").or_(page.get_by_text("统计")).first.hover()
    assert left(page) == []

    page.goto(f"{address}/territories")
    settle(page)
    box = first_grid(page)
    page.mouse.dblclick(box["x"] + box["width"] * 0.38, box["y"] + 55)
    editor = page.locator("#portal input")
    expect(editor).to_be_visible()
    editor.fill("zzzz")
    expect(page.get_by_text("没有可选的")).to_be_visible()
    assert left(page) == []


def test_whatever_a_form_says_is_chinese(address: str, new_english_page: Callable[[], Page]):
    page = new_english_page()
    enter(page, f"{address}/quick_entry?kind=elder_check", LEAD)
    page.get_by_test_id("stDateInput").get_by_role("button").last.click()
    expect(page.get_by_text("四月").first).to_be_visible()
    assert left(page) == []
    page.keyboard.press("Escape")
    page.get_by_test_id("stSelectbox").last.locator("input").fill("zzzz")
    expect(page.get_by_text("没有找到")).to_be_visible()
    assert left(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".fault").first).to_be_visible()
    assert left(page) == []


def chosen(page: Page, name: str, size: int) -> list[str]:
    """The English of the upload page, a file chosen that it does not take, the pointer on it."""
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": bytes(size)}
    )
    page.get_by_test_id("stFileChip").last.hover()
    expect(page.get_by_text(re.compile("^(这里不收|文件不能超过)")).first).to_be_visible()
    return left(page)


def test_an_upload_and_a_lost_connection_are_chinese(
    loaded: Shell, tmp_path: Path, new_english_page: Callable[[], Page]
):
    page = new_english_page()
    log, contract = tmp_path / "log", str(loaded.contract)
    with served(loaded.url, log, CONTRACT=contract) as server:
        sign_in(page, f"{server.address}/upload", LEAD)
        page.get_by_test_id("stFileUploader").hover()
        expect(page.get_by_text("选择文件")).to_be_visible()
        assert left(page) == []
        assert chosen(page, "甲.xls", 10) == []
        assert chosen(page, "乙.xlsx", 21 * 2**20) == []
        server.process.terminate()
        expect(page.get_by_role("dialog")).to_contain_text("连不上服务器")
        assert left(page) == []


def test_a_page_without_its_store_is_chinese(tmp_path: Path, new_english_page: Callable[[], Page]):
    page = new_english_page()
    with served(f"sqlite:///{tmp_path}/none.db", tmp_path / "log") as server:
        page.goto(server.address)
        expect(page.get_by_text("现在打不开系统的数据。")).to_be_visible()
        assert left(page) == []


def test_what_the_office_wrote_is_left_alone(address: str, new_english_page: Callable[[], Page]):
    page = new_english_page()
    page.goto(address)
    settle(page)
    page.evaluate(WRITTEN)
    expect(page.locator("#theirs")).to_have_text("没有找到")
    assert page.locator("#ours").inner_text() == "Open"
    assert page.locator("#ours b").get_attribute("title") == "Open"


WRITTEN = """() => {
  const ours = document.querySelector('.stHtml, [data-testid="stHtml"]');
  ours.insertAdjacentHTML("beforeend", '<p id="ours"><b title="Open">Open</b></p>');
  document.body.insertAdjacentHTML("beforeend", '<p id="theirs">No results</p>');
}"""
