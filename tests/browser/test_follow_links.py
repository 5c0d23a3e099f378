"""A link to another page of ours is followed in place: quicker than a load, and no different."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.browsing import PHONE, arrived, enter, settle
from tests.support.small_office import ADMIN, LEAD, LEADER, REVIEWER

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page, WebSocketRoute

WORDS = "document.querySelector('[data-testid=\"stMain\"]').innerText"
TOP = "document.querySelector('[data-testid=\"stMain\"]').scrollTop"


def know(page: Page) -> None:
    """Know the document again."""
    page.evaluate("window.known = true")


def is_known(page: Page) -> bool:
    """Whether it still is that document."""
    return page.evaluate("window.known === true")


def link_to(page: Page, address: str) -> Locator:
    """The first link, outside the menu, to an address that begins so."""
    return page.locator(f'.stMain a[href^="{address}"]:not(.menu a)').locator("visible=true").first


def test_a_page_reached_by_a_link_says_what_a_load_says(address: str, new_page: Callable[[], Page]):
    page, loaded = new_page(), new_page()
    enter(page, f"{address}/", REVIEWER)
    enter(loaded, f"{address}/password", REVIEWER)
    know(page)
    for other in ("elder_checks", "elder?", "rows?", "entry?"):
        link = link_to(page, other)
        href = link.get_attribute("href")
        link.click()
        arrived(page)
        expect(page).to_have_url(f"{address}/{href}")
        loaded.goto(page.url)
        expect(loaded.locator("h1")).to_be_visible()
        settle(loaded)
        assert page.evaluate(WORDS) == loaded.evaluate(WORDS)
    assert is_known(page)


def test_the_menu_leads_on_in_place_and_says_where_one_is(address: str, page: Page):
    enter(page, f"{address}/", LEADER)
    know(page)
    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_text("各项工作").click()
    menu.get_by_role("link", name="申请与调查").click()
    arrived(page)
    expect(page.locator("h1")).to_have_text("申请与调查")
    expect(menu.get_by_role("link", name="申请与调查")).to_be_hidden()
    expect(menu.locator(".here")).to_have_text("各项工作")
    assert is_known(page)


def test_the_tab_says_which_page_it_shows(address: str, page: Page):
    page.goto(f"{address}/trainings")
    expect(page).to_have_title("登录 - 社会救助服务监管")
    enter(page, f"{address}/", LEADER)
    expect(page).to_have_title("合同总览 - 社会救助服务监管")
    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_text("各项工作").click()
    menu.get_by_role("link", name="申请与调查").click()
    expect(page).to_have_title("申请与调查 - 社会救助服务监管")
    page.go_back()
    expect(page).to_have_title("合同总览 - 社会救助服务监管")


def test_one_heading_is_open_at_a_time_and_none_after_it(address: str, page: Page):
    enter(page, f"{address}/", LEADER)
    menu = page.get_by_role("navigation", name="菜单")
    menu.get_by_text("各项工作").click()
    menu.get_by_text("验收").click()
    expect(menu.get_by_role("link", name="申请与调查")).to_be_hidden()
    expect(menu.get_by_role("link", name="月度确认")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="月度确认")).to_be_hidden()
    expect(menu.locator("summary").filter(has_text="验收")).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="月度确认")).to_be_visible()
    page.locator(".headline").click()
    expect(menu.get_by_role("link", name="月度确认")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 901, 900, 390, 320])
def test_the_menu_is_whole_in_every_window(address: str, page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 844})
    enter(page, f"{address}/password", ADMIN)
    menu = page.get_by_role("navigation", name="菜单")
    menu.locator(".account summary").click()
    expect(menu.get_by_role("button", name="退出登录")).to_be_in_viewport(ratio=1)
    assert menu.evaluate("menu => [menu.scrollWidth, menu.clientWidth]") == [width, width]
    menu.get_by_text("管理", exact=True).click()
    expect(menu.get_by_role("link", name="审计记录")).to_be_in_viewport(ratio=1)


def test_one_begins_at_the_top_and_comes_back(address: str, page: Page):
    page.set_viewport_size(PHONE)
    enter(page, f"{address}/?as_of=2023-03-31", LEADER)
    know(page)
    link = page.locator('.bullets a[href^="obligations?"]').last
    link.scroll_into_view_if_needed()
    assert page.evaluate(TOP) > 0
    link.press("Enter")
    arrived(page)
    assert page.evaluate(TOP) == 0
    page.evaluate(f"{TOP} = 100")
    assert page.evaluate(TOP) == 100  # there is more of it below
    page.go_back()
    expect(page.locator("h1")).to_have_text("合同总览")
    expect(page).to_have_url(f"{address}/?as_of=2023-03-31")
    settle(page)
    page.go_forward()
    expect(page.locator("h1")).to_have_text("合同条款")
    assert is_known(page)


def test_back_over_two_pages_at_once_the_page_is_loaded(address: str, page: Page):
    """It may be the same one for somebody else, whose fields must not hold what was typed."""
    enter(page, f"{address}/entry?id=1&act=withdraw", LEAD)
    for leads_to in ("rows?figure=patrol", "entry?id=2&act=withdraw"):
        page.locator("h1").evaluate(
            """(title, address) => title.insertAdjacentHTML("afterend",
              `<a id="on" href="${address}" target="_self">另一条</a>`)""",
            leads_to,
        )
        page.locator("#on").click()
        arrived(page)
    know(page)
    page.get_by_label("补充说明").fill("抄错了行")
    page.get_by_label("补充说明").press("Tab")
    settle(page)
    page.evaluate("history.go(-2)")
    expect(page).to_have_url(re.compile("id=1"))
    page.wait_for_function("() => window.known === undefined")
    expect(page.get_by_label("补充说明")).to_have_value("")


def test_the_browser_keeps_what_is_its_own(address: str, page: Page):
    enter(page, f"{address}/rows?figure=patrol&as_of=2023-03-31", LEADER)
    know(page)
    with page.expect_download():
        page.get_by_role("link", name="下载台账").click()
    with page.context.expect_page() as opened:
        link_to(page, "entry?").click(modifiers=["Control"])
    expect(opened.value.locator("h1")).to_have_text("一条记录")
    expect(page.locator("h1")).to_have_text("记录明细")
    assert is_known(page)


def test_the_way_to_the_text_passes_the_menu(address: str, page: Page):
    enter(page, f"{address}/password", LEADER)
    page.get_by_role("link", name="跳到正文").press("Enter")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("现在的密码")).to_be_focused()


def test_what_was_just_pressed_is_not_cut_off(address: str, page: Page):
    enter(page, f"{address}/quick_entry?kind=patrol", LEAD)
    know(page)
    page.locator('[data-testid="stTextInput"] input, textarea').first.fill("示例")
    page.get_by_role("navigation", name="菜单").get_by_role("link", name="合同总览").click()
    expect(page.locator("h1")).to_have_text("合同总览")
    assert not is_known(page)


def test_the_second_of_two_clicks_is_let_go(address: str, page: Page):
    enter(page, f"{address}/", LEADER)
    know(page)
    link_to(page, "elder_checks").dblclick()
    arrived(page)
    expect(page.locator("h1")).to_have_text("老人核查")
    assert is_known(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("合同总览")
    assert is_known(page)


def test_over_a_dead_line_the_page_is_loaded(address: str, page: Page):
    mute = False

    def connect(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        line.on_message(lambda said: None if mute else server.send(said))
        server.on_message(line.send)

    page.route_web_socket(re.compile("/_stcore/stream"), connect)
    enter(page, f"{address}/", LEADER)
    know(page)
    mute = True
    with page.expect_navigation(wait_until="load", url=re.compile("/elder_checks")):
        link_to(page, "elder_checks").click()
        mute = False
    expect(page.locator("h1")).to_have_text("老人核查")
