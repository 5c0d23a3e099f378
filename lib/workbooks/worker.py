"""The process in which an uploaded workbook is opened: `python -m lib.workbooks.worker`.

Bytes on standard input; on standard output one JSON object: `{"refused": sentence}`, or
`{"macros", "sealed", "masked", "sheets": [{"name", "hidden_rows", "merged", "rows"}]}`. There
`masked` names the sheet of each identity-card number in a cell, and is "" for those that stand
anywhere else; `sealed` says that there are parts nobody can look into.
A cell is text, number, true/false or null; `{"day"}`, `{"moment"}`, `{"broken"}`, `{"uncomputed"}`.
Rows and columns count from 0, every row at its own index.
"""

from __future__ import annotations

import io
import json
import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from lib.errors import UnreadableError
from lib.text import mask_identity_numbers
from lib.workbooks import limits, process
from lib.workbooks.look import look
from lib.workbooks.watching import misshapen

if TYPE_CHECKING:
    from lib.workbooks.watching import SheetLook


def main(data: bytes) -> bytes:
    """The workbook, or the sentence with which it is refused."""
    try:
        result = parsed(data)
    except UnreadableError as refusal:
        result = {"refused": refusal.sentence}
    return json.dumps(result, ensure_ascii=False, allow_nan=False).encode()


def parsed(data: bytes) -> dict[str, Any]:
    """The workbook as plain values; UnreadableError when it is not one we read."""
    seen = look(data)
    masked: list[str] = []
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            _sheet(workbook.get_sheet_by_name(meta.name), seen.sheet(meta.name), masked)
            for meta in workbook.sheets_metadata
            if meta.typ is SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, ValueError) as error:
        raise misshapen() from error
    numbers = seen.identity_numbers
    if numbers.elsewhere or (numbers.in_cells and not masked):
        masked.append("")
    return {"macros": seen.macros, "sealed": seen.sealed, "masked": masked, "sheets": sheets}


def _sheet(sheet: CalamineSheet, seen: SheetLook, masked: list[str]) -> dict[str, Any]:
    """One sheet, with the cells that the library leaves empty or rounds."""
    name = mask_identity_numbers(sheet.name)
    rows = [
        [_cell(value, name, masked) for value in _filled(row)]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    for row, column in seen.uncomputed:
        _put(rows, row, column, {"uncomputed": True})
    for (row, column), text in seen.broken.items():
        _put(rows, row, column, {"broken": text})
    for (row, column), number in seen.numbers.items():
        _put(rows, row, column, number)
        masked.append(name)
    return {
        "name": name,
        "hidden_rows": seen.hidden_rows,
        "merged": [_corners(*each) for each in sheet.merged_cell_ranges or []],
        "rows": rows,
    }


def _corners(one: tuple[int, int], other: tuple[int, int]) -> Any:  # noqa: ANN401 - JSON
    """The top left and bottom right of a range, from whichever corner it was written."""
    (top, bottom), (left, right) = (sorted(pair) for pair in zip(one, other, strict=True))
    return (top, left), (bottom, right)


def _filled(row: list[Any]) -> list[Any]:
    """The row up to its last filled cell: the library makes all rows as long as the longest."""
    length = len(row)
    while length and row[length - 1] == "":
        length -= 1
    return row[:length]


def _put(rows: list[list[Any]], row: int, column: int, cell: Any) -> None:  # noqa: ANN401 - JSON
    """Set a cell, the grid grown to hold it; cells beyond the limits say nothing."""
    if row >= limits.ROWS or column >= limits.COLUMNS:
        return
    rows.extend([] for _ in range(row + 1 - len(rows)))
    rows[row].extend([None] * (column + 1 - len(rows[row])))
    rows[row][column] = cell


def _cell(value: Any, sheet: str, masked: list[str]) -> Any:  # noqa: ANN401 - JSON
    """A library value as JSON holds it, identity-card numbers masked (spec §2)."""
    match value:
        case str():
            if not value:
                return None
            text = mask_identity_numbers(value)
            if text != value:
                masked.append(sheet)
            return text
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case float() if not math.isfinite(value):
            return {"broken": str(value)}
        case bool() | int() | float():
            return value
        case _:
            return str(value)


if __name__ == "__main__":
    process.serve(main)
