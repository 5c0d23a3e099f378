"""A table of a report: thin lines, heads on every page, rows whole, columns as wide as they ask."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph

from lib.reports.looks import put_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document as Word
    from docx.oxml.table import CT_Row
    from docx.table import Table as Written

    from lib.reports.document import Column, Table

_WIDTH = 8844  # twips: the 156 mm of the text block
_DENSE = 5  # columns from which the type is 五号 and not 小四
_MARGIN = 60  # twips, left and right in each cell
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def put_table(word: Word, table: Table) -> None:
    """Add the table at the end of the document, and a line under it."""
    widths, dense = _widths(table.columns), "Dense " * (len(table.columns) >= _DENSE)
    written = word.add_table(rows=0, cols=len(widths))
    _set_look(written, widths)
    heads, numbers, texts = f"{dense}Cell Head", f"{dense}Cell Number", f"{dense}Cell"
    head = _row(widths)
    head.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    styles = [numbers if column.is_number else texts for column in table.columns]
    _fill(written, head, [column.heading for column in table.columns], [heads] * len(widths))
    for row in table.rows:
        _fill(written, _row(widths), row, styles)
    word.add_paragraph(style="Spacer")


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


def _row(widths: Sequence[int]) -> CT_Row:
    """A row that no page break splits."""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        "<w:p/></w:tc>"
        for width in widths
    )
    row: CT_Row = parse_xml(f"<w:tr {nsdecls('w')}><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
    return row


def _fill(written: Written, row: CT_Row, texts: Sequence[str], styles: Sequence[str]) -> None:
    """Add a row with these texts."""
    written._tbl.append(row)  # noqa: SLF001 - `add_row` copies the last one, cell by cell
    for cell, text, style in zip(row.tc_lst, texts, styles, strict=True):
        paragraph = Paragraph(cell.p_lst[0], written)
        paragraph.style = style
        put_run(paragraph, text)
