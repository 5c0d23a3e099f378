"""The uploader's own workbook given back, the offending cells filled and commented (spec §3)."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from lib.text import mask_identity_numbers, squeezed
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from lib.fields import Plain
    from lib.problems import Problem

AUTHOR = "系统"
_FILL = PatternFill("solid", fgColor="FFC7CE")


def marked(data: bytes, problems: Sequence[Problem]) -> bytes:
    """The workbook with each problem's sentence at its cell, everything else as it was.

    A problem without a column, or whose column the sheet lacks, goes to the row's first cell.
    A file too odd to be written again (a cell of NaN is enough) is answered with a list.
    """
    try:
        workbook = load_workbook(io.BytesIO(data))
    except (ValueError, TypeError, KeyError, BadZipFile):
        return _listed(problems)
    by_sheet: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_sheet[squeezed(problem.place.sheet)].append(problem)
    for sheet in workbook.worksheets:
        _mask(sheet)
        found = by_sheet.get(squeezed(sheet.title))
        if found:
            _mark(sheet, found)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _listed(problems: Sequence[Problem]) -> bytes:
    """The problems in a workbook of their own."""
    rows: list[list[Plain]] = [
        [p.place.sheet, p.place.row, p.place.column, p.fault.sentence] for p in problems
    ]
    return office_ledger([LedgerSheet("退回清单", ["工作表", "行", "列", "问题"], rows)])


def _mark(sheet: Worksheet, problems: Sequence[Problem]) -> None:
    columns = _columns(sheet, {problem.place.column for problem in problems})
    sentences: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for problem in problems:
        column = columns.get(problem.place.column, 1)
        sentences[problem.place.row, column].append(problem.fault.sentence)
    for (row, column), said in sentences.items():
        cell = sheet.cell(row, column)
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
    for row in sheet.iter_rows(max_row=_HEADING_ROWS):
        found = {
            wanted[text]: cell.column
            for cell in row
            if isinstance(cell.value, str)
            and (text := squeezed(cell.value).rstrip("*")) in wanted
            and cell.column
        }
        if len(found) > len(best):
            best = found
    return best


_HEADING_ROWS = 30  # as far as reading looks for the heading row


def _mask(sheet: Worksheet) -> None:
    """Identity-card numbers do not come back either (spec §2)."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                masked = mask_identity_numbers(cell.value)
                if masked != cell.value:
                    cell.value = masked
