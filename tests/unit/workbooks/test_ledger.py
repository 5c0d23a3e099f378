"""Ledgers laid out as offices lay out theirs, harmless and readable by our own reading."""

from __future__ import annotations

from datetime import date

import pytest

from lib.fields import Count, Day, Field, Text
from lib.workbooks.ledger import LedgerSheet, office_ledger
from lib.workbooks.own import read_own_workbook
from lib.workbooks.reading import Sheet, table

FIELDS = (
    Field("day", "日期", Day()),
    Field("task", "工作内容", Text()),
    Field("n", "条数", Count()),
)
HEADINGS = [field.heading for field in FIELDS]


def read_back(sheet: LedgerSheet) -> Sheet:
    return read_own_workbook("台账.xlsx", office_ledger([sheet])).sheets[0]


def test_offices_layout():
    rows = [[date(2023, 3, 1), "核对", 3], [], ["2023年3月2日", "更新", "4"]]
    sheet = read_back(LedgerSheet("网络管理", HEADINGS, rows, "三月台账", ("项目组", "示例甲一")))
    assert [list(row) for row in sheet.rows] == [
        ["三月台账"],
        ["填报单位：项目组", None, "填报人：示例甲一"],
        ["序号", *HEADINGS],
        [1, date(2023, 3, 1), "核对", 3],
        [],
        [2, "2023年3月2日", "更新", "4"],
        ["合计", None, "2条"],
    ]
    assert sheet.merged == ((0, 0, 0, 3),)
    assert [number for number, _ in table(sheet, FIELDS).rows] == [4, 6]


def test_without_title_only_headings_and_rows():
    sheet = read_back(LedgerSheet("名册", HEADINGS, [[None, "甲", 1]]))
    assert [list(row) for row in sheet.rows] == [HEADINGS, [None, "甲", 1]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd", "@sum", "=HYPERLINK(1)", "ab\x0bc"])
def test_text_stays_text(text):
    sheet = read_back(LedgerSheet("名册", HEADINGS, [[None, text, 1]]))
    assert sheet.rows[1][1] == text.replace("\x0b", "")
