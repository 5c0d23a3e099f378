"""Uploaded bytes made into rows as offices lay them out, or refused with one sentence (spec §8)."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from lib.errors import UnreadableError
from lib.fields import BrokenCell, Uncomputed
from lib.logs import LOG_KINDS
from lib.workbooks import limits
from lib.workbooks.own import read_own_workbook
from lib.workbooks.reading import Sheet, read_workbook, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lib.workbooks.reading import Workbook

OTHER = LOG_KINDS["other_task"]
HEADINGS = ["日期", "服务人员", "交办单位", "工作内容", "完成情况", "备注"]


def written(rows: Sequence[Sequence[Any]], title: str = "其他工作") -> bytes:
    """A workbook with one sheet of these rows."""
    return saved(lambda sheet: [sheet.append(row) for row in rows], title)


def saved(fill: Callable[[Any], object], title: str = "其他工作", **settings: Any) -> bytes:  # noqa: ANN401 - openpyxl
    """A workbook with one sheet, filled by the function."""
    workbook = openpyxl.Workbook()
    for name, value in settings.items():
        setattr(workbook, name, value)
    workbook.active.title = title
    fill(workbook.active)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def repacked(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The workbook with its parts changed by the function."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return result.getvalue()


def with_sheet_xml(*cells: str) -> bytes:
    """A workbook whose only sheet has this XML for its data."""
    xml = "".join(cells)

    def change(parts: dict[str, bytes]) -> None:
        part = "xl/worksheets/sheet1.xml"
        body = re.sub(
            rb"<sheetData>.*</sheetData>|<sheetData ?/>",
            f"<sheetData>{xml}</sheetData>".encode(),
            parts[part],
            flags=re.DOTALL,
        )
        parts[part] = body

    return repacked(written([]), change)


def read(data: bytes, name: str = "日志.xlsx") -> Workbook:
    """What `read_workbook` makes of the bytes, without waiting for a process each time."""
    return read_own_workbook(name, data)


def rows_of(data: bytes) -> list[list[Any]]:
    """The rows of the only sheet."""
    [sheet] = read(data).sheets
    return [list(row) for row in sheet.rows]


def refusal(data: bytes, read: Callable[[bytes], Workbook] = read) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(UnreadableError) as refused:
        read(data)
    return refused.value.sentence


def sheet_of(*rows: Sequence[Any], hidden: Sequence[int] = (), merged: Sequence[Any] = ()) -> Sheet:
    """A sheet as it comes out of reading."""
    return Sheet("其他工作", rows, frozenset(hidden), tuple(merged))


# Cells.


def test_cells_keep_their_types():
    day, moment = date(2023, 3, 5), datetime(2023, 3, 5, 14, 30)  # noqa: DTZ001 - Excel knows no zone

    [row] = rows_of(written([["文字", 12, 12.5, True, day, moment, None, "尾"]]))

    assert row == ["文字", 12, 12.5, True, day, moment, None, "尾"]


def test_equal_values_of_two_kinds_are_told_apart():
    rows = rows_of(written([[1, True, "1", 0, False], [True, 1, None, False], ["", 0]]))

    said = [[(type(cell), cell) for cell in row] for row in rows]
    assert said == [
        [(float, 1), (bool, True), (str, "1"), (float, 0), (bool, False)],
        [(bool, True), (float, 1), (type(None), None), (bool, False)],
        [(type(None), None), (float, 0)],
    ]


def test_a_formula_without_a_value_and_an_error_are_seen():
    data = with_sheet_xml(
        '<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>1+1</f><v>2</v></c>',
        '<c r="C1" t="e"><v>#REF!</v></c><c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>',
    )

    assert rows_of(data) == [[Uncomputed(), 2, BrokenCell("#REF!"), BrokenCell("#DIV/0!")]]


def test_an_empty_value_of_a_formula_is_none_unless_it_is_a_text():
    data = with_sheet_xml(
        '<row r="1"><c r="A1"><f>1+1</f><v></v></c><c r="B1"><f>1+1</f><v/></c>',
        '<c r="C1" t="str"><f>""</f><v></v></c><c r="D1"><v>1</v></c></row>',
    )

    assert rows_of(data) == [[Uncomputed(), Uncomputed(), None, 1]]
    assert rows_of(written([["=1+1", 1]])) == [[Uncomputed(), 1]]


def test_text_that_looks_like_a_formula_stays_text():
    data = with_sheet_xml(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>=1+1</t></is></c>',
        '<c r="B1" t="inlineStr"><is><t>@cmd</t></is></c></row>',
    )

    assert rows_of(data) == [["=1+1", "@cmd"]]


def test_days_of_a_1904_workbook_are_not_shifted():
    data = saved(lambda sheet: sheet.append([date(2023, 3, 5)]), epoch=CALENDAR_MAC_1904)

    [[cell]] = rows_of(data)

    assert (cell.date() if isinstance(cell, datetime) else cell) == date(2023, 3, 5)


def test_rows_stand_at_their_own_numbers():
    data = with_sheet_xml(
        '<row r="3"><c r="B3" t="inlineStr"><is><t>三</t></is></c></row>',
        '<row r="5"><c r="A5"><v>5</v></c></row>',
    )

    rows = rows_of(data)

    assert [[cell for cell in row if cell is not None] for row in rows] == [[], [], ["三"], [], [5]]
    assert rows[2][1] == "三"


@pytest.mark.parametrize("dimension", ["A1", "A1:XFD1048576", "B7:C9"])
def test_a_sheet_is_read_in_full_whatever_size_it_declares(dimension: str):
    def change(parts: dict[str, bytes]) -> None:
        part = "xl/worksheets/sheet1.xml"
        parts[part] = re.sub(
            rb'<dimension ref="[^"]*"', f'<dimension ref="{dimension}"'.encode(), parts[part]
        )

    data = repacked(written([["一", "二"], ["三", "四"]]), change)

    assert rows_of(data) == [["一", "二"], ["三", "四"]]


def test_a_cell_far_away_makes_no_cells_between():
    far = limits.ROWS // 10

    def fill(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet["B2"] = "近"
        sheet.cell(far, limits.COLUMNS, "远")

    rows = rows_of(saved(fill))

    assert (len(rows), rows[1], rows[-1][-1]) == (far, [None, "近"], "远")
    assert sum(map(len, rows)) == limits.COLUMNS + 2


def test_the_drawing_of_a_button_may_hold_html():
    # Excel writes it so when the caption has two lines.
    drawing = b'<xml xmlns:v="urn:v"><v:textbox><font>\xe5\xa5\xbd<br>a</font></v:textbox></xml>'
    part = "xl/drawings/vmlDrawing1.vml"

    assert rows_of(repacked(written([["一"]]), lambda parts: parts.update({part: drawing}))) == [
        ["一"]
    ]


def test_hidden_rows_and_hidden_sheets_are_read():
    def fill(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet.append(["一"])
        sheet.append(["二"])
        sheet.row_dimensions[2].hidden = True
        other = sheet.parent.create_sheet("藏")
        other.sheet_state = "veryHidden"
        other.append(["三"])

    shown, hidden = read(saved(fill)).sheets

    assert (shown.rows, shown.hidden_rows) == ([["一"], ["二"]], {1})
    assert (hidden.name, hidden.rows) == ("藏", [["三"]])


def test_macros_are_ignored_and_said_so():
    data = repacked(written([["一"]]), lambda parts: parts.update({"xl/vbaProject.bin": b"x"}))

    book = read(data, "日志.xlsm")

    assert (book.macros, book.sheets[0].rows) == (True, [["一"]])


def test_a_chart_sheet_first_is_passed_over():
    def fill(sheet: Any) -> None:  # noqa: ANN401 - openpyxl
        sheet.append(["一"])
        sheet.parent.create_chartsheet("图", 0)

    assert [sheet.name for sheet in read(saved(fill)).sheets] == ["其他工作"]


def moved(part: str, target: str, *, kept: bool = True) -> bytes:
    """A workbook whose only worksheet is another part, found through this relationship."""

    def change(parts: dict[str, bytes]) -> None:
        sheet = parts.pop("xl/worksheets/sheet1.xml")
        if kept:
            parts[part] = sheet
        relations = "xl/_rels/workbook.xml.rels"
        for name, old, new in (
            (relations, "/xl/worksheets/sheet1.xml", target),
            ("[Content_Types].xml", "/xl/worksheets/sheet1.xml", f"/{part}"),
        ):
            parts[name] = parts[name].replace(old.encode(), new.encode())

    return repacked(with_sheet_xml('<row r="1" hidden="1"><c r="A1"><f>1+1</f></c></row>'), change)


@pytest.mark.parametrize(
    ("part", "target"),
    [
        ("xl/worksheets/sheet1.xml", "worksheets/sheet1.xml"),
        ("xl/worksheets/sheet1.xml", "/xl/Worksheets/Sheet1.XML"),
        ("xl/tables/one.xml", "tables/one.xml"),
        ("xl/one.xml", "/xl/one.xml"),
        ("one.xml", "/one.xml"),
        ("xl/worksheets/sheet1.bin", "worksheets/sheet1.bin"),
    ],
)
def test_a_worksheet_is_looked_at_wherever_its_part_lies(part: str, target: str):
    [sheet] = read(moved(part, target)).sheets

    assert (sheet.rows, sheet.hidden_rows) == ([[Uncomputed()]], {0})


# Whole files that are refused.

DAMAGED = "文件已损坏或不完整，请用 WPS 或 Excel 打开、另存后再传。"


def test_a_workbook_without_the_part_of_a_worksheet_is_refused():
    assert refusal(moved("one.xml", "/one.xml", kept=False)) == DAMAGED


def test_a_declaration_in_a_worksheet_of_another_extension_is_refused():
    def change(parts: dict[str, bytes]) -> None:
        parts["one.bin"] = b"<!DOCTYPE x>" + parts["one.bin"]

    assert refusal(repacked(moved("one.bin", "/one.bin"), change)) == (
        "文件内部含有不允许的声明（DOCTYPE），不能读取。"
    )


def test_two_worksheets_of_one_name_are_refused():
    def change(parts: dict[str, bytes]) -> None:
        sheet = re.compile(rb"(<sheet [^>]*/>)")
        parts["xl/workbook.xml"] = sheet.sub(rb"\1\1", parts["xl/workbook.xml"])

    assert refusal(repacked(written([["一"]]), change)) == DAMAGED


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "文件是空的，请重新保存后再传。"),
        (
            "日期,服务人员\n".encode(),
            "不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。",
        ),
        (
            b"<html><table></table></html>",
            "不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。",
        ),
        (OLE, "这是旧版 .xls 格式，请在 WPS 或 Excel 中另存为 .xlsx 后再传。"),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "文件已加密，请取消打开密码后再传。",
        ),
        (EMPTY_ZIP, "不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。"),
        (b"PK\x03\x04" + bytes(30), DAMAGED),
    ],
    ids=["empty", "csv", "html", "xls", "encrypted", "empty zip", "cut zip"],
)
def test_what_is_no_workbook_is_refused_by_its_content(data: bytes, sentence: str):
    assert refusal(data) == sentence


def document() -> bytes:
    """A word processor's document."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return data.getvalue()


def test_a_document_under_the_name_of_a_workbook_is_refused():
    assert refusal(document()) == "不是 Excel 工作簿（内容是别的文档），请另存为 .xlsx 后再传。"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_refused(share: float):
    data = written([[f"第{n}行"] for n in range(200)])

    assert refusal(data[: int(len(data) * share)]) == (DAMAGED)


def test_a_file_with_a_flipped_bit_is_refused():
    data = bytearray(written([["一"] * 40] * 40))
    place = data.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml") + 40
    data[place] ^= 0x10

    assert refusal(bytes(data)) == DAMAGED


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFD1048576"><v>1</v></c>',
        "<c r='XFD1048576'><v>1</v></c>",
        '<c r = "XFD1048576"><v>1</v></c>',
        '<c r="XFD1048576" t="inlineStr"><is><t>1</t></is></c>',
        '<c r="XFD1048576" t="b"><v>1</v></c>',
        '<c r="&#88;FD1048576"><v>1</v></c>',
        '<c r="xfd1048576"><v>1</v></c>',
    ],
)
def test_a_cell_in_the_last_corner_is_refused_however_it_is_written(cell: str):
    data = with_sheet_xml(
        '<row r="1"><c r="A1"><v>1</v></c></row>', f'<row r="1048576">{cell}</row>'
    )

    assert refusal(data) in {
        "工作表“其他工作”有内容的列多达 16384 列，上限 256 列，请删去多余的列。",
        "文件内容超出可读取的范围，请新建工作簿、只复制台账内容后再传。",
        "文件读不出来，请用 WPS 或 Excel 打开、另存后再传。",
        f"工作表“其他工作”有 1048576 行，上限 {limits.ROWS} 行，请分成几个文件。",
    }


ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
ODD = "文件读不出来，请用 WPS 或 Excel 打开、另存后再传。"


@pytest.mark.parametrize(
    "xml",
    [
        f'{ROW}<row r="3"><c r="A3"><v>3</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
        f'{ROW}<row r="1"><c r="B1"><v>2</v></c></row>',
        f"{ROW}</sheetData><sheetData><row><c><v>2</v></c></row>",
        '<row r="1"><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="a1"><f>1</f></c></row>',
        '<row r="1"><c r="AAAA1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v><is><t>2</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>1</t></is><f>1</f></c></row>',
        '<row r="1"><c r="A1"><v>one</v></c></row>',
        '<row r="1"><c r="A1"><v><![CDATA[12]]></v></c></row>',
        '<row r="1"><c r="A1"><v>1<!-- -->2</v></c></row>',
        '<row r="1"><c r="A1"><v>1<?a b?>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1<x>2</x></v></c></row>',
        '<c r="A1"><v>1</v></c>',
        '<row r="1"><row r="2"><c r="A2"><v>1</v></c></row></row>',
    ],
    ids=[
        "rows out of order",
        "a row twice",
        "data twice",
        "cells out of order",
        "a cell twice",
        "a cell of another row",
        "small letters",
        "four letters",
        "two values",
        "a value and a text",
        "a value for a text",
        "a formula after its text",
        "a number that is none",
        "a value in CDATA",
        "a comment in a value",
        "an instruction in a value",
        "an element in a value",
        "no row",
        "a row in a row",
    ],
)
def test_a_sheet_that_two_readers_read_differently_is_refused(xml: str):
    assert refusal(with_sheet_xml(xml)) == ODD


@pytest.mark.parametrize("encoding", ["utf-16", "koi8-r", "utf-7", "gbk", "none such"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_sheet_in_another_encoding_is_never_read_as_an_empty_one(part: str, encoding: str):
    def change(parts: dict[str, bytes]) -> None:
        body = re.sub(rb"^<\?xml[^>]*\?>", b"", parts[part]).decode()
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{body}'
        parts[part] = declared.encode("utf-16" if encoding == "utf-16" else "utf-8")

    assert refusal(repacked(with_sheet_xml(ROW), change)) in {ODD, DAMAGED}


@pytest.mark.parametrize(
    ("part", "name", "new"),
    [
        ("_rels/.rels", "xl/workbook.xml", "xl/other.xml"),
        ("xl/_rels/workbook.xml.rels", "styles.xml", "sharedStrings.xml"),
    ],
)
def test_a_workbook_whose_parts_lie_elsewhere_is_not_read_where_they_do_not(
    part: str, name: str, new: str
):
    def change(parts: dict[str, bytes]) -> None:
        parts["xl/other.xml"] = parts["xl/workbook.xml"]
        parts[part] = parts[part].replace(name.encode(), new.encode())
        parts[part] = parts[part].replace(b"relationships/styles", b"relationships/sharedStrings")
        parts[part] = parts[part].replace(b'"sharedStrings.xml', b'"strings.xml')

    assert refusal(repacked(with_sheet_xml(ROW), change)) == ODD


def test_a_sheet_that_is_none_is_not_read_as_an_empty_one():
    def change(parts: dict[str, bytes]) -> None:
        parts["xl/worksheets/sheet1.xml"] = b"<worksheet/>"

    assert refusal(repacked(written([["一"]]), change)) == DAMAGED


def test_numbers_that_are_none_are_broken_cells():
    cells = "".join(f"<c><v>{number}</v></c>" for number in ("NaN", "1E400", "-inf"))

    assert rows_of(with_sheet_xml(f'<row r="1">{cells}</row>')) == [
        [BrokenCell("nan"), BrokenCell("inf"), BrokenCell("-inf")]
    ]


def test_merged_cells_are_the_same_from_whichever_corner():
    def change(parts: dict[str, bytes]) -> None:
        part, merged = (
            "xl/worksheets/sheet1.xml",
            b'<mergeCells><mergeCell ref="B3:A2"/></mergeCells>',
        )
        parts[part] = parts[part].replace(b"</sheetData>", b"</sheetData>" + merged)

    [sheet] = read(repacked(with_sheet_xml(ROW), change)).sheets

    assert sheet.merged == ((1, 0, 2, 1),)


STRANGE = "文件内部结构不正常，请新建工作簿、复制内容后再传。"


def with_second_archive() -> bytes:
    """A workbook with a whole other one in the comment that ends an archive."""
    data = written([["一"]])
    other = written([["二"]])
    return data[:-2] + len(other).to_bytes(2, "little") + other


def packed(method: int) -> bytes:
    """A workbook packed otherwise than spreadsheet programs pack one."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written([["一"]]))) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name), method)
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        with_second_archive(),
        packed(zipfile.ZIP_LZMA),
        packed(zipfile.ZIP_BZIP2),
        repacked(written([["一"]]), lambda parts: parts.update({"xl\\workbook.xml": b"<x/>"})),
        repacked(written([["一"]]), lambda parts: parts.update({"xl/./workbook.xml": b"<x/>"})),
        repacked(written([["一"]]), lambda parts: parts.update({"xl/x1": b""})).replace(
            b"xl/x1", b"xl/x\0"
        ),
    ],
    ids=["two archives", "lzma", "bzip2", "backslash", "dot", "NUL"],
)
def test_an_archive_that_two_readers_unpack_differently_is_refused(data: bytes):
    assert refusal(data) == STRANGE


def test_more_rows_than_the_limit_are_refused_with_limit_and_count():
    count = limits.ROWS + 1
    data = with_sheet_xml(
        "".join(f'<row r="{n}"><c><v>1</v></c></row>' for n in range(1, count + 1))
    )

    assert refusal(data) == (
        f"工作表“其他工作”有 {count} 行，上限 {limits.ROWS} 行，请分成几个文件。"
    )


@pytest.mark.parametrize(
    "declaration", ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "a">]>', "<!DOCTYPE x SYSTEM 'a'>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "part",
    [
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
        "xl/styles.xml",
        "docProps/core.xml",
        "[Content_Types].xml",
    ],
)
def test_a_declaration_is_refused_in_every_part_and_encoding(
    part: str, encoding: str, declaration: str
):
    def change(parts: dict[str, bytes]) -> None:
        body = re.sub(rb"^<\?xml[^>]*\?>", b"", parts[part]).decode()
        parts[part] = f'<?xml version="1.0" encoding="{encoding}"?>{declaration}{body}'.encode(
            encoding
        )

    assert refusal(repacked(written([["一"]]), change)) == (
        "文件内部含有不允许的声明（DOCTYPE），不能读取。"
    )


@pytest.mark.parametrize(
    ("part", "begins", "ends"),
    [("xl/media/image1.png", b"", b""), ("xl/sharedStrings.xml", b"<sst>", b"</sst>")],
)
def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(
    part: str, begins: bytes, ends: bytes
):
    bomb = begins + b" " * limits.UNPACKED_BYTES + ends
    data = repacked(written([["一"]]), lambda parts: parts.update({part: bomb}))

    assert len(data) < limits.UNPACKED_BYTES // 500
    assert refusal(data) == "文件解压后超过 300 MB，请删去图片或多余内容后再传。"


def test_two_parts_of_one_name_are_refused():
    data = io.BytesIO(written([["一"]]))
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(data, "a") as archive,
    ):
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")

    assert refusal(data.getvalue()) == "文件内部结构不正常，请新建工作簿、复制内容后再传。"


@pytest.mark.parametrize(
    "name", ["../evil.xml", "/evil.xml", "xl/../../evil", "xl\\..\\evil", "XL/workbook.xml"]
)
def test_parts_with_names_that_lead_elsewhere_are_refused(name: str):
    data = repacked(written([["一"]]), lambda parts: parts.update({name: b"<x/>"}))

    assert refusal(data) == "文件内部结构不正常，请新建工作簿、复制内容后再传。"


def test_more_parts_than_the_limit_are_refused():
    many = {f"xl/media/{n}.bin": b"" for n in range(limits.PARTS)}
    data = repacked(written([["一"]]), lambda parts: parts.update(many))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        number = len(archive.namelist())

    assert refusal(data) == f"文件内部有 {number} 个部件，超过上限 {limits.PARTS}，不能读取。"


def test_a_directory_that_lies_about_sizes_is_refused():
    data = bytearray(written([["一"] * 40] * 40))
    entry = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    data[entry + 24 : entry + 28] = (7).to_bytes(4, "little")

    assert refusal(bytes(data)) == DAMAGED


by_a_process = partial(read_workbook, "日志.xlsx")


def test_a_file_over_the_upload_limit_is_refused_unread():
    said = refusal(bytes(limits.UPLOAD_BYTES + 1), by_a_process)
    assert said == "文件超过 20 MB，请删去图片或分成几个文件。"


@pytest.mark.parametrize(
    ("limit", "least"), [("WORKER_MEMORY_BYTES", 1 << 24), ("WORKER_SECONDS", 0)]
)
def test_a_file_that_takes_too_much_to_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, least: int
):
    monkeypatch.setattr(limits, limit, least)

    assert refusal(written([["一"] * 50] * 2000), by_a_process) == (
        "文件内容超出可读取的范围，请新建工作簿、只复制台账内容后再传。"
    )


# The offices' layouts.


def test_title_byline_numbers_blank_rows_and_the_closing_row_are_passed_over():
    sheet = sheet_of(
        ["其他工作台账", None, None],
        ["填报单位：某局", None, "填报人：张某"],
        ["序号", "日期", "服务人员", "工作内容"],
        [1, "2023-03-05", "赵一", "接待"],
        [None, None, None, None],
        [2, "　", None, ""],
        [3, "2023-03-06", "钱二", "会务"],
        ["合计", None, None, "2条"],
        merged=[(0, 0, 0, 3), (7, 1, 7, 2)],
    )

    found = table(sheet, OTHER.fields)

    assert found.rows == (
        (4, {"day": "2023-03-05", "people": "赵一", "task": "接待"}),
        (7, {"day": "2023-03-06", "people": "钱二", "task": "会务"}),
    )
    assert (found.unknown_headings, found.hidden) == ((), 0)


def test_columns_stand_in_any_order_and_unknown_ones_are_named():
    sheet = sheet_of(
        ["工 作\n内容", "电话", " 服务人员 ", None, "日期", "心情"],
        ["接待", "139", "赵一", None, "2023-03-05"],
    )

    found = table(sheet, OTHER.fields)

    assert found.rows == ((2, {"day": "2023-03-05", "people": "赵一", "task": "接待"}),)
    assert found.unknown_headings == ("电话", "心情")


def test_columns_of_ours_that_help_to_fill_a_row_in_are_passed_over():
    headings = ["序号", "所在村（社区）", *HEADINGS, "待办"]
    found = table(sheet_of(headings, [1, "南村", *[None] * 6, "还差 1 次"]), OTHER.fields)

    assert (found.rows, found.unknown_headings, found.hidden) == ((), (), 0)


@pytest.mark.parametrize("word", ["示例", " 示 例 ", "示例："])
def test_an_example_is_passed_over_in_whatever_column_it_begins(word: str):
    rows = [word, "2023-03-05", "赵一"], [None, word, "赵一"], ["示例一", "2023-03-06", "赵一"]
    found = table(sheet_of(["序号", *HEADINGS], *rows), OTHER.fields)

    assert [number for number, _ in found.rows] == [4]
    assert found.examples == (2, 3)


@pytest.mark.parametrize("star", ["*{}", "{}*", "＊ {}", "{}\n＊"])
def test_the_star_of_a_required_column_may_stand_on_either_side(star: str):
    sheet = sheet_of(
        [star.format(heading) for heading in ("日期", "服务人员", "工作内容")],
        ["2023-03-05", "赵一", "接待"],
    )

    assert table(sheet, OTHER.fields).rows == (
        (2, {"day": "2023-03-05", "people": "赵一", "task": "接待"}),
    )


def test_a_column_whose_heading_is_an_error_is_named_by_its_letter():
    headings = ["日期", "服务人员", "工作内容", BrokenCell("#REF!"), Uncomputed()]

    assert table(sheet_of(headings), OTHER.fields).unknown_headings == ("D 列", "E 列")


def test_full_width_headings_are_ours():
    fields = LOG_KINDS["home_survey"].fields
    headings = ["日期", "服务人员", "调查类型", "村（社区）", "月人均收入（元）", "调查结论"]

    found = table(Sheet("家计调查", [headings, [1, 2, 3, 4, 5, 6]], frozenset(), ()), fields)

    assert [sorted(cells) for _, cells in found.rows] == [
        ["conclusion", "day", "locality", "monthly_income", "people", "survey_type"]
    ]
    assert found.unknown_headings == ()


def test_hidden_rows_are_read_and_counted():
    sheet = sheet_of(
        HEADINGS, ["2023-03-05", "赵一"], ["2023-03-06", "赵一"], [None], hidden=[2, 3]
    )

    found = table(sheet, OTHER.fields)

    assert ([number for number, _ in found.rows], found.hidden) == ([2, 3], 1)


def test_a_row_whose_text_begins_like_a_closing_row_is_a_row():
    sheet = sheet_of(
        ["工作内容", "日期", "服务人员"],
        ["合计发放 5 户", "2023-03-05", "赵一"],
        ["总计表核对", "2023-03-06", "赵一"],
        ["合计：", None, None],
    )

    assert [number for number, _ in table(sheet, OTHER.fields).rows] == [2, 3]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [["日期", "服务人员", "日 期", "工作内容"]],
            "工作表“其他工作”有两列都叫“日期”，请删去一列。",
        ),
        (
            [["日期", "服务人员", "工作内溶"]],
            "工作表“其他工作”缺少必填列：“工作内容”（表中的“工作内溶”是不是它？），请改正表头。",
        ),
        (
            [["服务人员", "工作内容"], ["赵一", "接待"]],
            "工作表“其他工作”缺少必填列：“日期”，请改正表头。",
        ),
        (
            [["接待登记"], ["赵一", "接待"]],
            "工作表“其他工作”找不到表头行，表头应含：日期、服务人员、工作内容。",
        ),
    ],
)
def test_wrong_headings_are_named(rows: list[list[str]], sentence: str):
    with pytest.raises(UnreadableError) as refused:
        table(sheet_of(*rows), OTHER.fields)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("merged", "place"),
    [((1, 0, 2, 0), "A2:A3"), ((2, 26, 2, 27), "AA3:AB3"), ((0, 0, 1, 0), "A1:A2")],
)
def test_merged_cells_among_the_rows_are_refused_with_their_range(
    merged: tuple[int, int, int, int], place: str
):
    row = ["2023-03-05", "赵一", None, "接待"]

    with pytest.raises(UnreadableError) as refused:
        table(sheet_of(HEADINGS, row, row, merged=[merged]), OTHER.fields)

    assert refused.value.sentence == (
        f"工作表“其他工作”的数据行中有合并单元格 {place}，请取消合并、逐行填写后再传。"
    )


def test_what_we_wrote_ourselves_reads_the_same_without_a_process():
    data = written(
        [HEADINGS, [date(2023, 3, 5), "示员甲、示员乙", "示例局", "数据比对", None, 3.5]]
    )
    assert read_own_workbook("日志.xlsx", data) == by_a_process(data)


def test_what_is_no_workbook_is_refused_in_the_same_words_without_a_process():
    with pytest.raises(UnreadableError) as own:
        read_own_workbook("日志.xlsx", b"garbage")
    assert own.value.sentence == refusal(b"garbage")
