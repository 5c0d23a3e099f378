"""Fonts, sizes and spacings of official documents (GB/T 9704-2012, 5 to 7), as Word keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

_LATIN = "Times New Roman"
LINE = 579  # twips: 22 lines fill the 225 mm of the text block
_CLOSER = -5  # twips between characters of 16 points: 28 of them fill its 156 mm
_BODY = 16  # points
_TITLE_LINE, _SMALL_LINE = 700, 400


@dataclass(frozen=True)
class Look:
    """How a paragraph looks: font of Chinese text, size in points, line in twips (0: its own).

    `align` is Word's word for it, `indent` the characters by which the first line begins later.
    """

    font: str
    size: float
    align: str = "both"
    indent: int = 0
    line: int = LINE
    latin: str = _LATIN
    outline: int = 0
    keeps_next: bool = False

    @property
    def run(self) -> str:
        """The properties of a run that looks so, as XML."""
        size = round(self.size * 2)
        closer = f'<w:spacing w:val="{_CLOSER}"/>' if self.size == _BODY else ""
        return (
            f'<w:rPr {nsdecls("w")}><w:rFonts w:hint="eastAsia" w:ascii="{self.latin}" '
            f'w:hAnsi="{self.latin}" w:eastAsia="{self.font}" w:cs="{self.latin}"/>{closer}'
            f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        )

    @property
    def paragraph(self) -> str:
        """The properties of a paragraph that looks so, as XML."""
        spacing = f' w:line="{self.line}" w:lineRule="exact"' if self.line else ""
        first = round(self.size * 20 * self.indent)
        indent = f'<w:ind w:firstLineChars="{100 * self.indent}" w:firstLine="{first}"/>'
        outline = f'<w:outlineLvl w:val="{self.outline - 1}"/>' if self.outline else ""
        return (
            f"<w:pPr {nsdecls('w')}>{'<w:keepNext/>' if self.keeps_next else ''}"
            f'<w:widowControl w:val="0"/>{"" if self.line == LINE else _OFF_GRID}'
            f'<w:spacing w:before="0" w:after="0"{spacing}/>{indent if self.indent else ""}'
            f'<w:jc w:val="{self.align}"/>{outline}</w:pPr>'
        )


_OFF_GRID = '<w:snapToGrid w:val="0"/>'
FANGSONG, HEI, KAI, SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"

# By the name of the style in Word. The sizes are 二号 22, 三号 16, 四号 14, 小四 12, 五号 10.5.
LOOKS: Mapping[str, Look] = {
    "Normal": Look(FANGSONG, 16),
    "Body Text": Look(FANGSONG, 16, indent=2),
    "Title": Look("方正小标宋简体", 22, "center", line=_TITLE_LINE),
    "Subtitle": Look(KAI, 16, "center"),
    "Heading 1": Look(HEI, 16, indent=2, outline=1, keeps_next=True),
    "Heading 2": Look(KAI, 16, indent=2, outline=2, keeps_next=True),
    "Heading 3": Look(FANGSONG, 16, indent=2, outline=3, keeps_next=True),
    "Heading 4": Look(FANGSONG, 16, indent=2, outline=4, keeps_next=True),
    "Caption": Look(HEI, 12, "center", line=500, keeps_next=True),
    "Small": Look(FANGSONG, 12, "left", indent=2, line=_SMALL_LINE),
    "Spacer": Look(FANGSONG, 12, line=160),
    "Cell": Look(FANGSONG, 12, "left", line=0),
    "Cell Number": Look(FANGSONG, 12, "right", line=0),
    "Cell Head": Look(HEI, 12, "center", line=0),
    "Dense Cell": Look(FANGSONG, 10.5, "left", line=0),
    "Dense Cell Number": Look(FANGSONG, 10.5, "right", line=0),
    "Dense Cell Head": Look(HEI, 10.5, "center", line=0),
    "Footer": Look(SONG, 14, latin=SONG, line=0),
}


def put_styles(document: Document) -> None:
    """Give the document's styles these looks, whatever its template had."""
    for name, look in LOOKS.items():
        styles = document.styles
        style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.hidden, style.quick_style = False, True
        _replace(style.element, look)
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}")
    defaults.replace(defaults[0], parse_xml(LOOKS["Normal"].run))


def _replace(style: BaseOxmlElement, look: Look) -> None:
    for name in ("w:pPr", "w:rPr"):
        for old in style.findall(qn(name)):
            style.remove(old)
    style.extend([parse_xml(look.paragraph), parse_xml(look.run)])


def put_run(paragraph: Paragraph, text: str) -> Run:
    """Text at the end of a paragraph, its fonts named once more: some programs skip the style."""
    run = paragraph.add_run(text)
    name = paragraph.style.name if paragraph.style else None
    run._r.insert(0, parse_xml(LOOKS[name or "Normal"].run))  # noqa: SLF001 - fonts by script
    return run
