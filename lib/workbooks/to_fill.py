"""A ledger workbook made fit for a pen: wide columns, lines to write on, headings on every page."""

from __future__ import annotations

import io
import unicodedata
from math import ceil
from typing import TYPE_CHECKING

from openpyxl import load_workbook
from openpyxl.styles import Alignment, Border, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADING_ROW = 3  # of an office ledger: title and reporting line stand above
_LINE = Side(style="thin", color="8A94A3")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TOP = Alignment(vertical="top", wrap_text=True)
_LINE_HEIGHT, _LEAST_HEIGHT = 17, 26  # points: a line of type; what a pen needs


def laid_out(data: bytes, widths: Sequence[float]) -> bytes:
    """The workbook with its first sheet, an office ledger, laid out to be printed and filled in.

    `widths` in characters, of the columns after 序号. A4 across, as wide as the page.
    """
    workbook = load_workbook(io.BytesIO(data))
    sheet = workbook.worksheets[0]
    for number, width in enumerate(widths, 2):
        sheet.column_dimensions[get_column_letter(number)].width = width
    body = sheet.iter_rows(min_row=_HEADING_ROW, max_row=sheet.max_row - 1)
    for number, row in enumerate(body, _HEADING_ROW):
        for cell in row:
            cell.border, cell.alignment = _BOX, _TOP
        texts = [str(cell.value or "") for cell in row[1:]]
        lines = max(map(_lines, texts, widths))
        height = max(lines * _LINE_HEIGHT, _LEAST_HEIGHT)
        sheet.row_dimensions[number].height = height
    sheet.freeze_panes = f"A{_HEADING_ROW + 1}"
    sheet.print_title_rows = f"{_HEADING_ROW}:{_HEADING_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _lines(text: str, width: float) -> int:
    """How many lines a text takes: not every program finds the height of a row by itself."""
    wide = sum(unicodedata.east_asian_width(sign) in {"W", "F"} for sign in text)
    return ceil((len(text) + wide) / width)
