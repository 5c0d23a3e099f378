"""Workbooks laid out as the offices lay out their own ledgers: title, byline, 序号, 合计."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from lib.fields import Plain

# What a spreadsheet program could take for a formula, when somebody edits the cell.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_LONGEST = 32_767  # characters of a cell; more would be cut without a word
_HEAD = Font(bold=True)
_CENTRED = Alignment(horizontal="center")
_WIDTH = 16
_NUMBER_WIDTH = 6


@dataclass(frozen=True)
class LedgerSheet:
    """One sheet: an empty row stays blank; without a title only headings and rows are written.

    `byline` is who fills the ledger in: the unit and the person.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Plain]]
    title: str = ""
    byline: tuple[str, str] = ("", "")


def office_ledger(sheets: Sequence[LedgerSheet]) -> bytes:
    """The .xlsx with these sheets; text stays text, whatever sign it begins with."""
    workbook = Workbook(write_only=True)
    for sheet in sheets:
        worksheet = workbook.create_sheet(sheet.name)
        columns = len(sheet.headings) + bool(sheet.title)
        for column in range(1, columns + 1):
            narrow = sheet.title and column == 1
            width = _NUMBER_WIDTH if narrow else _WIDTH
            worksheet.column_dimensions[get_column_letter(column)].width = width
        if sheet.title:
            worksheet.merged_cells.add(f"A1:{get_column_letter(columns)}1")
        for row in _titled(worksheet, sheet) if sheet.title else _plain(worksheet, sheet):
            worksheet.append(row)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _plain(worksheet: Any, sheet: LedgerSheet) -> Iterator[list[Any]]:  # noqa: ANN401 - openpyxl
    """Headings and rows."""
    yield [_head(worksheet, heading) for heading in sheet.headings]
    for row in sheet.rows:
        yield [_cell(worksheet, value) for value in row]


def _titled(worksheet: Any, sheet: LedgerSheet) -> Iterator[list[Any]]:  # noqa: ANN401 - openpyxl
    """The office's layout, rows numbered and counted."""
    title = _head(worksheet, sheet.title)
    title.alignment = _CENTRED
    yield [title]
    unit, person = sheet.byline
    gap = [None] * max(len(sheet.headings) - 2, 0)
    byline = [f"填报单位：{unit}", *gap, f"填报人：{person}"]
    yield [_cell(worksheet, value) for value in byline]
    yield [_head(worksheet, heading) for heading in ("序号", *sheet.headings)]
    number = 0
    for row in sheet.rows:
        number += bool(row)
        yield [number, *(_cell(worksheet, value) for value in row)] if row else []
    yield [_head(worksheet, "合计"), None, f"{number}条"]


def _head(worksheet: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl
    cell = WriteOnlyCell(worksheet)
    put(cell, text)
    cell.font = _HEAD
    return cell


def _cell(worksheet: Any, value: Plain) -> Any:  # noqa: ANN401 - openpyxl
    """The value as a cell, an object only where it is text that could be taken for more."""
    if not isinstance(value, str) or _is_harmless(value):
        return value
    cell = WriteOnlyCell(worksheet)
    put(cell, value)
    return cell


def _is_harmless(text: str) -> bool:
    """Whether openpyxl and every spreadsheet program take a text for what it is."""
    starts = text.startswith((*_FORMULA_SIGNS, "#"))
    return not starts and len(text) <= _LONGEST and not ILLEGAL_CHARACTERS_RE.search(text)


def put(cell: Any, value: Plain) -> None:  # noqa: ANN401 - a cell of any of openpyxl's kinds
    """Write a value into a cell in its own format: text is text, whatever sign it begins with.

    Neither a formula nor an error value is made of it; what Excel cannot hold is left out, and a
    text over its limit says so at its end.
    """
    if not isinstance(value, str):
        shape = cell.number_format
        cell.value = value
        cell.number_format = shape
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    if len(text) > _LONGEST:
        end = f"……（全文 {len(text)} 字，单元格装不下，请到系统里查看）"
        text = text[: _LONGEST - len(end)] + end
    cell.value = text
    cell.data_type = "s"
    if text.startswith(_FORMULA_SIGNS):
        cell.quotePrefix = True
