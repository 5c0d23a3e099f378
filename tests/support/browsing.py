"""What users and their browsers do on any page: sign in, wait, look at it on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.support.small_office import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

    from lib.access import Viewer

PHONE = {"width": 390, "height": 844}

FITS = """() =>
  [document.documentElement, document.querySelector('[data-testid="stMain"]')].every(
    (scrolling) => scrolling.scrollWidth <= scrolling.clientWidth
  )
"""

# Text that sticks out of the window, or out of a box that cuts it off; grids and matrices scroll.
CUT_OFF = """() => {
  const cut = [];
  const not_ours = 'style, script, .matrix, [data-testid="stDataFrame"], '
    + 'details:not([open]) > :not(summary), '
    + '[data-testid="stIconMaterial"], [data-testid="stFileUploader"] button';
  const main = document.querySelector('[data-testid="stMain"]');
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest(not_ours)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    let right = innerWidth;
    for (let around = element; around !== main; around = around.parentElement) {
      if (getComputedStyle(around).overflowX !== 'visible') {
        right = Math.min(right, around.getBoundingClientRect().right);
      }
    }
    if (box.left < -1 || box.right > right + 1) cut.push(node.data.trim());
  }
  return cut;
}"""


def sign_in(page: Page, address: str | None, viewer: Viewer) -> None:
    """Sign in at an address, or on the form that is open."""
    if address:
        page.goto(address)
    settle(page)
    page.get_by_label("用户名").fill(viewer.name)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="登录", exact=True)).to_have_count(0)
    expect(page.get_by_text("正在打开…")).to_have_count(0)
    settle(page)


_KEPT: dict[tuple[str, str], Sequence[Any]] = {}  # cookies, by server and user


def enter(page: Page, address: str, viewer: Viewer) -> None:
    """Open an address as somebody whose browser is signed in there since an earlier test."""
    kept = (urlsplit(address).netloc, viewer.name)
    if kept in _KEPT:
        page.context.add_cookies(_KEPT[kept])
        page.goto(address)
        settle(page)
        if page.get_by_label("用户名").count() == 0:
            return
    sign_in(page, address, viewer)
    _KEPT[kept] = page.context.cookies()


def settle(page: Page) -> None:
    """Wait until the server has drawn the page."""
    expect(
        page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    ).to_be_visible()
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0)


def arrived(page: Page) -> None:
    """Wait until a link was followed in place: the page's title has the focus, and all is drawn."""
    expect(page.locator("h1")).to_be_focused()
    settle(page)


def sign_out(page: Page) -> None:
    """Press what stands last under the viewer's name."""
    page.locator(".account summary").click()
    page.get_by_role("button", name="退出登录").click()


def on_a_phone(page: Page) -> list[str]:
    """What is cut off in a window as narrow as a phone's."""
    page.set_viewport_size(PHONE)
    settle(page)
    page.wait_for_function(FITS)  # the painted grids follow a moment after the window
    cut_off: list[str] = page.evaluate(CUT_OFF)
    return cut_off
