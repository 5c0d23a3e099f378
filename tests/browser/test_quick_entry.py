"""Entering a visit on a phone: few taps, nothing too small, no connection to rely on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Error, expect

from lib import contract
from lib.actions import drafts
from lib.store import setup
from lib.store.engine import open_store
from tests.support.browsing import PHONE, enter, on_a_phone, settle
from tests.support.small_office import LEAD, OTHER_LEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page, WebSocketRoute

    from tests.support.shell import Shell

FINGER = 44  # CSS pixels: what a finger hits (WCAG 2.2, target size)
TOO_SMALL = """(least) => [...document.querySelectorAll(
  '.st-key-quick_entry :is(button[role], summary, [data-testid="stDateInputField"],'
  + ' .react-aria-ComboBox > div, [data-testid="stTextInputRootElement"],'
  + ' [data-testid="stNumberInputContainer"], [data-testid="stButton"] button)'
)].filter((each) => each.offsetHeight && each.offsetHeight < least).map((each) => each.outerHTML)"""
SAVED = "填写的内容已存为草稿"
RECEIPT = re.compile(r"已记入台账，回执 \d{4}-\d{6}")
PATIENCE = 100  # looks at the store
GOES_ON = "继续上次没提交的（"
STREAM = re.compile(r"/_stcore/stream")


@dataclass
class Phone:
    """A phone in somebody's hand, whose taps are counted, and its line to the server."""

    page: Page
    taps: int = 0
    deaf: bool = False
    mute: bool = False

    def tap(self, what: Locator) -> None:
        """Put a finger on it once, and count that."""
        what.tap()
        self.taps += 1

    def choose(self, heading: str, code: str) -> None:
        """Open a list and take what begins with a code: two taps."""
        self.tap(self.page.get_by_role("combobox", name=heading).locator(".."))
        self.tap(self.page.get_by_role("option", name=code))

    def answer(self, question: str, word: str) -> None:
        """Tap the answer to one of the form's questions."""
        group = self.page.get_by_role("radiogroup", name=question)
        self.tap(group.get_by_role("radio", name=word, exact=True))

    def submit(self) -> None:
        """Tap the button below the form."""
        self.tap(self.page.get_by_role("button", name="提交"))

    def connect(self, line: WebSocketRoute) -> None:
        """Stand between page and server: a mute page says nothing, a deaf one hears nothing."""
        server = line.connect_to_server()
        line.on_message(lambda said: None if self.mute else server.send(said))
        server.on_message(lambda said: None if self.deaf else line.send(said))


@pytest.fixture
def phone(browser: Browser) -> Iterator[Phone]:
    """A lead's phone."""
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
    )
    yield Phone(context.new_page())
    context.close()


def open_form(page: Page, address: str, **parts: str) -> None:
    """Sign in, and open the form of an elder check."""
    enter(page, address, LEAD)
    page.goto(f"{address}/quick_entry?{urlencode({'kind': 'elder_check', **parts})}")
    expect(page.get_by_role("button", name="提交")).to_be_visible()
    settle(page)


def entries(loaded: Shell, day: str) -> list[str]:
    """The elders visited on a day, as the ledger has it."""
    found = loaded.json("entries", "--kind", "elder_check", "--from", day, "--to", day)
    return [each["elder"] for each in found]


def choose_day(page: Page, day: str) -> None:
    """Another day of April than the contract's last."""
    page.get_by_test_id("stDateInput").get_by_role("button").last.click()
    page.get_by_role("button", name=re.compile(rf"4月{day}日")).click()


def test_an_elder_check_takes_fewer_than_ten_taps(address: str, loaded: Shell, phone: Phone):
    page = phone.page
    open_form(page, address)
    assert on_a_phone(page) == []
    assert page.evaluate(TOO_SMALL, FINGER) == []
    button = page.get_by_role("button", name="提交").bounding_box()
    assert button
    assert button["y"] + button["height"] <= PHONE["height"], "all that is required is in sight"

    phone.tap(page.get_by_role("button", name="示员甲"))
    phone.choose("特困人员编号", "T1")
    phone.answer("生活状况", "良好")
    phone.answer("健康状况", "一般")
    phone.submit()
    expect(page.get_by_text(RECEIPT)).to_be_in_viewport()
    assert phone.taps == 6
    assert on_a_phone(page) == []

    phone.choose("特困人员编号", "T2")
    phone.answer("生活状况", "良好")
    phone.answer("健康状况", "较差")
    phone.submit()
    expect(page.get_by_role("heading", name="今天录入的 2 条")).to_be_visible()
    assert phone.taps == 6 + 5
    assert sorted(entries(loaded, "2023-04-30")) == ["T1", "T2"]


def test_from_the_page_of_the_elder_it_is_fewer_still(address: str, loaded: Shell, phone: Phone):
    page = phone.page
    enter(page, f"{address}/elder?code=T2", OTHER_LEAD)
    page.get_by_role("link", name="记一次特困老人核查").tap()
    choose_day(page, "10")
    phone.tap(page.get_by_role("button", name="示员丙"))
    phone.answer("生活状况", "一般")
    phone.answer("健康状况", "一般")
    phone.submit()
    expect(page.get_by_text(RECEIPT)).to_be_in_viewport()
    assert phone.taps == 4
    assert entries(loaded, "2023-04-10") == ["T2"]


def wait_until(page: Page, reached: Callable[[], bool]) -> None:
    """Look at the store until it is as far, while the page's messages go back and forth."""
    for _ in range(PATIENCE):
        if reached():
            return
        page.wait_for_timeout(100)
    pytest.fail("the store never got so far")


def kept(loaded: Shell) -> set[object]:
    """What the lead's drafts hold, in the store."""
    engine = open_store(loaded.url)
    stored = setup.opened(engine, contract.load(loaded.contract))
    found = {cell for draft in drafts.own(engine, stored, LEAD) for cell in draft.cells.values()}
    engine.dispose()
    return found


def test_what_was_typed_survives_without_connection(address: str, loaded: Shell, phone: Phone):
    page = phone.page
    open_form(page, address, elder="T1")
    phone.answer("生活状况", "较差")
    page.get_by_text("更多").tap()
    page.get_by_label("发现问题").press_sequentially("屋顶漏水")  # and the field is not left
    wait_until(page, lambda: "屋顶漏水" in kept(loaded))
    page.context.set_offline(True)
    with pytest.raises(Error):
        page.reload()
    page.context.set_offline(False)
    page.goto(f"{address}/quick_entry?kind=elder_check&elder=T1")
    expect(page.get_by_text(GOES_ON)).to_be_visible()
    expect(page.get_by_label("发现问题")).to_have_value("屋顶漏水")
    chosen = page.get_by_role("radiogroup", name="生活状况").get_by_role("radio", name="较差")
    expect(chosen).to_be_checked()
    page.get_by_role("button", name="放弃草稿").tap()
    expect(page.get_by_text(GOES_ON)).to_have_count(0)
    expect(chosen).not_to_be_checked()


@pytest.mark.parametrize("lost", ["press", "answer"])
def test_a_line_lost_at_the_press_gives_one_entry(
    address: str, loaded: Shell, phone: Phone, lost: str
):
    page, day = phone.page, {"press": "17", "answer": "18"}[lost]
    page.route_web_socket(STREAM, phone.connect)
    open_form(page, address, elder="T1")
    choose_day(page, day)
    if page.get_by_role("button", name="示员乙", pressed=False).count():  # else it is remembered
        phone.tap(page.get_by_role("button", name="示员乙"))
    phone.answer("生活状况", "一般")
    phone.answer("健康状况", "较差")
    wait_until(page, lambda: "较差" in kept(loaded))
    settle(page)
    phone.mute, phone.deaf = lost == "press", True
    phone.submit()
    if lost == "answer":
        wait_until(page, lambda: bool(entries(loaded, f"2023-04-{day}")))
    page.goto("about:blank")
    phone.mute = phone.deaf = False
    page.goto(f"{address}/quick_entry?kind=elder_check&elder=T1")
    if lost == "press":
        expect(page.get_by_text(GOES_ON)).to_be_visible()
        phone.submit()
        expect(page.get_by_text(RECEIPT)).to_be_in_viewport()
    else:
        expect(page.get_by_role("link", name=f"2023-04-{day}")).to_be_visible()
        expect(page.get_by_text(GOES_ON)).to_have_count(0)
    assert entries(loaded, f"2023-04-{day}") == ["T1"]
