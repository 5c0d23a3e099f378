"""The process in which an uploaded workbook is marked: `python -m lib.workbooks.marker`.

On standard input a line of JSON, `{"marks": [[sheet, row, heading, sentence]], "mends": [[sheet,
row, slug, text]], "said": [[item, value]]}`, and then the workbook; on standard output the
workbook, mended and marked.
Whatever openpyxl cannot cope with ends the process. What it leaves out is missing in the copy:
text boxes and other shapes, pictures that WPS keeps inside cells, sparklines, threads of comments,
settings of a printer; formulas have no value until a program has computed them.
"""

from __future__ import annotations

import io
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText

from lib.logs import LOG_KINDS
from lib.text import mask_identity_numbers, squeezed
from lib.workbooks import marks, process
from lib.workbooks.cells import put
from lib.workbooks.explained import append
from lib.workbooks.identity import masked_number
from lib.workbooks.look import sheet_parts
from lib.workbooks.marks import Mark
from lib.workbooks.reading import HEADING_ROWS, heading_in, heading_row
from lib.workbooks.validations import extended_validations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from lib.fields import Field
    from lib.logs.kind import LogKind

    Said = tuple[int, str, str]  # row, heading or slug, sentence or text

_KINDS = {squeezed(kind.sheet): kind for kind in LOG_KINDS.values()}


def marked(given: bytes) -> bytes:
    """The workbook with the mends in their cells and the sentences at theirs."""
    line, _, data = given.partition(b"\n")
    asked = json.loads(line)
    workbook = load_workbook(io.BytesIO(data), rich_text=True)
    _restore_validations(workbook.worksheets, data)
    for sheet in workbook.worksheets:
        _mask(sheet)
        marks.take_off(sheet)
    laid_out = [_Laid.out(sheet) for sheet in workbook.worksheets]
    for laid, mends in _by_sheet(laid_out, asked["mends"]):
        _mend(laid, mends)
    _mark(workbook, _by_sheet(laid_out, asked["marks"]))
    if asked.get("said"):
        append(workbook, asked["said"])
    for sheet in workbook.worksheets:
        _fit_notes(sheet)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


@dataclass(frozen=True)
class _Laid:
    """A sheet, the kind it is named for, and where that kind's columns stand, by heading."""

    sheet: Worksheet
    kind: LogKind | None
    columns: Mapping[str, int]
    first: int = 1

    @classmethod
    def out(cls, sheet: Worksheet) -> _Laid:
        """The sheet, its headings found as they are when it is read."""
        kind = _KINDS.get(squeezed(sheet.title))
        rows = [list(row) for row in sheet.iter_rows(max_row=HEADING_ROWS, values_only=True)]
        if kind is None or not rows:
            return cls(sheet, kind, {})
        headings = {squeezed(field.heading): field.heading for field in kind.fields}
        row = rows[heading_row(rows, headings)]
        written = {column: heading_in(value) for column, value in enumerate(row, 1) if value}
        columns = {headings[text]: at for at, text in written.items() if text in headings}
        return cls(sheet, kind, columns, min(written, default=1))


def _by_sheet(
    laid_out: Sequence[_Laid], said: Iterable[Sequence[Any]]
) -> list[tuple[_Laid, list[Said]]]:
    """What is said of each sheet, in the order of the sheets."""
    by_title: defaultdict[str, list[Said]] = defaultdict(list)
    for title, row, where, what in said:
        by_title[squeezed(title)].append((row, where, what))
    found = ((laid, by_title.get(squeezed(laid.sheet.title))) for laid in laid_out)
    return [(laid, of_sheet) for laid, of_sheet in found if of_sheet]


def _mend(laid: _Laid, mends: Iterable[Said]) -> None:
    """Write what was put on the page into its cells, as the column's type keeps it."""
    fields = laid.kind.by_slug if laid.kind else {}
    for row, slug, text in mends:
        column = laid.columns.get(fields[slug].heading) if slug in fields else None
        if column is not None:
            _write(laid.sheet.cell(row, column), _value(fields[slug], text))


def _value(field: Field, text: str) -> str | int | Decimal | date | None:
    """A day or a number where the column holds such, else the text as it was typed."""
    value = field.read(text)
    return value if isinstance(value, int | Decimal | date) else text or None


def _write(cell: Any, value: str | int | Decimal | date | None) -> None:  # noqa: ANN401 - openpyxl
    if isinstance(value, str):
        put(cell, value)
    else:
        cell.value = value


def _mark(workbook: Workbook, said: Sequence[tuple[_Laid, list[Said]]]) -> None:
    """Mark the cells, numbered through, and open the workbook at the first of them."""
    placed = [(laid.sheet, _placed(laid, sentences)) for laid, sentences in said]
    total = sum(len(places) for _, places in placed)
    numbers = count(1)
    for sheet, places in placed:
        ours = [
            Mark(*place, sentences, f"{next(numbers)}/{total}")
            for place, sentences in sorted(places.items())
        ]
        marks.put(sheet, ours)
        marks.open_at(sheet, ours[0].row, ours[0].column)
    _open(workbook, [sheet for sheet, _ in placed if sheet.sheet_state == "visible"])


def _placed(laid: _Laid, said: Iterable[Said]) -> Mapping[tuple[int, int], Sequence[str]]:
    """The sentences by the cell to be mended: a whole row's stand at its first."""
    sentences: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for row, heading, sentence in said:
        sentences[row, laid.columns.get(heading, laid.first)].append(sentence)
    return sentences


def _open(workbook: Workbook, marked_sheets: Sequence[Worksheet]) -> None:
    """Show the first marked sheet alone: of several selected ones, all would be typed into."""
    if marked_sheets:
        workbook.active = marked_sheets[0]
        for sheet in workbook.worksheets:
            sheet.sheet_view.tabSelected = sheet is marked_sheets[0]


def _restore_validations(sheets: Iterable[Worksheet], data: bytes) -> None:
    """Give back the drop-downs that openpyxl leaves out."""
    parts = sheet_parts(data)
    for sheet in sheets:
        for validation in extended_validations(data, parts[sheet.title]):
            sheet.add_data_validation(validation)


def _mask(sheet: Worksheet) -> None:
    """Identity-card numbers do not come back either (spec §2)."""
    for cell in marks.cells_of(sheet):
        if isinstance(cell.value, str | CellRichText):
            masked = mask_identity_numbers(str(cell.value))
            if masked != str(cell.value):
                put(cell, masked)
        elif isinstance(cell.value, int | float):
            number = masked_number(str(cell.value))
            if number is not None:
                cell.value = number
        if cell.comment:
            cell.comment.text = mask_identity_numbers(cell.comment.text)


def _fit_notes(sheet: Worksheet) -> None:
    for cell in marks.cells_of(sheet):
        if cell.comment:
            marks.fit(cell.comment)


if __name__ == "__main__":
    process.serve(marked)
