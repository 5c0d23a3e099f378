"""A real browser opens the overview: when it is painted, how it moves, how many bytes it takes.

The yardstick is the empty page, served and opened the same way, in turns with ours. A browser is
new (it has nothing yet) or knows the server's scripts from an earlier visit. It comes from a page
of another site, as from a portal, so that both begin in a process of their own. The phone has a
quarter of this machine's speed and a slow mobile network, as Lighthouse takes them; on it a month
and a page of the menu are tapped, against a button on a page that counts.
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect, sync_playwright

from tests.bench.readings import Reading
from tests.bench.served import empty, office, product
from tests.support.browsing import settle
from tests.support.chromium import FLAGS, MISSING, find_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

_EMPTY_PAGE = "an empty page"
_TIMES = 7
_PATIENCE = 120_000  # milliseconds
_SLACK = 1.3  # issue 7
_SHIFT = 0.1  # what is called good: web.dev/articles/cls

# Both are asked at every frame. A picture is there when it is decoded.
_OURS = "document.querySelector('.burn-up img')?.complete && document.querySelector('.bullets')"
_WORD = '[data-testid="stMarkdown"] p'
_THEIRS = f"document.querySelector('{_WORD}')"
_WATCH = """
window.shifted = 0;
window.moved = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.shifted += entry.value;
    window.moved += entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });
const look = () => {
  if (THERE) requestAnimationFrame(() => setTimeout(() => (window.painted = performance.now())));
  else requestAnimationFrame(look);
};
look();
"""
# From a tap until what it asked for is painted; what moves on the way counts, tap or not.
_TAPPED = """() => {
  [window.moved, window.answered] = [0, undefined];
  addEventListener("click", ({ timeStamp }) => {
    const answer = () => (window.answered = performance.now() - timeStamp);
    const look = () => {
      if (THERE) requestAnimationFrame(() => setTimeout(answer));
      else requestAnimationFrame(look);
    };
    look();
  }, { capture: true, once: true });
}"""
_DAY = ".burn-up .day b"
_OTHER = "document.querySelector('PLACE')?.textContent !== 'SHOWN'"
_AT_REST = (
    "document.querySelector('[data-test-script-state=\"notRunning\"]')"
    " && !document.querySelector('[data-testid=\"stSkeleton\"]')"
)
_FIRST = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
_ELSEWHERE = "/_stcore/health"  # by another name of the host: two sites, for a browser
_SHIFTED = "window.shifted"
_MOVED = "window.moved"


@dataclass(frozen=True)
class _Device:
    """What somebody looks at the page with."""

    name: str
    context: dict[str, Any]
    slowdown: int = 1
    network: dict[str, float] | None = None


# Streamlit shuts its menu after a tap where this says so.
_OF_A_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
_DESKTOP = _Device("desktop", {"viewport": {"width": 1440, "height": 900}})
_PHONE = _Device(
    "phone",
    {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
        "user_agent": _OF_A_PHONE,
    },
    slowdown=4,
    network={
        "latency": 150,
        "downloadThroughput": 1.6 * 1024 * 1024 / 8,
        "uploadThroughput": 750 * 1024 / 8,
    },
)


@dataclass
class _Opened:
    """A page that was opened, and what was seen of it."""

    page: Page
    received: list[int] = field(default_factory=list)
    first: float = 0
    painted: float = 0
    shifted: float = 0

    @property
    def bytes(self) -> int:
        """Bytes of all answers, headers and words on the websocket included."""
        return sum(self.received)


@dataclass
class _Seen:
    """What was seen of ours and of the yardstick, a pair each time."""

    painted: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    shifted: list[float] = field(default_factory=list)

    def add(self, ours: _Opened, theirs: _Opened) -> None:
        """Take down a pair."""
        self.painted.append(ours.painted / theirs.painted)
        self.first.append(ours.first / theirs.first)
        self.taken.append(ours.bytes / theirs.bytes)
        self.shifted.append(ours.shifted)

    def readings(self, how: str) -> Iterator[Reading]:
        """The readings, of a browser that is described."""
        against = f"of {_EMPTY_PAGE}"
        painted, first, taken = map(tuple, (self.painted, self.first, self.taken))
        yield Reading(f"last chart painted, {how}", painted, against=against, limit=_SLACK)
        yield Reading(f"first paint, {how}", first, against=against)
        yield Reading(f"bytes to open, {how}", taken, against=against)
        yield Reading(f"layout shift, {how}", tuple(self.shifted), unit="CLS", limit=_SHIFT)


def measure() -> Iterator[Reading]:
    """The overview against the empty page, by device and by what the browser has already."""
    with (
        office() as filled,
        product(filled) as ours,
        empty(filled.folder) as bare,
        _chromium() as it,
    ):
        token = filled.cookie("leader")
        for device in (_DESKTOP, _PHONE):
            new, known = _Seen(), _Seen()
            reruns: list[float] = []
            for _ in range(_TIMES):
                with (
                    _visitor(it, device, ours.address, token) as visitor,
                    _visitor(it, device, bare.address, "") as other,
                ):
                    new.add(
                        _open(visitor, device, ours.address, _OURS),
                        _open(other, device, bare.address, _THEIRS),
                    )
                    again = _open(visitor, device, ours.address, _OURS)
                    known.add(again, _open(other, device, bare.address, _THEIRS))
                    reruns.append(_rerun(again))
            yield from new.readings(f"new browser, {device.name}")
            yield from known.readings(f"known scripts, {device.name}")
            yield Reading(f"bytes of a rerun, {device.name}", tuple(reruns), unit="kB")
        with empty(filled.folder, PAGE="button_page.py") as button:
            yield from _taps(it, ours.address, token, button.address)


def _taps(browser: Browser, ours: str, token: str, button: str) -> Iterator[Reading]:
    """A month and a page of the menu, tapped on the phone, against the button."""
    months, pages, moved = [], [], []
    with (
        _visitor(browser, _PHONE, ours, token) as visitor,
        _visitor(browser, _PHONE, button, "") as other,
    ):
        counting = _open(other, _PHONE, button, _THEIRS).page
        for _ in range(_TIMES):
            page = _open(visitor, _PHONE, ours, _OURS).page
            yardstick = _tap(counting.get_by_role("button"), _other(counting, _WORD))
            month = page.get_by_role("link", name="上月")
            months.append(_tap(month, _other(page, _DAY)) / yardstick)
            moved.append(page.evaluate(_MOVED))
            page.locator(".menu summary").filter(has_text="各项工作").tap()
            link = page.locator(".menu").get_by_role("link", name="专项行动")
            pages.append(_tap(link, f"{_other(page, 'h1')} && {_AT_REST}") / yardstick)
    against = "of a button on a page that counts"
    yield Reading("another month, tapped on a phone", tuple(months), against=against)
    yield Reading("a page of the menu, tapped on a phone", tuple(pages), against=against)
    yield Reading("layout shift of another month, phone", tuple(moved), unit="CLS", limit=_SHIFT)


def _other(page: Page, place: str) -> str:
    """That something else than now stands there."""
    shown = page.locator(place).first.text_content() or ""
    return _OTHER.replace("PLACE", place).replace("SHOWN", shown)


def _tap(what: Locator, there: str) -> float:
    """Tap; the milliseconds until what was asked for is painted."""
    page = what.page
    page.evaluate(_TAPPED.replace("THERE", there))
    what.tap()
    page.wait_for_function("() => window.answered", timeout=_PATIENCE)
    settle(page)
    answered: float = page.evaluate("window.answered")
    return answered


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = find_chromium()
        if found is None:
            raise RuntimeError(MISSING)
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def _visitor(
    browser: Browser, device: _Device, address: str, token: str
) -> Iterator[BrowserContext]:
    """A browser without anything but its cookie."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **device.context)
    if token:
        host = urlsplit(address).hostname
        context.add_cookies([{"name": "session", "value": token, "domain": host, "path": "/"}])
    yield context
    context.close()


def _open(context: BrowserContext, device: _Device, address: str, there: str) -> _Opened:
    """Open a page, and wait until it is drawn and nothing moves any more."""
    for page in context.pages:
        page.close()
    page = context.new_page()
    page.goto(address.replace("127.0.0.1", "localhost") + _ELSEWHERE)
    opened = _Opened(page)
    page.add_init_script(_WATCH.replace("THERE", there))
    line = context.new_cdp_session(page)
    line.on("Network.loadingFinished", lambda it: opened.received.append(it["encodedDataLength"]))
    line.on("Network.webSocketFrameReceived", lambda it: opened.received.append(_length(it)))
    line.send("Network.enable")
    line.send("Emulation.setCPUThrottlingRate", {"rate": device.slowdown})
    if device.network:
        line.send("Network.emulateNetworkConditions", {"offline": False, **device.network})
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.painted", timeout=_PATIENCE)
    settle(page)
    page.wait_for_load_state("networkidle")
    opened.painted = page.evaluate("window.painted")
    opened.first = page.evaluate(_FIRST)
    opened.shifted = page.evaluate(_SHIFTED)
    return opened


def _length(said: dict[str, Any]) -> int:
    frame = said["response"]
    return len(
        base64.b64decode(frame["payloadData"]) if frame["opcode"] != 1 else frame["payloadData"]
    )


def _rerun(opened: _Opened) -> float:
    """The kilobytes that another as-of day takes, from the press to the chart of that day."""
    before = opened.bytes
    day = opened.page.locator(_DAY)
    shown = day.inner_text()
    opened.page.get_by_role("link", name="上月").click()
    expect(day).not_to_have_text(shown, timeout=_PATIENCE)
    settle(opened.page)
    return (opened.bytes - before) / 1000
