"""The uploader's own workbook given back, its offending cells filled and commented."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Color, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image as Picture

from lib.problems import Fault, Place, Problem
from lib.workbooks import limits
from lib.workbooks.marking import marked
from lib.workbooks.reading import Mend
from tests.support.looks import formats_of, look_of
from tests.unit.test_text import MASKED, NUMBER
from tests.unit.workbooks.test_reading import repacked

if TYPE_CHECKING:
    from collections.abc import Callable

MARK = "00FFC7CF"
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
        (
            [problem("日期", "应填日期")],
            {"B4": (MARK, "【待改 1/1】应填日期。"), "C4": (UNMARKED, "问过小组")},
        ),
        # A heading with a star is the same heading; a person's own note stays above ours.
        ([problem("服务人员", "没有此人")], {"C4": (MARK, "问过小组\n【待改 1/1】没有此人。")}),
        (
            [problem("服务人员", "没有此人"), problem("服务人员", "已离岗")],
            {"C4": (MARK, "问过小组\n【待改 1/1】没有此人。\n【待改 1/1】已离岗。")},
        ),
        # Without a column, or with one that the sheet lacks, the row's first cell is marked.
        (
            [problem("", "重复")],
            {"A4": (MARK, "【待改 1/1】重复。"), "C4": (UNMARKED, "问过小组")},
        ),
        (
            [problem("宣传形式", "缺")],
            {"A4": (MARK, "【待改 1/1】缺。"), "C4": (UNMARKED, "问过小组")},
        ),
        ([problem("日期", "应填日期", "别的表")], {"C4": (UNMARKED, "问过小组")}),
    ],
)
def test_the_offending_cells_are_marked_and_no_others(problems: list[Problem], expected: Any):  # noqa: ANN401 - a table's cell
    assert cells(marked(workbook(), problems)) == expected


def test_each_sheet_gets_its_own_marks():
    data = marked(workbook("对象排查", "政策宣传"), [problem("日期", "应填日期", "政策宣传")])

    assert [cells(data, sheet).get("B4") for sheet in ("对象排查", "政策宣传")] == [
        None,
        (MARK, "【待改 1/1】应填日期。"),
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
    assert (sheet["B4"].comment.text, len(data) < 100_000) == ("【待改 1/1】应填日期。", True)


# The same file again: marks come off, what was mended on the page goes in.


def rich(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
    """All that an office does to a sheet."""
    sheet["B4"].fill = PatternFill("solid", fgColor=Color(theme=4, tint=0.4))
    sheet["D4"].fill = PatternFill("darkGrid", fgColor="FF00FF00", bgColor="FFFFFF00")
    sheet["D4"].border = Border(bottom=Side("thin"))
    sheet["D4"].alignment = Alignment(wrap_text=True)
    sheet["E4"].number_format = "@"
    sheet["E3"].value = CellRichText("很", TextBlock(InlineFont(b=True), "好"))
    sheet["A4"].comment = Comment("先问小组\n再问村里", "示员丙")
    sheet.merge_cells("A1:E1")
    sheet.column_dimensions["B"].width = 31
    sheet.column_dimensions["E"].hidden = True
    sheet.row_dimensions[4].height = 44
    sheet.row_dimensions[3].hidden = True
    sheet.freeze_panes = "C3"
    sheet.print_title_rows = "1:2"
    sheet.page_setup.orientation = "landscape"
    sheet.add_data_validation(DataValidation("list", formula1='"好,差"', sqref="E3:E90"))
    red = DifferentialStyle(fill=PatternFill(bgColor="FFFF0000"))
    own = Rule("expression", dxf=red, formula=["LEN(B3)>10"], priority=1)
    sheet.conditional_formatting.add("B3:B9", own)
    sheet.add_image(Image(io.BytesIO(PIXEL)), "G2")


def pixel() -> bytes:
    """A picture of one point."""
    written = io.BytesIO()
    Picture.new("RGB", (1, 1), "blue").save(written, "PNG")
    return written.getvalue()


PIXEL = pixel()


ALL = [problem(column, "不对") for column in ("", "日期", "服务人员", "村(社区)", "备注")]


def test_marks_come_off_again_and_the_file_looks_as_it_did():
    data = workbook(fill=rich)

    assert look_of(marked(marked(data, ALL), [])) == look_of(data) | {"cells": masked_cells(data)}
    assert look_of(marked(data, [])) == look_of(data) | {"cells": masked_cells(data)}


def masked_cells(data: bytes) -> Any:  # noqa: ANN401 - as `look_of` has it
    """The cells as they were, but for the identity number in one."""
    cells = look_of(data)["cells"]
    return cells | {"E4": cells["E4"] | {"value": repr(MASKED)}}


def test_a_file_marked_before_is_marked_anew():
    data = workbook(fill=rich)

    assert look_of(marked(marked(data, ALL), ALL[1:3])) == look_of(marked(data, ALL[1:3]))


def test_a_fill_of_ones_own_stays_below_the_mark():
    sheet = openpyxl.load_workbook(io.BytesIO(marked(workbook(fill=rich), ALL)))["对象排查"]

    assert sheet["B4"].fill.fgColor.theme == 4
    assert sheet["D4"].fill.patternType == "darkGrid"
    assert formats_of(sheet) == [
        ("B4 D4", 'LEN("待改")>0', "00FFC7CF"),
        ("B3:B9", "LEN(B3)>10", "FFFF0000"),
    ]


def test_what_a_person_wrote_around_a_mark_stays():
    def answer(data: bytes) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(data))
        book["对象排查"]["C4"].comment.text += "\n已问，是示员甲"
        written = io.BytesIO()
        book.save(written)
        return written.getvalue()

    data = marked(answer(marked(workbook(), [problem("服务人员", "没有此人")])), [])

    assert cells(data) == {"C4": (UNMARKED, "问过小组\n已问，是示员甲")}


def test_marks_are_numbered_through_the_file_and_it_opens_at_the_first():
    def frozen(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet.freeze_panes = "C3"
        sheet.sheet_view.tabSelected = True

    where = [("村(社区)", "政策宣传"), ("日期", "对象排查"), ("", "政策宣传")]
    given = workbook("其他工作", "政策宣传", "对象排查", fill=frozen)
    data = marked(given, [problem(column, "不对", sheet) for column, sheet in where])

    book = openpyxl.load_workbook(io.BytesIO(data))
    views = {sheet.title: sheet.sheet_view for sheet in book}
    assert cells(data, "政策宣传")["A4"][1] == "【待改 1/3】不对。"
    assert cells(data, "政策宣传")["D4"][1] == "【待改 2/3】不对。"
    assert cells(data, "对象排查")["B4"][1] == "【待改 3/3】不对。"
    assert book.active.title == "政策宣传"
    assert [title for title, view in views.items() if view.tabSelected] == ["政策宣传"]
    assert {selection.activeCell for selection in views["政策宣传"].selection} == {"A4"}
    assert views["政策宣传"].pane.topLeftCell == "C3"


def test_the_first_mark_far_down_is_in_sight():
    def long(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet.insert_rows(4, 300)

    far = Problem(Place("三月.xlsx", "对象排查", 304, "日期"), Fault("rule", "不对"))
    sheet = openpyxl.load_workbook(io.BytesIO(marked(workbook(fill=long), [far])))["对象排查"]

    view = sheet.sheet_view
    assert (view.topLeftCell, view.selection[0].activeCell) == ("A301", "B304")


def test_a_mark_on_a_hidden_sheet_does_not_open_it():
    def hide(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        if sheet.title == "对象排查":
            sheet.sheet_state = "hidden"

    data = marked(workbook("其他工作", "对象排查", fill=hide), [problem("日期", "不对")])

    assert openpyxl.load_workbook(io.BytesIO(data)).active.title == "其他工作"
    assert cells(data)["B4"][0] == MARK


@pytest.mark.parametrize(("length", "lines"), [(10, 2), (200, 11)])
def test_a_note_is_as_large_as_what_it_says(length: int, lines: int):
    data = marked(workbook(), [problem("日期", "长" * length)])

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        drawing = archive.read("xl/drawings/commentsDrawing1.vml").decode()
    sizes = re.findall(r"width:(\d+)[^;]*;height:(\d+)", drawing)
    assert ("320", str(18 * lines)) in sizes


@pytest.mark.parametrize(
    ("slug", "put", "value", "number_format"),
    [
        ("day", "2023年3月5日", datetime(2023, 3, 5), "yyyy-mm-dd"),  # noqa: DTZ001 - Excel knows no zone
        ("households_visited", "12", 12, "General"),
        ("people", "示员甲、示员乙", "示员甲、示员乙", "General"),
        ("remark", "=1+1", "=1+1", "General"),
        ("remark", "007", "007", "General"),
        ("remark", "", None, "General"),
        ("households_visited", "十二", "十二", "General"),
    ],
)
def test_what_was_mended_on_the_page_stands_in_its_cell(
    slug: str, put: str, value: object, number_format: str
):
    headings = {"day": "B2", "people": "C2", "households_visited": "D2", "remark": "E2"}

    def lay_out(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet["D2"] = "走访户数"

    mend = Mend("对象 排查", 4, slug, "旧", put)
    data = marked(workbook(fill=lay_out), [], [mend])

    sheet = openpyxl.load_workbook(io.BytesIO(data))["对象排查"]
    cell = sheet[headings[slug].replace("2", "4")]
    assert (cell.value, cell.number_format) == (value, number_format)
    assert cell.data_type != "f"


def test_a_mend_of_what_is_not_there_changes_nothing():
    mends = [Mend("对象排查", 4, slug, "", "1") for slug in ("leads", "elder")]

    data = marked(workbook(), [], [*mends, Mend("选项", 4, "day", "", "1")])

    assert look_of(data) == look_of(marked(workbook(), []))


def test_mends_are_listed_where_the_file_cannot_be_written():
    mend = Mend("对象排查", 3, "day", "旧", "2023-03-05")

    assert listed(marked(not_a_number(), [problem("日期", "应填日期")], [mend])) == [
        *LIST,
        ("对象排查", 3, "日期", "页面上已改为“2023-03-05”，原文件请同样改正。"),
    ]


def test_drop_downs_that_newer_excel_wrote_stay():
    extended = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14='
        b'"http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        b'<x14:dataValidations count="1" xmlns:xm='
        b'"http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" '
        b'allowBlank="1" showErrorMessage="1" error="&#35831;&#36873;"><x14:formula1><xm:f>'
        b"&#36873;&#39033;!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>D3:D90 E3</xm:sqref>"
        b"</x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    )

    def change(parts: dict[str, bytes]) -> None:
        part = "xl/worksheets/sheet1.xml"
        parts[part] = parts[part].replace(b"</worksheet>", extended)

    sheet = openpyxl.load_workbook(io.BytesIO(marked(repacked(workbook(), change), [])))["对象排查"]

    assert [
        (str(each.sqref), each.type, each.formula1, each.error, each.allow_blank)
        for each in sheet.data_validations.dataValidation
    ] == [("D3:D90 E3", "list", "选项!$A$1:$A$3", "请选", True)]
