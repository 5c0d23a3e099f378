"""The main job in a real browser: rosters and logs loaded, a workbook posted, the figures seen."""

from __future__ import annotations

import io
import re
from datetime import date
from fractions import Fraction
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.support.browsing import PHONE, enter, on_a_phone, settle, sign_in, sign_out
from tests.support.small_office import (
    ADMIN,
    FIRST_ROW,
    LEAD,
    LEADER,
    PASSWORD,
    REVIEWER,
    WEST,
    book,
    campaign,
    case,
    patrol,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from lib.access import Viewer
    from tests.support.shell import Shell

WIDE = {"width": 1440, "height": 900}
BLUE = "rgb(31, 95, 153)"
APRIL = date(2023, 4, 3)
OTHER_PAGES = ("/upload", "/rosters", "/users", "/password")
OUTSIDE = "不在合同期 2023-03-01 至 2023-04-30 内。"
UNKNOWN = "服务人员名册中没有此人；您是不是要填“示员甲”？"
NO_HOUSEHOLD = "困难家庭名册中没有此户编号。"
SHEETS = {
    "业务协办": [case(APRIL, "示员甲", "示申009"), case(date(2023, 5, 2), "示员甲", "示申010")],
    "对象排查": [patrol(APRIL, "示员乙", WEST), patrol(APRIL, "示员田", WEST)],
    "专项行动": [campaign(APRIL, "示员甲", "H3"), campaign(APRIL, "示员甲", "H7")],
}
SPOILED = [
    f"“业务协办”第 {FIRST_ROW + 1} 行“日期”：填的是“2023-05-02”，{OUTSIDE}",
    f"“对象排查”第 {FIRST_ROW + 1} 行“服务人员”：填的是“示员田”，{UNKNOWN}",
    f"“专项行动”第 {FIRST_ROW + 1} 行“户编号”：填的是“H7”，{NO_HOUSEHOLD}",
]


def delivered(page: Page) -> dict[str, Fraction]:
    """What the overview's rows say is done, by name."""
    rows = page.locator(".bullets .row:not(.head)")
    expect(rows).to_have_count(9)
    texts = {
        row.locator(".name").inner_text(): row.locator(".number").first.inner_text()
        for row in rows.all()
    }
    return {name: Fraction(re.sub("[^0-9.]", "", text)) for name, text in texts.items()}


def marked_cells(page: Page) -> dict[str, list[str]]:
    """The commented cells of the marked workbook that the page gives back, by sheet."""
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标出错误的文件").click()
    workbook = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    return {
        sheet.title: [cell.coordinate for row in sheet for cell in row if cell.comment]
        for sheet in workbook
        if sheet.title != "说明"
    }


def test_a_workbook_with_three_spoiled_cells_is_posted_and_the_overview_moves_by_exactly_that(
    address: str, new_page: Callable[[], Page]
):
    leadership, team_lead = new_page(), new_page()
    asked: set[str] = set()
    for page in (leadership, team_lead):
        page.on("request", lambda request: asked.add(request.url))
    sign_in(leadership, address, LEADER)
    before = delivered(leadership)

    sign_in(team_lead, address, LEAD)
    menu = team_lead.get_by_role("navigation", name="菜单")
    menu.get_by_text("日志", exact=True).click()
    menu.get_by_role("link", name="上传日志").click()
    team_lead.locator("input[type=file]").set_input_files(
        {"name": "四月.xlsx", "mimeType": "application/octet-stream", "buffer": book(SHEETS)}
    )
    expect(team_lead.locator(".tile")).to_have_text(
        [
            re.compile(r"新增\s*3"),
            re.compile(r"更正\s*0"),
            re.compile(r"未变\s*0"),
            re.compile(r"退回\s*3"),
        ]
    )
    expect(team_lead.get_by_role("heading", name="退回 3 行：改这些单元格")).to_be_visible()
    expect(team_lead.locator(".problems li")).to_have_text(SPOILED)
    assert marked_cells(team_lead) == {
        "业务协办": [f"B{FIRST_ROW + 1}"],
        "对象排查": [f"C{FIRST_ROW + 1}"],
        "专项行动": [f"D{FIRST_ROW + 1}"],
    }
    assert on_a_phone(team_lead) == []
    team_lead.set_viewport_size(WIDE)
    team_lead.get_by_role("button", name="过账 3 行").click()
    receipt = r"已过账，回执号 \d{4}-\d{6}：新增 3 行，更正 0 行，未变 0 行，退回 3 行。"
    expect(team_lead.get_by_text(re.compile(receipt))).to_be_visible()
    listed = team_lead.locator("tbody .listed").first
    expect(listed).to_have_text(re.compile(r"\d{4}-\d{6}.*四月\.xlsx.*lead1.*3.*0.*0.*3"))
    assert on_a_phone(team_lead) == []
    team_lead.get_by_role("link", name="看总览的变化").click()
    expect(team_lead.locator(".headline")).to_be_visible()
    expect(team_lead.get_by_role("dialog")).to_have_count(0)

    leadership.reload()
    settle(leadership)
    after = delivered(leadership)
    moved = {name: after[name] - before[name] for name in before if after[name] != before[name]}
    # The same person on one day in two items: a half each.
    half = Fraction(1, 2)
    assert moved == {"业务协办": half, "专项行动": half, "对象排查": 1, "专项行动入户": 1}

    hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}


def test_the_day_in_the_address_survives(address: str, page: Page):
    enter(page, f"{address}/?as_of=2023-03-15", LEADER)
    expect(page.locator(".headline")).to_contain_text("截至 2023-03-15")
    page.reload()
    expect(page.locator(".headline")).to_contain_text("截至 2023-03-15")
    expect(page).to_have_url(f"{address}/?as_of=2023-03-15")
    page.get_by_label("截至日期").last.fill("2023-03-16")
    expect(page.locator(".headline")).to_contain_text("截至 2023-03-16")
    expect(page).to_have_url(f"{address}/?as_of=2023-03-16")


def test_days_are_gone_through_by_keys_without_a_new_page(address: str, page: Page):
    enter(page, f"{address}/localities?show=bars&as_of=2023-04-20", LEADER)
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    shown = page.locator(".as-of label")
    page.get_by_role("link", name="上月").click()
    expect(shown).to_have_text("2023-03-31")
    expect(page.get_by_role("link", name="下月")).to_be_visible()
    expect(page).to_have_url(f"{address}/localities?show=bars&as_of=2023-03-31")
    page.go_back()
    expect(page.locator(".as-of input")).to_have_value("2023-04-20")

    field = page.locator(".as-of input")
    field.focus()
    page.keyboard.type("03052023")  # as an English browser asks for a day
    expect(page).to_have_url(f"{address}/localities?show=bars&as_of=2023-04-20")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/localities?show=bars&as_of=2023-03-05")
    expect(field).to_have_value("2023-03-05")
    expect(field).to_be_focused()
    page.keyboard.type("12312023")  # when the contract is over
    page.keyboard.press("Enter")
    expect(field).to_have_value("2023-03-05")
    assert opened == []


def test_a_browser_stays_signed_in_until_it_signs_out(address: str, page: Page):
    sign_in(page, f"{address}/password", LEADER)
    page.reload()
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    again = page.context.new_page()
    again.goto(address)
    expect(again.locator(".headline")).to_be_visible()
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "session"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")

    with page.expect_response(f"{address}/leave") as left:
        sign_out(page)
    assert left.value.status == HTTPStatus.SEE_OTHER
    expect(page.get_by_label("用户名")).to_be_visible()
    expect(page).to_have_url(f"{address}/")
    assert not [each for each in page.context.cookies() if each["name"] == "session"]
    page.context.add_cookies([cookie])
    again.reload()
    expect(again.get_by_label("用户名")).to_be_visible()
    expect(again.locator(".headline, .tile")).to_have_count(0)

    for tab in (page, again):  # the dead cookie stands in nobody's way
        sign_in(tab, None, ADMIN)
        expect(tab.locator(".account summary")).to_have_text("admin")
    page.reload()
    expect(page.locator(".account summary")).to_have_text("admin")


def test_an_open_page_acts_no_more_once_its_session_ended(
    address: str, new_page: Callable[[], Page]
):
    page = new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    sign_in(page, f"{address}/?as_of=2023-03-15", LEADER)
    again = page.context.new_page()
    again.goto(f"{address}/password")
    sign_out(again)
    expect(again.get_by_label("用户名")).to_be_visible()

    page.get_by_role("link", name="下月").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    expect(page.locator(".headline, .tile")).to_have_count(0)
    sign_in(page, None, LEADER)
    expect(page.locator(".headline")).to_contain_text("截至 2023-04-30")
    page.goto(f"{address}/?as_of=2023-03-15")
    expect(page.locator(".headline")).to_contain_text("截至 2023-03-15")
    any_day_of_the_chart_can_be_read(page)
    assert not [text for text in refused if "Content Security Policy" in text]


def any_day_of_the_chart_can_be_read(page: Page):
    """As of 2023-03-15 in the contract of 43 working days, 44 person-days in all."""
    chart, days = page.locator(".burn-up"), page.get_by_role("slider", name="人天累计")
    chart.locator("img").evaluate("picture => picture.decode()")  # fails for what is none
    newest = chart.inner_text()
    days.hover(position={"x": 0, "y": 40})
    expect(chart).to_contain_text("2023-03-01 比应达")
    page.get_by_role("heading", name="人天累计").hover()
    expect(chart).to_have_text(newest, use_inner_text=True)
    days.press("ArrowRight")
    expect(days).to_have_attribute("aria-valuetext", re.compile("2023-03-16 .*还没到"))
    days.press("ArrowLeft")
    expect(chart).to_have_text(newest, use_inner_text=True)


def test_where_scripts_fail_a_button_leads_on(address: str, page: Page):
    page.add_init_script("HTMLFormElement.prototype.submit = () => {}")
    page.goto(f"{address}/people?as_of=2023-03-15")
    page.get_by_label("用户名").fill(LEADER.name)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("button", name="没有反应？点这里继续").click()
    expect(page.get_by_role("heading", name="服务人员")).to_be_visible()
    expect(page).to_have_url(f"{address}/people?as_of=2023-03-15")


@pytest.mark.parametrize("path", ["/nowhere", "/upload/x", "/用户"])
def test_an_unknown_address_is_answered_like_a_forbidden_one(address: str, page: Page, path: str):
    enter(page, address + path, LEADER)
    unknown = shown(page)
    page.goto(f"{address}/users")
    expect(page.get_by_role("heading", name="找不到这个页面")).to_be_visible()
    assert unknown == shown(page)


def shown(page: Page) -> str:
    """Every word in the window, dialogs included."""
    settle(page)
    return page.locator("body").inner_text()


def test_what_is_drawn_by_others_is_shaped_as_ours(address: str, page: Page):
    page.goto(address)
    sign_in_button = page.get_by_role("button", name="登录")
    expect(sign_in_button).to_have_css("background-color", BLUE)


def test_a_cookie_nobody_was_given_opens_nothing(address: str, page: Page):
    page.context.add_cookies([{"name": "session", "value": "x" * 3000, "url": address}])
    page.goto(f"{address}/upload")
    expect(page.get_by_label("用户名")).to_be_visible()
    expect(page.get_by_test_id("stFileUploader")).to_have_count(0)


def test_leadership_sees_the_answer_without_scrolling(address: str, page: Page):
    page.set_viewport_size(WIDE)
    enter(page, address, LEADER)
    for part in (".headline", ".tiles", ".bullets .row.head", ".bullets .row:nth-child(2)"):
        box = page.locator(part).bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= WIDE["height"]
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDE["width"]


PROGRESS = [
    "/",
    "/campaign",
    "/elder_checks",
    "/elder_checks?show=places",
    "/elder_checks?show=people",
    "/elder_checks?show=conditions",
    "/elder?code=T1",
    "/cases",
    "/trainings",
    "/tasks",
    "/localities?by=campaign_households",
    "/locality?code=L1",
    "/people",
    "/brief",
    "/rows?figure=patrol",
    "/entry?id=1",
]


@pytest.mark.parametrize(
    ("viewer", "paths"),
    [
        (LEADER, ["/?as_of=2023-03-15", "/password", "/users"]),
        (REVIEWER, PROGRESS),
        (ADMIN, ["/rosters", "/users"]),
    ],
    ids=["leader", "reviewer", "administrator"],
)
def test_on_a_phone_nothing_is_cut_off(address: str, page: Page, viewer: Viewer, paths: list[str]):
    page.goto(address)
    expect(page.get_by_label("用户名")).to_be_visible()
    assert on_a_phone(page) == []
    sign_in(page, None, viewer)
    for path in paths:
        page.goto(address + path)
        expect(page.locator(".stMain h1, .stMain .stAlert").first).to_be_visible()
        settle(page)
        assert (path, on_a_phone(page)) == (path, [])


def test_nothing_drawn_offers_a_toolbar_in_english(address: str, page: Page):
    enter(page, f"{address}/territories", ADMIN)
    page.get_by_test_id("stDataFrame").hover()
    settle(page)
    expect(page.get_by_test_id("stElementToolbarButton").locator("visible=true")).to_have_count(0)


def test_leadership_goes_from_the_overview_to_the_original_row(
    address: str, new_page: Callable[[], Page]
):
    page = new_page()
    page.set_viewport_size(PHONE)
    enter(page, f"{address}/?as_of=2023-03-31", REVIEWER)
    page.locator("a.tile", has_text="特困老人月访").click()
    expect(page.get_by_role("heading", name="老人核查")).to_be_visible()
    page.get_by_role("link", name="T2").first.click()
    expect(page.get_by_text("T2 示老柏")).to_be_visible()
    page.locator(".matrix a").first.click()
    expect(page.locator(".summary", has_text="1 条记录")).to_be_visible()
    page.get_by_role("link", name="2023-03-22").click()
    expect(page.get_by_text("首次过账")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载原文件").click()
    assert download.value.suggested_filename == "三月.xlsx"

    again = new_page()
    sign_in(again, page.url, LEADER)
    expect(again.get_by_text("首次过账")).to_be_visible()
    expect(again.get_by_text("示老柏")).to_have_count(0)
    expect(again.get_by_role("link", name="下载原文件")).to_have_count(0)


def test_the_ledger_behind_a_figure_can_be_taken_along(address: str, page: Page):
    enter(page, f"{address}/rows?figure=patrol&as_of=2023-03-31", LEADER)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载台账").click()
    sheets = load_workbook(io.BytesIO(download.value.path().read_bytes())).sheetnames
    assert sheets == ["对象排查", "说明"]


def test_the_briefing_is_printed_on_one_sheet(address: str, page: Page):
    enter(page, f"{address}/brief", LEADER)
    expect(page.locator(".bullets")).to_be_visible()
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="上月")).to_be_hidden()


def test_a_page_asks_nothing_before_it_opens_its_websocket(address: str, page: Page):
    enter(page, f"{address}/wall", LEADER)
    asked: list[str] = []
    page.route("**/_stcore/*", lambda route: asked.append(route.request.url))  # and is not answered
    page.goto(f"{address}/worklist")
    settle(page)
    assert sorted(asked) == [f"{address}/_stcore/{name}" for name in ("health", "host-config")]


def test_nobody_steers_a_page_from_outside(address: str, page: Page):
    enter(page, address, LEADER)
    said = {"stCommVersion": 1, "type": "UPDATE_HASH", "hash": "#steered"}
    page.evaluate(
        "said => new Promise(heard => {"
        " addEventListener('message', () => setTimeout(heard)); postMessage(said, '*'); })",
        said,
    )
    assert page.evaluate("location.hash") == ""


@pytest.mark.parametrize("size", [WIDE, {"width": 1920, "height": 1080}], ids=str)
def test_the_wall_shows_all_without_scrolling(address: str, page: Page, size):
    page.set_viewport_size(size)
    enter(page, f"{address}/wall", LEADER)
    bottom = page.locator(".bullets .row").last.bounding_box()
    assert bottom["y"] + bottom["height"] <= size["height"]
    expect(page.locator(".menu")).to_be_hidden()


def test_the_first_requests_to_a_fresh_server_show_the_sign_in_form_alone(
    loaded: Shell, running_app: Callable[..., str], page: Page
):
    fresh = running_app(loaded.url, CONTRACT=str(loaded.contract))
    pages = [page.context.new_page() for _ in OTHER_PAGES]
    for each, path in zip(pages, OTHER_PAGES, strict=True):
        each.goto(fresh + path, wait_until="commit")
    for each in pages:
        expect(each.get_by_label("用户名")).to_be_visible(timeout=30_000)
        settle(each)
        assert each.get_by_test_id("stMain").inner_text().split() == [
            "社会救助服务监管",
            "示例小区2023年救助服务",
            "登录",
            "用户名",
            "密码",
            "visibility",  # the eye beside the password, drawn by an icon font
            "登录",
            "账号由管理员建立；忘记密码请联系管理员重设。",
        ]
        expect(each.locator(".menu")).to_have_count(0)
