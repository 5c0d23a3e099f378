"""Writes a document as a .docx in the layout of official documents (GB/T 9704-2012)."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from lib.periods import local_text
from lib.reports.document import Heading, Note, Paragraph, Table
from lib.reports.grid import put_table
from lib.reports.looks import LINE, LOOKS, put_run, put_styles
from lib.reports.numbering import Numbering
from lib.reports.words import day_text

if TYPE_CHECKING:
    from docx.document import Document as Word
    from docx.section import Section
    from docx.text.paragraph import Paragraph as Written

    from lib.reports.document import Block, Document

_ZIP_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP file can name
_THUMBNAIL = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"
_SEAL_LINES = 3  # over the signature, so that the seal lies on no text
_DAY_FROM_RIGHT = 4  # characters


def written(document: Document) -> bytes:
    """The .docx; the same document gives the same bytes."""
    word = docx.Document()
    put_styles(word)
    _set_page(word)
    _set_properties(word, document)
    _put_head(word, document)
    _put_body(word, document)
    _put_end(word, document)
    data = io.BytesIO()
    word.save(data)
    return _timeless(data.getvalue())


def _set_page(word: Word) -> None:
    """A4, a text block of 156 × 225 mm, 22 lines of 28 characters; page numbers outside."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(23)
    for old in section._sectPr.findall(qn("w:docGrid")):  # noqa: SLF001 - no public way to the grid
        section._sectPr.remove(old)  # noqa: SLF001
    # Not its grid of characters: programs disagree on what it does to Latin ones.
    grid = f'w:type="lines" w:linePitch="{LINE}"'
    section._sectPr.append(parse_xml(f"<w:docGrid {nsdecls('w')} {grid}/>"))  # noqa: SLF001
    _put_page_numbers(word, section)


def _put_page_numbers(word: Word, section: Section) -> None:
    """— 1 —, on odd pages to the right and on even ones to the left, a character from the edge."""
    word.settings.odd_and_even_pages_header_footer = True
    for footer, align, indent in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right_indent"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left_indent"),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.style = "Footer"
        paragraph.alignment = align
        setattr(paragraph.paragraph_format, indent, Pt(LOOKS["Footer"].size))
        put_run(paragraph, "— ")
        field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "/>')
        paragraph._p.append(field)  # noqa: SLF001 - python-docx knows no fields
        field.append(put_run(paragraph, "1")._r)  # noqa: SLF001
        put_run(paragraph, " —")


def _set_properties(word: Word, document: Document) -> None:
    """What the file says of itself: its title and when it was made; nobody's name."""
    properties = word.core_properties
    properties.title, properties.language = document.title.replace("\n", ""), "zh-CN"
    for name in ("author", "last_modified_by", "comments", "keywords", "subject", "category"):
        setattr(properties, name, "")
    properties.created = properties.modified = document.made.at.replace(microsecond=0, tzinfo=None)
    properties.revision = 1
    rels = word.part.package.rels
    for key in [key for key, rel in rels.items() if rel.reltype == _THUMBNAIL]:
        del rels[key]


def _put_head(word: Word, document: Document) -> None:
    _put(word, "Title", document.title)
    _put(word, "Subtitle", f"（{document.state}）")
    if document.recipient:
        _put(word, "Normal", "")
        _put(word, "Normal", f"{document.recipient}：")


def _put_body(word: Word, document: Document) -> None:
    numbering, tables = Numbering(), 0
    for block in document.body:
        if isinstance(block, Table):
            tables += 1
            _put(word, "Caption", f"表{tables}  {block.caption}")
            put_table(word, block)
        else:
            _put_text(word, block, numbering)


def _put_text(word: Word, block: Block, numbering: Numbering) -> None:
    match block:
        case Heading(text, level):
            _put(word, f"Heading {level}", f"{numbering.next(level)}{text}")
        case Paragraph(text):
            _put(word, "Body Text", text)
        case Note(text):
            _put(word, "Small", text)


def _put_end(word: Word, document: Document) -> None:
    """Attachments, then who signs over the day, both kept together with the seal's place."""
    if document.attachments:
        _put(word, "Normal", "")
    for number, name in enumerate(document.attachments, 1):
        before = "附件：" if number == 1 else "　　　"
        line = _put(word, "Body Text", f"{before}{number}. {name}")
        line.paragraph_format.keep_with_next = True
    if document.signed_by and document.signed_on:
        for _ in range(_SEAL_LINES):
            _put(word, "Normal", "").paragraph_format.keep_with_next = True
        day = day_text(document.signed_on)
        _put_right(word, document.signed_by, _centred_over(document.signed_by, day))
        _put_right(word, day, _DAY_FROM_RIGHT).paragraph_format.keep_with_next = False
    moment = local_text(document.made.at)
    made = f"{moment} 由 {document.made.by} 制作"
    rests = f"{document.basis}。" if document.basis else ""
    _put(word, "Small", f"（本件由社会救助服务监管系统按日志逐条计算，{made}。{rests}）")


def _centred_over(name: str, day: str) -> float:
    """By how many characters a name ends before the margin, to be centred over the day."""
    return max(_DAY_FROM_RIGHT + (_width(day) - _width(name)) / 2, 0)


def _width(text: str) -> float:
    """Its width in Chinese characters; others take half of one."""
    return sum(0.5 if character.isascii() else 1 for character in text)


def _put_right(word: Word, text: str, characters: float) -> Written:
    paragraph = _put(word, "Normal", text)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.paragraph_format.right_indent = Pt(LOOKS["Normal"].size * characters)
    paragraph.paragraph_format.keep_with_next = True
    return paragraph


def _put(word: Word, style: str, text: str) -> Written:
    paragraph = word.add_paragraph(style=style)
    if text:
        put_run(paragraph, text)
    return paragraph


def _timeless(data: bytes) -> bytes:
    """The same package, its parts without the moment of their writing."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _ZIP_DAY)
            new.writestr(part, old.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
