"""Documents in the layout of GB/T 9704-2012, read back from their files."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import docx
import pytest

from lib.reports.document import (
    Column,
    Document,
    Heading,
    Made,
    Note,
    Paragraph,
    Table,
    numbers,
)
from lib.reports.official import written

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PLACES = Table(
    "走访",
    [Column("村（社区）", 3), *numbers(1, "本月\n走访", "累计")],
    [[f"示例{number}村", "1,013", "<&>"] for number in range(39)],
)
EXAMPLE = Document(
    title="示例服务\n验收报告",
    state="截至2023年3月31日，合同未到期",
    recipient="示例局",
    body=(
        Heading("概况"),
        Paragraph("共 1,013 户。"),
        Heading("合同", 2),
        Heading("人天", 3),
        Heading("单项", 4),
        Heading("情况"),
        PLACES,
        Note("管理指标。"),
    ),
    made=Made(datetime(2023, 4, 3, 1, 30, tzinfo=UTC), "reviewer"),
    attachments=("台账", "签认记录"),
    signed_by="示例局",
    signed_on=date(2023, 4, 3),
)


def parts(document: Document = EXAMPLE) -> dict[str, bytes]:
    """The files of the package."""
    with zipfile.ZipFile(io.BytesIO(written(document))) as package:
        return {name: package.read(name) for name in package.namelist()}


def xml(name: str, document: Document = EXAMPLE) -> ET.Element:
    """One of them, parsed."""
    return ET.fromstring(parts(document)[f"word/{name}.xml"])  # noqa: S314 - our own


def attributes(element: ET.Element | None) -> dict[str, str]:
    """An element's attributes, without their namespace."""
    assert element is not None
    return {name.removeprefix(W): value for name, value in element.attrib.items()}


def test_page_and_margins_in_twips():
    section = xml("document").find(f"{W}body/{W}sectPr")
    assert section is not None
    assert attributes(section.find(f"{W}pgSz")) == {"w": "11906", "h": "16838"}
    margins = attributes(section.find(f"{W}pgMar"))
    assert {side: margins[side] for side in ("top", "bottom", "left", "right")} == {
        "top": "2098",
        "bottom": "1984",
        "left": "1587",
        "right": "1474",
    }
    grid = attributes(section.find(f"{W}docGrid"))
    assert grid == {"type": "lines", "linePitch": "579"}
    text_block = 16838 - 2098 - 1984
    assert text_block // 579 == 22


def test_texts_in_the_order_of_reading():
    found = docx.Document(io.BytesIO(written(EXAMPLE)))
    assert [(p.style.name, p.text) for p in found.paragraphs if p.text and p.style] == [
        ("Title", "示例服务\n验收报告"),
        ("Subtitle", "（截至2023年3月31日，合同未到期）"),
        ("Normal", "示例局："),
        ("Heading 1", "一、概况"),
        ("Body Text", "共 1,013 户。"),
        ("Heading 2", "（一）合同"),
        ("Heading 3", "1.人天"),
        ("Heading 4", "（1）单项"),
        ("Heading 1", "二、情况"),
        ("Caption", "表1  走访"),
        ("Small", "管理指标。"),
        ("Body Text", "附件：1. 台账"),
        ("Body Text", "　　　2. 签认记录"),
        ("Normal", "示例局"),
        ("Normal", "2023年4月3日"),
        (
            "Small",
            "（本件由社会救助服务监管系统按日志逐条计算，2023-04-03 09:30 由 reviewer 制作。）",
        ),
    ]


@pytest.mark.parametrize(
    ("style", "font", "half_points", "outline"),
    [
        ("Normal", "仿宋_GB2312", "32", None),
        ("Title", "方正小标宋简体", "44", None),
        ("Heading1", "黑体", "32", "0"),
        ("Heading2", "楷体_GB2312", "32", "1"),
        ("Heading3", "仿宋_GB2312", "32", "2"),
        ("Heading4", "仿宋_GB2312", "32", "3"),
        ("Footer", "宋体", "28", None),
        ("CellNumber", "仿宋_GB2312", "24", None),
        ("DenseCell", "仿宋_GB2312", "21", None),
    ],
)
def test_fonts_and_sizes_of_styles(style: str, font: str, half_points: str, outline: str | None):
    found = xml("styles").find(f"{W}style[@{W}styleId='{style}']")
    assert found is not None
    fonts = attributes(found.find(f"{W}rPr/{W}rFonts"))
    assert (fonts["eastAsia"], fonts["ascii"]) == (
        font,
        "宋体" if style == "Footer" else "Times New Roman",
    )
    assert attributes(found.find(f"{W}rPr/{W}sz")) == {"val": half_points}
    level = found.find(f"{W}pPr/{W}outlineLvl")
    assert (None if level is None else attributes(level)["val"]) == outline


@pytest.mark.parametrize("name", ["document", "footer1", "footer2"])
def test_every_run_names_its_fonts(name: str):
    runs = list(xml(name).iter(f"{W}r"))
    assert runs
    for run in runs:
        assert attributes(run.find(f"{W}rPr/{W}rFonts"))["eastAsia"]


def test_body_begins_two_characters_in_and_fills_22_lines():
    style = xml("styles").find(f"{W}style[@{W}styleId='BodyText']/{W}pPr")
    assert style is not None
    assert attributes(style.find(f"{W}ind")) == {"firstLineChars": "200", "firstLine": "640"}
    spacing = attributes(style.find(f"{W}spacing"))
    assert (spacing["line"], spacing["lineRule"]) == ("579", "exact")


def test_a_long_table_repeats_its_head_and_splits_no_row():
    rows = list(xml("document").iter(f"{W}tr"))
    assert len(rows) == 40
    assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * 39
    assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)


def test_columns_share_the_text_block_and_numbers_stand_right():
    table = xml("document").find(f".//{W}tbl")
    assert table is not None
    widths = [attributes(column)["w"] for column in table.iter(f"{W}gridCol")]
    assert widths == ["5306", "1769", "1769"]
    last = list(table.iter(f"{W}tr"))[-1]
    styles = [attributes(style)["val"] for style in last.iter(f"{W}pStyle")]
    assert styles == ["Cell", "CellNumber", "CellNumber"]
    right = xml("styles").find(f"{W}style[@{W}styleId='CellNumber']/{W}pPr/{W}jc")
    assert attributes(right) == {"val": "right"}


def test_table_texts_stay_what_they_are():
    (table,) = docx.Document(io.BytesIO(written(EXAMPLE))).tables
    assert [cell.text for cell in table.rows[0].cells] == ["村（社区）", "本月\n走访", "累计"]
    assert [cell.text for cell in table.rows[39].cells] == ["示例38村", "1,013", "<&>"]


def test_many_columns_are_set_in_smaller_type():
    wide = Table("宽表", numbers(1, *"甲乙丙丁戊"), [list("12345")])
    table = xml("document", replace(EXAMPLE, body=(wide,))).find(f".//{W}tbl")
    assert table is not None
    styles = {attributes(style)["val"] for style in table.iter(f"{W}pStyle")}
    assert styles == {"DenseCellHead", "DenseCellNumber"}


@pytest.mark.parametrize(("footer", "side"), [("footer1", "right"), ("footer2", "left")])
def test_pages_are_numbered_outside(footer: str, side: str):
    found = xml(footer)
    assert "".join(text.text or "" for text in found.iter(f"{W}t")) == "— 1 —"
    assert attributes(found.find(f".//{W}fldSimple")) == {"instr": " PAGE "}
    assert attributes(found.find(f".//{W}jc")) == {"val": side}
    assert attributes(found.find(f".//{W}ind")) == {side: "280"}
    assert xml("settings").find(f"{W}evenAndOddHeaders") is not None


@pytest.mark.parametrize(
    ("name", "twips"), [("示例局", 1760), ("示例区社会事业发展局", 640), ("示" * 20, 0)]
)
def test_who_signs_stands_centred_over_the_day(name: str, twips: int):
    paragraphs = list(xml("document", replace(EXAMPLE, signed_by=name)).iter(f"{W}p"))
    indents = {
        "".join(text.text or "" for text in paragraph.iter(f"{W}t")): paragraph.find(
            f"{W}pPr/{W}ind"
        )
        for paragraph in paragraphs
    }
    assert attributes(indents["2023年4月3日"]) == {"right": "1280"}  # four characters
    assert attributes(indents[name]) == {"right": str(twips)}


def test_nobody_is_addressed_and_nobody_signs_where_none_is_named():
    bare = replace(EXAMPLE, recipient="", signed_by="", signed_on=None, attachments=(), body=())
    found = docx.Document(io.BytesIO(written(bare)))
    assert [p.text for p in found.paragraphs] == [
        "示例服务\n验收报告",
        "（截至2023年3月31日，合同未到期）",
        "（本件由社会救助服务监管系统按日志逐条计算，2023-04-03 09:30 由 reviewer 制作。）",
    ]


def test_the_file_says_nothing_of_anybody():
    properties = docx.Document(io.BytesIO(written(EXAMPLE))).core_properties
    named = ("author", "last_modified_by", "comments", "keywords", "subject", "category")
    assert {getattr(properties, name) for name in named} == {""}
    assert properties.title == "示例服务验收报告"
    assert properties.created == datetime(2023, 4, 3, 1, 30, tzinfo=UTC)
    assert not [name for name in parts() if "thumbnail" in name]


def test_the_same_document_gives_the_same_bytes():
    assert written(EXAMPLE) == written(EXAMPLE)
