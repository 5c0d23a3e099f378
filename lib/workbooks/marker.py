"""The process in which an uploaded workbook is marked: `python -m lib.workbooks.marker`.

On standard input a line of JSON, `[[sheet, row, column, sentence]]`, and then the workbook; on
standard output the workbook, marked. Whatever openpyxl cannot cope with ends the process.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from lib.text import mask_identity_numbers, squeezed
from lib.workbooks import process
from lib.workbooks.identity import masked_number
from lib.workbooks.reading import HEADING_ROWS, heading_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

AUTHOR = "系统"
_FILL = PatternFill("solid", fgColor="FFC7CE")


def marked(given: bytes) -> bytes:
    """The workbook with the sentences at their cells."""
    line, _, data = given.partition(b"\n")
    by_sheet: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for title, row, column, sentence in json.loads(line):
        by_sheet[squeezed(title)].append((row, column, sentence))
    workbook = load_workbook(io.BytesIO(data))
    for sheet in workbook.worksheets:
        _mask(sheet)
        found = by_sheet.get(squeezed(sheet.title))
        if found:
            _mark(sheet, found)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _mark(sheet: Worksheet, problems: Sequence[tuple[int, str, str]]) -> None:
    columns = _columns(sheet, {column for _, column, _ in problems})
    sentences: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for row, column, sentence in problems:
        sentences[row, columns.get(column, 1)].append(sentence)
    for place, said in sentences.items():
        cell = sheet.cell(*place)
        cell.fill = _FILL
        cell.comment = _comment(cell, said)


def _comment(cell: Cell | MergedCell, said: Sequence[str]) -> Comment:
    """The sentences, below what a person had noted there before."""
    before = [cell.comment.text] if cell.comment and cell.comment.author != AUTHOR else []
    return Comment("\n".join([*before, *said]), AUTHOR, height=100, width=260)


def _columns(sheet: Worksheet, headings: set[str]) -> Mapping[str, int]:
    """Column numbers of these headings, from the row that holds the most of them."""
    wanted = {squeezed(heading): heading for heading in headings if heading}
    best: dict[str, int] = {}
    for row in sheet.iter_rows(max_row=HEADING_ROWS):
        found = {
            wanted[text]: cell.column
            for cell in row
            if (text := heading_in(cell.value)) in wanted and cell.column
        }
        if len(found) > len(best):
            best = found
    return best


def _mask(sheet: Worksheet) -> None:
    """Identity-card numbers do not come back either (spec §2)."""
    cells: Mapping[tuple[int, int], Any] = sheet._cells  # noqa: SLF001 - iter_rows makes every cell between two far ones
    for cell in cells.values():
        if isinstance(cell.value, str):
            masked = mask_identity_numbers(cell.value)
            if masked != cell.value:
                cell.value = masked
        elif isinstance(cell.value, int | float):
            number = masked_number(str(cell.value))
            if number is not None:
                cell.value = number
        if cell.comment:
            cell.comment.text = mask_identity_numbers(cell.comment.text)


if __name__ == "__main__":
    process.serve(marked)
