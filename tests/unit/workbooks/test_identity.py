"""Identity-card numbers found in every part of an uploaded workbook, and masked (spec §2)."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.test_text import MASKED, NUMBER, OLD
from tests.unit.workbooks.test_reading import read, repacked, saved, with_sheet_xml, written

if TYPE_CHECKING:
    from collections.abc import Callable


def test_identity_numbers_are_masked_and_their_sheets_named():
    book = read(written([[f"张某{NUMBER}"], [NUMBER]], "其他工作"), f"{NUMBER}.xlsx")

    assert (book.name, book.masked) == (f"{MASKED}.xlsx", ("其他工作", "其他工作"))
    assert book.sheets[0].rows == [[f"张某{MASKED}"], [MASKED]]


def test_a_number_that_stands_in_many_cells_is_named_for_each():
    data = saved(
        lambda sheet: (
            sheet.append([NUMBER, "示例", NUMBER]),
            sheet.parent.create_sheet("对象排查").append([None, NUMBER]),
            sheet.parent.create_sheet("专项").append(["示例"]),
        ),
        "其他工作",
    )

    book = read(data)

    assert book.masked == ("其他工作", "其他工作", "对象排查")
    assert [list(map(list, sheet.rows)) for sheet in book.sheets] == [
        [[MASKED, "示例", MASKED]],
        [[None, MASKED]],
        [["示例"]],
    ]


# Made up like NUMBER, but born in 1990: what Excel makes of it when it is typed as a number.
TYPED = f"99999919900101{'0' * 4}"
CUT = 999 * 10**15


@pytest.mark.parametrize(
    ("stored", "cell"),
    [
        # Written in full by other programs: all digits are there, and the check digit fits.
        (NUMBER, MASKED),
        (f"{NUMBER}.0", MASKED),
        # Excel and WPS keep 15 digits: no check digit, but a date of birth.
        (TYPED, CUT),
        ("9.9999919900101E+17", CUT),
        ("9.9999919900100999E+17", CUT),
        ("9.99999199001010e17", CUT),
    ],
)
@pytest.mark.parametrize("formula", ["", "<f>A2*1</f>"], ids=["typed", "computed"])
def test_identity_numbers_in_numeric_cells_are_masked(stored: str, cell: Any, formula: str):  # noqa: ANN401 - a cell
    data = with_sheet_xml(f'<row r="1"><c r="B1" t="n">{formula}<v>{stored}</v></c></row>')

    book = read(data)

    assert ([list(row) for row in book.sheets[0].rows], book.masked) == (
        [[None, cell]],
        ("其他工作",),
    )


@pytest.mark.parametrize(
    "stored",
    [
        NUMBER[:17],
        f"{NUMBER}0",
        f"-{NUMBER}",
        f"0.{NUMBER}",
        "9.9999919901301E+17",
        "9.9999929900101E+17",
        "999999900101001",
        "1E400",
        "1E-400",
    ],
)
def test_other_long_numbers_are_left_alone(stored: str):
    data = with_sheet_xml(f'<row r="1"><c r="A1"><v>{stored}</v></c></row>')

    assert read(data).masked == ()


# In two fonts.
RUNS = f"<r><rPr><sz val='9'/></rPr><t>{NUMBER[:6]}</t></r><r><t>{NUMBER[6:]}</t></r>"


@pytest.mark.parametrize(
    "cell",
    [
        f'<c r="A1" t="inlineStr"><is><t>{NUMBER}</t></is></c>',
        f'<c r="A1" t="inlineStr"><is>{RUNS}</is></c>',
        f'<c r="A1" t="str"><f>1</f><v>{NUMBER}</v></c>',
    ],
    ids=["inline", "rich", "computed"],
)
def test_identity_numbers_in_any_kind_of_text_are_masked(cell: str):
    book = read(with_sheet_xml(f'<row r="1">{cell}</row>'))

    assert (book.sheets[0].rows, book.masked) == ([[MASKED]], ("其他工作",))


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        ("xl/comments1.xml", f"<comments><comment><text>{RUNS}</text></comment></comments>"),
        ("xl/threadedComments/threadedComment1.xml", f"<T><text>查{NUMBER}</text></T>"),
        (
            "xl/drawings/drawing1.xml",
            f"<p><r><rPr><ln/></rPr><t>{NUMBER[:9]}</t></r><r><t>{NUMBER[9:]}</t></r></p>",
        ),
        ("xl/sharedStrings.xml", f"<sst><si><t>{NUMBER}</t></si></sst>"),
        ("xl/pivotCache/pivotCacheRecords1.xml", f'<r><s v="{NUMBER}"/></r>'),
        ("xl/charts/chart1.xml", "<v>9.9999919900101E+17</v>"),
        ("xl/drawings/vmlDrawing1.vml", f"<xml><p>一<br></p><p>{NUMBER}</p></xml>"),
        ("docProps/custom.xml", f"<p><v>{NUMBER}</v></p>"),
        ("xl/worksheets/_rels/sheet1.xml.rels", f'<R Target="mailto:{NUMBER}@a.cn"/>'),
    ],
)
def test_identity_numbers_beside_the_cells_are_noticed(part: str, xml: str):
    data = repacked(written([]), lambda parts: parts.update({part: xml.encode()}))

    assert read(data).masked == ("",)


@pytest.mark.parametrize(
    ("cell", "masked"),
    [
        (f'<c r="A1"><f>IF(B1="{NUMBER}",1,2)</f><v>2</v></c>', ("",)),
        (f'<c r="A1"><f>"{NUMBER}"</f></c>', ("",)),
        (f'<c r="A1" t="str"><f>"{NUMBER}"</f><v>{NUMBER}</v></c>', ("其他工作", "")),
    ],
)
def test_identity_numbers_in_formulas_are_noticed(cell: str, masked: tuple[str, ...]):
    data = with_sheet_xml(f'<row r="1">{cell}</row>')

    assert read(data).masked == masked


def test_an_identity_number_as_name_of_a_sheet_is_masked():
    book = read(written([[NUMBER]], NUMBER))

    assert ([sheet.name for sheet in book.sheets], book.masked) == ([MASKED], (MASKED, ""))


@pytest.mark.parametrize(
    ("part", "xml"),
    [
        ("xl/comments1.xml", f"<c><text>{NUMBER[:9]}</text><text>{NUMBER[9:]}</text></c>"),
        ("xl/comments1.xml", f"<c><t>{NUMBER[:9]}</t><rPh><t>{NUMBER[9:]}</t></rPh></c>"),
        ("xl/charts/chart1.xml", f"<v>0.{NUMBER}</v>"),
    ],
)
def test_digits_of_several_texts_make_no_identity_number(part: str, xml: str):
    data = repacked(written([]), lambda parts: parts.update({part: xml.encode()}))

    assert read(data).masked == ()


@pytest.mark.parametrize("number", [NUMBER, OLD])
@pytest.mark.parametrize(
    ("part", "encoded"),
    [
        ("xl/printerSettings/printerSettings1.bin", lambda number: number.encode("utf-16-le")),
        ("xl/media/image1.jpeg", lambda number: b"\xff\xd8" + number.encode() + b"\xff\xd9"),
        ("customXml/item1.json", lambda number: f'{{"n": "{number}"}}'.encode()),
    ],
    ids=["printer", "picture", "json"],
)
def test_identity_numbers_in_parts_that_are_no_xml_are_noticed(
    number: str, part: str, encoded: Callable[[str], bytes]
):
    data = repacked(written_book(), lambda parts: parts.update({part: encoded(number)}))
    assert read(data).masked == ("",)


def test_an_identity_number_as_name_of_a_part_or_said_of_the_archive_is_noticed():
    named = repacked(written_book(), lambda parts: parts.update({f"xl/{NUMBER}.txt": b""}))
    assert read(named).masked == ("",)
    said = io.BytesIO(written_book())
    with zipfile.ZipFile(said, "a") as archive:
        archive.comment = f"证号{NUMBER}".encode()
    assert read(said.getvalue()).masked == ("",)


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/embeddings/oleObject1.bin", "xl/embeddings/Sheet1.xlsx"]
)
def test_what_nobody_can_look_into_is_read_and_not_kept(part: str):
    data = repacked(written_book(), lambda parts: parts.update({part: b"\x01\x02"}))
    book = read(data)
    assert (book.masked, book.sealed, book.may_be_kept) == ((), True, False)
    assert read(written_book()).may_be_kept


def written_book() -> bytes:
    return written([["一"]], "其他工作")


def test_an_old_identity_number_in_a_numeric_cell_is_masked():
    data = with_sheet_xml(f'<row r="1"><c r="A1"><v>{OLD}</v></c></row>')
    book = read(data)
    assert (book.sheets[0].rows, book.masked) == ([["610********9123"]], ("其他工作",))
