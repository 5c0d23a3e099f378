"""The process in which an uploaded workbook is opened: `python -m lib.workbooks.worker`.

Bytes on standard input; on standard output one JSON object: `{"refused": sentence}`, or
`{"macros", "sealed", "masked", "values", "sheets": [{"name", "hidden_rows", "merged", "rows"}]}`.
There `masked` names the sheet of each identity-card number in a cell, and is "" for those that
stand anywhere else; `sealed` says that there are parts nobody can look into.
A row's cells are numbers of `values`, `packed`, each row up to its last filled cell. Each value of
the workbook stands once there: null at 0, for an empty cell; text, number, true/false; `{"day"}`,
`{"moment"}`, `{"broken"}`, `{"uncomputed"}`. Rows and columns count from 0, every row at its own
index.
"""

from __future__ import annotations

import gc
import io
import json
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from lib.errors import UnreadableError
from lib.text import mask_identity_numbers
from lib.workbooks import limits, process
from lib.workbooks.look import damaged, look
from lib.workbooks.packed import packed
from lib.workbooks.watching import misshapen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from lib.workbooks.watching import SheetLook


def main(data: bytes) -> bytes:
    """The workbook, or the sentence with which it is refused."""
    try:
        result = parsed(data)
    except UnreadableError as refusal:
        result = {"refused": refusal.sentence}
    return json.dumps(result, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def parsed(data: bytes) -> dict[str, Any]:
    """The workbook as plain values; UnreadableError when it is not one we read."""
    values = _Values()
    with _Library(data) as library:
        seen = look(data, library.begin)
        try:
            sheets = [_sheet(sheet, seen.sheet(sheet.name), values) for sheet in library.sheets()]
        except (CalamineError, ValueError) as error:
            raise misshapen() from error
    said = [_said(value) for value in values]
    masked = _masked(sheets, values, said)
    numbers = seen.identity_numbers
    if numbers.elsewhere or (numbers.in_cells and not masked):
        masked.append("")
    return {
        "macros": seen.macros,
        "sealed": seen.sealed,
        "masked": masked,
        "values": said,
        "sheets": [sheet | {"rows": packed(sheet["rows"])} for sheet in sheets],
    }


class _Library:
    """The library that reads, in a thread beside: what it reads, others need not wait for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._thread = ThreadPoolExecutor(1)
        self._begun: dict[str, Future[CalamineSheet]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, name: str) -> None:
        """Have the sheet of this name read."""
        self._begun[name] = self._thread.submit(lambda: self._workbook.get_sheet_by_name(name))

    def sheets(self) -> Iterator[CalamineSheet]:
        """The worksheets, in their order; UnreadableError when one was not begun."""
        for meta in self._thread.submit(lambda: self._workbook.sheets_metadata).result():
            if meta.typ is SheetTypeEnum.WorkSheet:
                if meta.name not in self._begun:
                    raise damaged()
                yield self._begun.pop(meta.name).result()

    @cached_property
    def _workbook(self) -> CalamineWorkbook:
        return CalamineWorkbook.from_filelike(io.BytesIO(self._data))


class _Put(NamedTuple):
    """What is put into a cell in place of what the library gives."""

    kind: Literal["uncomputed", "broken", "masked", "truth"]
    what: str | float


class _Values(dict[Any, int]):
    """Every value that stands in a cell, by the number under which it is said; nothing is 0."""

    def __init__(self) -> None:
        super().__init__({"": 0})

    def __missing__(self, value: object) -> int:
        self[value] = number = len(self)
        return number


def _sheet(sheet: CalamineSheet, seen: SheetLook, values: _Values) -> dict[str, Any]:
    """One sheet, with the cells that the library leaves empty or rounds."""
    rows = _rows(sheet, values)
    for row, column in seen.uncomputed:
        _put(rows, row, column, values[_Put("uncomputed", what=True)])
    for (row, column), text in seen.broken.items():
        _put(rows, row, column, values[_Put("broken", text)])
    for (row, column), number in seen.numbers.items():
        _put(rows, row, column, values[_Put("masked", number)])
    return {
        "name": mask_identity_numbers(sheet.name),
        "hidden_rows": seen.hidden_rows,
        "merged": [_corners(*each) for each in sheet.merged_cell_ranges or []],
        "rows": rows,
    }


def _rows(sheet: CalamineSheet, values: _Values) -> list[list[int]]:
    """The sheet's cells by the numbers of their values, each row up to its last filled cell."""
    found: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    if bool in set(map(type, chain.from_iterable(found))):  # true would be the same as 1
        found = [[_Put("truth", v) if isinstance(v, bool) else v for v in row] for row in found]
    rows = [list(map(values.__getitem__, row)) for row in found]
    for row in rows:
        while row and not row[-1]:
            row.pop()
    return rows


def _corners(one: tuple[int, int], other: tuple[int, int]) -> Any:  # noqa: ANN401 - JSON
    """The top left and bottom right of a range, from whichever corner it was written."""
    (top, bottom), (left, right) = (sorted(pair) for pair in zip(one, other, strict=True))
    return (top, left), (bottom, right)


def _put(rows: list[list[int]], row: int, column: int, number: int) -> None:
    """Set a cell, the grid grown to hold it; cells beyond the limits say nothing."""
    if row >= limits.ROWS or column >= limits.COLUMNS:
        return
    rows.extend([] for _ in range(row + 1 - len(rows)))
    rows[row].extend([0] * (column + 1 - len(rows[row])))
    rows[row][column] = number


def _masked(sheets: list[dict[str, Any]], values: _Values, said: list[Any]) -> list[str]:
    """The name of the sheet of each cell in which an identity-card number is masked."""
    cut = {values[value] for value, each in zip(values, said, strict=True) if _is_cut(value, each)}
    if not cut:
        return []
    cells = ((sheet["name"], cell) for sheet in sheets for row in sheet["rows"] for cell in row)
    return [name for name, cell in cells if cell in cut]


def _is_cut(value: object, said: object) -> bool:
    """Whether an identity-card number stands in a value, and is not said."""
    if isinstance(value, _Put):
        return value.kind == "masked"
    return isinstance(value, str) and said != (value or None)


def _said(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value as JSON holds it, identity-card numbers masked (spec §2)."""
    match value:
        case _Put("masked" | "truth", what):
            return what
        case _Put(kind, what):
            return {kind: what}
        case str():
            return mask_identity_numbers(value) or None
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case float() if not math.isfinite(value):
            return {"broken": str(value)}
        case int() | float():
            return value
        case _:
            return str(value)


if __name__ == "__main__":
    gc.disable()  # after one workbook it ends
    process.serve(main)
