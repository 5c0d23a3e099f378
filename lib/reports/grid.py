"""A table of a report: thin lines, heads on every page, rows whole, columns as wide as they ask."""

from __future__ import annotations

from html import escape
from itertools import accumulate
from typing import TYPE_CHECKING

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from lib.reports.looks import LOOKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document as Word
    from docx.table import Table as Written

    from lib.reports.document import Column, Table

_WIDTH = 8844  # twips: the 156 mm of the text block
_DENSE = 4  # columns from which the type is 五号 and not 小四
_MARGIN = 60  # twips, left and right in each cell
_NAMESPACE = nsdecls("w")
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def put_table(word: Word, table: Table) -> None:
    """Add the table at the end of the document, and some space under it."""
    widths, dense = _widths(table.columns), "Dense " * (len(table.columns) >= _DENSE)
    written = word.add_table(rows=0, cols=len(widths))
    _set_look(written, widths)
    heads = [f"{dense}Cell Head"] * len(widths)
    styles = [f"{dense}Cell Number" if c.is_number else f"{dense}Cell" for c in table.columns]
    ids = {name: word.styles[name].style_id for name in {*heads, *styles}}

    def put(texts: Sequence[str], names: Sequence[str], properties: str = "") -> None:
        cells = zip(texts, names, widths, strict=True)
        inside = "".join(_cell(text, name, ids[name], width) for text, name, width in cells)
        # Not by `add_row`, which copies the last one cell by cell.
        written._tbl.append(  # noqa: SLF001
            parse_xml(
                f"<w:tr {_NAMESPACE}><w:trPr><w:cantSplit/>{properties}</w:trPr>{inside}</w:tr>"
            )
        )

    put([column.heading for column in table.columns], heads, "<w:tblHeader/>")
    for row in table.rows:
        put(row, styles)
    word.add_paragraph(style="Spacer")


def _cell(text: str, style: str, style_id: str, width: int) -> str:
    """A cell as XML: no page break splits its row, its text stands in the middle."""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style_id}"/></w:pPr>'
        f"<w:r>{LOOKS[style].run}{lines}</w:r></w:p></w:tc>"
    )


def _widths(columns: Sequence[Column]) -> Sequence[int]:
    """The columns' widths in twips; together exactly the text block's."""
    whole = sum(column.width for column in columns)
    ends = [_WIDTH * part // whole for part in accumulate(column.width for column in columns)]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _set_look(written: Written, widths: Sequence[int]) -> None:
    """Half-point lines, fixed widths, the table as wide as the text block."""
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in _SIDES
    )
    margins = "".join(f'<w:{side} w:w="{_MARGIN}" w:type="dxa"/>' for side in ("left", "right"))
    old = written._tbl.tblPr  # noqa: SLF001 - python-docx knows neither lines nor margins
    new = parse_xml(
        f'<w:tblPr {nsdecls("w")}><w:tblW w:w="{_WIDTH}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>"
    )
    written._tbl.replace(old, new)  # noqa: SLF001
    for column, width in zip(written._tbl.tblGrid.gridCol_lst, widths, strict=True):  # noqa: SLF001
        column.set(qn("w:w"), str(width))
