"""Workbooks of our own writing say in two readers what was put into them, and nothing besides."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from lib.workbooks.plain import Look, Looking, PlainSheet, plain_workbook

DAY = date(2023, 3, 1)
SHEET = PlainSheet(
    "业务 & <协办>",
    [6, 16.5],
    [
        [Looking("=标题", Look.TITLE)],
        [Looking("日期", Look.HEAD), Looking("-n", Look.HEAD)],
        [],
        [DAY, "-1"],
        [None, "文"],
    ],
    "A1:B1",
)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (12, 12),
        (0, 0),
        (-2.5, -2.5),
        (True, True),
        ("甲 <&> \"'", "甲 <&> \"'"),
        ("  两 \n行\t", "  两 \n行\t"),
        ("a\r\nb", "a\r\nb"),
        ("_x0041_ a_x", "_x0041_ a_x"),
        ("#REF!", "#REF!"),
        ("1E5", "1E5"),
        ("𠀀\x00\ufffe\ud800", "𠀀"),
        (date(1900, 2, 28), "1900-02-28"),
        (float("nan"), "nan"),
    ],
)
def test_a_value_is_read_back_as_it_was(value, read):
    data = plain_workbook([PlainSheet("表", [9], [[value, "尾"]])])
    assert [c.value for c in load_workbook(io.BytesIO(data))["表"][1]] == [read, "尾"]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows == [[read, "尾"]]


def test_days_are_days_and_a_moment_is_text():
    data = plain_workbook([PlainSheet("表", [9], [[date(1900, 3, 1), datetime(2023, 3, 1, 8)]])])  # noqa: DTZ001
    first, second = load_workbook(io.BytesIO(data))["表"][1]
    assert (first.value, first.number_format) == (datetime(1900, 3, 1), "yyyy-mm-dd")  # noqa: DTZ001
    assert second.value == "2023-03-01 08:00:00"


def test_looks_widths_and_merged_cells():
    book = load_workbook(io.BytesIO(plain_workbook([SHEET, PlainSheet("空", [9], [])])))
    sheet = book.worksheets[0]
    assert (book.sheetnames, sheet.dimensions) == ([SHEET.name, "空"], "A1:B5")
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [6, 16.5]
    assert [str(cells) for cells in sheet.merged_cells.ranges] == ["A1:B1"]
    looks = {
        cell.value: (cell.font.b, cell.alignment.horizontal, cell.quotePrefix)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    }
    assert looks == {
        "=标题": (True, "center", True),
        "日期": (True, None, False),
        "-n": (True, None, True),
        "-1": (False, None, True),
        "文": (False, None, False),
    }


def test_the_same_sheets_give_the_same_bytes():
    assert plain_workbook([SHEET]) == plain_workbook([SHEET])
