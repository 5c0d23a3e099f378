"""The process in which an uploaded workbook is opened: `python -m lib.workbooks.worker`.

Bytes on standard input; on standard output a JSON object and rows, `packed`. The object is
`{"refused": sentence}`, or
`{"macros", "sealed", "masked", "values", "sheets": [{"name", "hidden_rows", "merged", "rows"}]}`.
There `masked` names the sheet of each identity-card number in a cell, and is "" for those that
stand anywhere else; `sealed` says that there are parts nobody can look into; `rows` is how many of
the packed rows are the sheet's, every row at its own index.
A row's cells are numbers of `values`, each row up to its last filled cell. Each value of the
workbook stands once there: null at 0, for an empty cell; text, number, true/false; `{"day"}`,
`{"moment"}`, `{"broken"}`, `{"uncomputed"}`. Rows and columns count from 0.
"""

from __future__ import annotations

import gc
import io
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from lib.errors import UnreadableError
from lib.text import mask_identity_numbers
from lib.workbooks import limits, process
from lib.workbooks.look import damaged, look
from lib.workbooks.packed import Packed, numbers, packed
from lib.workbooks.watching import misshapen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from python_calamine import SheetMetadata

    from lib.workbooks.watching import SheetLook


def main(data: bytes) -> bytes:
    """The workbook, or the sentence with which it is refused."""
    try:
        result = parsed(data)
    except UnreadableError as refusal:
        result = Packed({"refused": refusal.sentence}, (), ())
    return packed(result)


def parsed(data: bytes) -> Packed:
    """The workbook as plain values; UnreadableError when it is not one we read."""
    cells = _Cells()
    with _Library(data) as library:
        seen = look(data, library.begin)
        try:
            sheets = [_sheet(sheet, seen.sheet(sheet.name), cells) for sheet in library.sheets()]
        except (CalamineError, ValueError) as error:
            raise misshapen() from error
    values = [_said(value) for value in cells.values]
    masked = _masked(sheets, cells, values)
    found = seen.identity_numbers
    if found.elsewhere or (found.in_cells and not masked):
        masked.append("")
    head = {
        "macros": seen.macros,
        "sealed": seen.sealed,
        "masked": masked,
        "values": values,
        "sheets": sheets,
    }
    return Packed(head, cells.lengths, cells.numbers)


class _Library:
    """The library that reads, in a thread beside: what it reads, others need not wait for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._thread = ThreadPoolExecutor(1)
        self._listed: Future[list[SheetMetadata]] | None = None
        self._begun: dict[str, Future[CalamineSheet]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, name: str) -> None:
        """Have the sheet of this name read."""
        self._list()  # before the first: behind them it would wait for all
        self._begun[name] = self._thread.submit(lambda: self._workbook.get_sheet_by_name(name))

    def sheets(self) -> Iterator[CalamineSheet]:
        """The worksheets, in their order; UnreadableError when one was not begun."""
        for meta in self._list().result():
            if meta.typ is SheetTypeEnum.WorkSheet:
                if meta.name not in self._begun:
                    raise damaged()
                yield self._begun.pop(meta.name).result()

    def _list(self) -> Future[list[SheetMetadata]]:
        """What sheets there are."""
        if self._listed is None:
            self._listed = self._thread.submit(lambda: self._workbook.sheets_metadata)
        return self._listed

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


class _Cells:
    """The cells of all sheets, row after row, by the numbers of their values."""

    def __init__(self) -> None:
        self.values = _Values()
        self.lengths = numbers()
        self.numbers = numbers()

    def add(self, rows: Sequence[Sequence[object]]) -> None:
        """Put rows below."""
        self.lengths.extend(map(len, rows))
        self.numbers.extend(map(self.values.__getitem__, chain.from_iterable(rows)))


def _sheet(sheet: CalamineSheet, seen: SheetLook, cells: _Cells) -> dict[str, Any]:
    """What is said of one sheet, its cells put below those of the sheets before."""
    rows = _rows(sheet, seen)
    cells.add(rows)
    return {
        "name": mask_identity_numbers(sheet.name),
        "hidden_rows": seen.hidden_rows,
        "merged": [_corners(*each) for each in sheet.merged_cell_ranges or []],
        "rows": len(rows),
    }


def _rows(sheet: CalamineSheet, seen: SheetLook) -> list[list[Any]]:
    """The sheet's values, with those that the library leaves out or rounds.

    Each row reaches to its last filled cell.
    """
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    if bool in set(map(type, chain.from_iterable(rows))):  # true would be the same as 1
        rows = [[_Put("truth", v) if isinstance(v, bool) else v for v in row] for row in rows]
    for place in seen.uncomputed:
        _put(rows, place, _Put("uncomputed", what=True))
    for place, text in seen.broken.items():
        _put(rows, place, _Put("broken", text))
    for place, number in seen.numbers.items():
        _put(rows, place, _Put("masked", number))
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    return rows


def _corners(one: tuple[int, int], other: tuple[int, int]) -> Any:  # noqa: ANN401 - JSON
    """The top left and bottom right of a range, from whichever corner it was written."""
    (top, bottom), (left, right) = (sorted(pair) for pair in zip(one, other, strict=True))
    return (top, left), (bottom, right)


def _put(rows: list[list[Any]], place: tuple[int, int], what: _Put) -> None:
    """Set a cell, the grid grown to hold it; cells beyond the limits say nothing."""
    row, column = place
    if row >= limits.ROWS or column >= limits.COLUMNS:
        return
    rows.extend([] for _ in range(row + 1 - len(rows)))
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = what


def _masked(sheets: list[dict[str, Any]], cells: _Cells, said: Sequence[object]) -> list[str]:
    """The name of the sheet of each cell in which an identity-card number is masked."""
    every = zip(cells.values.items(), said, strict=True)
    cut = {number for (value, number), each in every if _is_cut(value, each)}
    if not cut:
        return []
    names = (name for sheet in sheets for name in [sheet["name"]] * sheet["rows"])
    of_cells = chain.from_iterable(map(repeat, names, cells.lengths))
    return [name for name, cell in zip(of_cells, cells.numbers, strict=True) if cell in cut]


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
