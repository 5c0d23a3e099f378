"""A month accepted in a real browser: findings, sample, signature, report; then it is frozen."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import docx
from playwright.sync_api import expect

from tests.support.browsing import enter, on_a_phone, settle, sign_in
from tests.support.small_office import LEAD, PASSWORD, REVIEWER, WEST, book, patrol

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Download, Page

WIDE = {"width": 1440, "height": 900}
MARCH = "2023-03"
CLOSED = re.compile(
    rf"{MARCH} 已签认封存（[-\d: ]{{16}}，reviewer），不能再改；确需更正，请验收人员"
)


def fits_a_phone(page: Page) -> bool:
    cut_off = on_a_phone(page)
    page.set_viewport_size(WIDE)
    settle(page)
    return cut_off == []


def downloaded(page: Page, link: str) -> Download:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return download.value


def test_a_reviewer_accepts_a_month_and_nobody_changes_it_any_more(
    address: str, new_page: Callable[[], Page]
):
    reviewer, lead = new_page(), new_page()
    sign_in(reviewer, f"{address}/settlement", REVIEWER)
    expect(reviewer.get_by_role("heading", name=f"签认 {MARCH}")).to_be_visible()
    assert fits_a_phone(reviewer)

    reviewer.goto(f"{address}/findings?month={MARCH}")
    settle(reviewer)
    assert fits_a_phone(reviewer)
    reviewer.locator('a[href^="finding?"]').first.click()
    reviewer.get_by_label("补充说明，或另写理由").fill("已向组长核实")
    reviewer.get_by_role("button", name="排除", exact=True).click()
    expect(
        reviewer.locator(".chip, .badge, .state").filter(has_text="已排除").first
    ).to_be_visible()

    reviewer.goto(f"{address}/samples")
    settle(reviewer)
    reviewer.get_by_role("button", name=re.compile(r"抽取 \d+ 条")).click()
    expect(reviewer.get_by_role("heading", name="一次抽查")).to_be_visible()
    reviewer.get_by_role("link", name="开始核查").click()
    settle(reviewer)
    assert fits_a_phone(reviewer)
    reviewer.get_by_role("button", name="属实", exact=True).click()
    expect(reviewer.get_by_text("第 1 条已记：属实。")).to_be_visible()

    reviewer.goto(f"{address}/settlement?month={MARCH}")
    settle(reviewer)
    reviewer.get_by_label("再输入一次您的登录密码").fill(PASSWORD)
    reviewer.get_by_role("button", name=f"签认 {MARCH}").click()
    expect(reviewer.locator(".seal")).to_contain_text(f"{MARCH} 已签认")
    assert fits_a_phone(reviewer)

    reviewer.goto(f"{address}/files?month={MARCH}")
    settle(reviewer)
    report = docx.Document(str(downloaded(reviewer, "月度结算报告").path()))
    assert any("由 reviewer 于" in paragraph.text for paragraph in report.paragraphs)

    enter(lead, f"{address}/upload", LEAD)
    late = {"对象排查": [patrol(date(2023, 3, 6), "示员甲", WEST)]}
    lead.locator("input[type=file]").set_input_files(
        {"name": "补录.xlsx", "mimeType": "application/octet-stream", "buffer": book(late)}
    )
    expect(lead.get_by_text(CLOSED).first).to_be_visible()

    reviewer.goto(f"{address}/verify")
    settle(reviewer)
    reviewer.get_by_role("button", name="现在核验").click()
    expect(reviewer.get_by_text("一致：审计记录和已签认的月份都与签认时相同。")).to_be_visible()
