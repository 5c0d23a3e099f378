"""The uploader's own workbook given back, its offending cells filled and commented."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from lib.problems import Fault, Place, Problem
from lib.workbooks.marking import marked
from tests.unit.test_text import MASKED, NUMBER

MARK = "00FFC7CE"
UNMARKED = "00000000"
ROWS = [
    ["三月对象排查工作台账"],
    ["序号", "日期", "服务人员*", "村(社区)", "备注"],
    [1, "2023-03-03", "示员甲", "示例村", "好"],
    [2, "2023-13-03", "示员田", "示例村", NUMBER],
]


def workbook(*sheets: str) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title in sheets or ("对象排查",):
        sheet = book.create_sheet(title)
        for row in ROWS:
            sheet.append(row)
        sheet["B3"].font = Font(italic=True)
        sheet["C4"].comment = Comment("问过小组", "示员乙")
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def problem(column: str, expected: str, sheet: str = "对象排查") -> Problem:
    return Problem(Place("三月.xlsx", sheet, 4, column), Fault("rule", expected))


def cells(data: bytes, sheet: str = "对象排查") -> dict[str, tuple[str, str | None]]:
    """Fill colour and comment of the cells that have either."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        cell.coordinate: (cell.fill.fgColor.rgb, cell.comment.text if cell.comment else None)
        for row in book[sheet].iter_rows()
        for cell in row
        if cell.comment or cell.fill.fgColor.rgb != UNMARKED
    }


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        ([problem("日期", "应填日期")], {"B4": (MARK, "应填日期。"), "C4": (UNMARKED, "问过小组")}),
        # A heading with a star is the same heading; a person's own note stays above ours.
        ([problem("服务人员", "没有此人")], {"C4": (MARK, "问过小组\n没有此人。")}),
        (
            [problem("服务人员", "没有此人"), problem("服务人员", "已离岗")],
            {"C4": (MARK, "问过小组\n没有此人。\n已离岗。")},
        ),
        # Without a column, or with one that the sheet lacks, the row's first cell is marked.
        ([problem("", "重复")], {"A4": (MARK, "重复。"), "C4": (UNMARKED, "问过小组")}),
        ([problem("宣传形式", "缺")], {"A4": (MARK, "缺。"), "C4": (UNMARKED, "问过小组")}),
        ([problem("日期", "应填日期", "别的表")], {"C4": (UNMARKED, "问过小组")}),
    ],
)
def test_the_offending_cells_are_marked_and_no_others(problems: list[Problem], expected: Any):  # noqa: ANN401 - a table's cell
    assert cells(marked(workbook(), problems)) == expected


def test_each_sheet_gets_its_own_marks():
    data = marked(workbook("对象排查", "政策宣传"), [problem("日期", "应填日期", "政策宣传")])

    assert [cells(data, sheet).get("B4") for sheet in ("对象排查", "政策宣传")] == [
        None,
        (MARK, "应填日期。"),
    ]


def test_formatting_stays_and_identity_numbers_do_not_come_back():
    sheet = openpyxl.load_workbook(io.BytesIO(marked(workbook(), [])))["对象排查"]

    assert (sheet["B3"].font.italic, sheet["E4"].value) == (True, MASKED)


def test_a_file_that_cannot_be_written_again_is_answered_with_a_list():
    book = openpyxl.load_workbook(io.BytesIO(marked(b"PK\x03\x04", [problem("日期", "应填日期")])))

    assert list(book["退回清单"].values) == [
        ("工作表", "行", "列", "问题"),
        ("对象排查", 4, "日期", "应填日期。"),
    ]
