"""The uploader's own workbook given back, its offending cells filled and commented."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from lib.problems import Fault, Place, Problem
from lib.workbooks import limits
from lib.workbooks.marking import marked
from tests.unit.test_text import MASKED, NUMBER
from tests.unit.workbooks.test_reading import repacked

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = "00FFC7CE"
UNMARKED = "00000000"
ROWS = [
    ["三月对象排查工作台账"],
    ["序号", "日期", "服务人员*", "村(社区)", "备注"],
    [1, "2023-03-03", "示员甲", "示例村", "好"],
    [2, "2023-13-03", "示员田", "示例村", NUMBER],
]


def workbook(*sheets: str, fill: Callable[[Any], object] = lambda _: None) -> bytes:
    """A workbook with these sheets, each filled alike and then by the function."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title in sheets or ("对象排查",):
        sheet = book.create_sheet(title)
        for row in ROWS:
            sheet.append(row)
        sheet["B3"].font = Font(italic=True)
        sheet["C4"].comment = Comment("问过小组", "示员乙")
        fill(sheet)
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
    def fill(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet["E3"] = 999999199001010000
        sheet["F3"] = f'=IF(A1="{NUMBER}",1,2)'
        sheet["C4"].comment = Comment(f"问过{NUMBER}", "示员乙")

    sheet = openpyxl.load_workbook(io.BytesIO(marked(workbook(fill=fill), [])))["对象排查"]

    assert (sheet["B3"].font.italic, sheet["E4"].value) == (True, MASKED)
    assert (sheet["E3"].value, sheet["F3"].value) == (999 * 10**15, f'=IF(A1="{MASKED}",1,2)')
    assert sheet["C4"].comment.text == f"问过{MASKED}"


def listed(data: bytes) -> list[tuple[Any, ...]]:
    """The rows of the list that is given in place of a marked workbook."""
    return list(openpyxl.load_workbook(io.BytesIO(data))["退回清单"].values)


LIST = [("工作表", "行", "列", "问题"), ("对象排查", 4, "日期", "应填日期。")]


def odd_style() -> bytes:
    """A workbook with a cell of a style that does not exist, read by Excel and by us."""

    def change(parts: dict[str, bytes]) -> None:
        part = "xl/worksheets/sheet1.xml"
        parts[part] = parts[part].replace(b'<c r="B4"', b'<c r="B4" s="999"')

    return repacked(workbook(), change)


def not_a_number() -> bytes:
    """A workbook with a cell that holds NaN."""

    def change(parts: dict[str, bytes]) -> None:
        part = "xl/worksheets/sheet1.xml"
        parts[part] = parts[part].replace(b"<v>1</v>", b"<v>NaN</v>")

    return repacked(workbook(), change)


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", odd_style(), not_a_number()], ids=["cut", "odd style", "NaN"]
)
def test_a_file_that_cannot_be_written_again_is_answered_with_a_list(data: bytes):
    assert listed(marked(data, [problem("日期", "应填日期")])) == LIST


@pytest.mark.parametrize(
    ("limit", "least"), [("WORKER_MEMORY_BYTES", 1 << 24), ("WORKER_SECONDS", 0)]
)
def test_a_file_that_takes_too_much_to_mark_is_answered_with_a_list(
    monkeypatch: pytest.MonkeyPatch, limit: str, least: int
):
    def fill(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        for _ in range(2000):
            sheet.append(["一"] * 50)

    data = workbook(fill=fill)
    monkeypatch.setattr(limits, limit, least)

    assert listed(marked(data, [problem("日期", "应填日期")])) == LIST


def test_cells_far_apart_are_marked_all_the_same():
    def fill(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet.cell(limits.ROWS, limits.COLUMNS).value = "远"

    data = marked(workbook(fill=fill), [problem("日期", "应填日期")])

    sheet = openpyxl.load_workbook(io.BytesIO(data))["对象排查"]
    assert (sheet["B4"].comment.text, len(data) < 100_000) == ("应填日期。", True)
