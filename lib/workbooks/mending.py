"""Cells mended on the page, put into the sheets that were read; the file stays as it was."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from lib.errors import UnreadableError
from lib.fields import BrokenCell, Uncomputed, shown
from lib.logs import LOG_KINDS
from lib.text import squeezed, tidy
from lib.workbooks.reading import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lib.fields import Cell
    from lib.logs.kind import LogKind
    from lib.workbooks.reading import Mend, Sheet, Workbook

_PARTS = re.compile(r"([\s、,，/;；]+)")


def written(cell: Cell) -> str:
    """The whole cell as the text that one would write anew."""
    match cell:
        case None:
            return ""
        case str():
            return tidy(cell)
        case bool():
            return str(cell).upper()
        case BrokenCell():
            return cell.text
        case Uncomputed():
            return "（未计算的公式）"
        case _:
            return shown(cell)


def mended(workbook: Workbook, mends: Sequence[Mend]) -> Workbook:
    """The workbook with the mends put into its cells.

    A mend of a cell that says something else than what the mend was made for is left out.
    """
    by_sheet: defaultdict[str, list[Mend]] = defaultdict(list)
    for mend in mends:
        by_sheet[squeezed(mend.sheet)].append(mend)
    kinds = {squeezed(kind.sheet): kind for kind in LOG_KINDS.values()}
    sheets = list(workbook.sheets)
    done: list[Mend] = []
    for index, sheet in enumerate(sheets):
        name = squeezed(sheet.name)
        if name in by_sheet and sheet is sheet_of(workbook, kinds[name]):
            sheets[index], fitting = _mended(sheet, kinds[name], by_sheet[name])
            done += fitting
    return replace(workbook, sheets=tuple(sheets), mends=tuple(done))


def sheet_of(workbook: Workbook, kind: LogKind) -> Sheet | None:
    """The kind's sheet whose cells can be mended; None unless there is exactly one."""
    name = squeezed(kind.sheet)
    found = [sheet for sheet in workbook.sheets if squeezed(sheet.name) == name]
    return found[0] if len(found) == 1 else None


def _mended(sheet: Sheet, kind: LogKind, mends: Sequence[Mend]) -> tuple[Sheet, Sequence[Mend]]:
    """The sheet mended, and the mends that fitted; a column that it lacks is added at its end."""
    try:
        heading_row, known = layout(sheet, kind.fields)
    except UnreadableError:
        return sheet, ()
    rows = [*sheet.rows]
    width = max(map(len, rows))
    absent = [
        slug for slug in kind.by_slug if slug not in known and slug in {m.field for m in mends}
    ]
    columns = {**known, **{slug: width + index for index, slug in enumerate(absent)}}
    for slug in absent:
        rows[heading_row] = _with(rows[heading_row], columns[slug], kind.by_slug[slug].heading)
    data = range(heading_row + 1, len(rows))
    done = []
    for mend in mends:
        index, column = mend.row - 1, columns.get(mend.field)
        if index in data and column is not None and written(_at(rows[index], column)) == mend.found:
            rows[index] = _with(rows[index], column, mend.put)
            done.append(mend)
    return replace(sheet, rows=rows), done


def _at(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else None


def _with(row: Sequence[Cell], column: int, cell: Cell) -> Sequence[Cell]:
    """The row with another cell, made as long as it must be."""
    longer = [*row, *[None] * (column + 1 - len(row))]
    longer[column] = cell
    return longer


def texts(
    workbook: Workbook, kind: LogKind, rows: Iterable[int]
) -> Mapping[int, Mapping[str, str]]:
    """The cells of these rows of the kind's sheet, as text by field slug; of every field one."""
    sheet = sheet_of(workbook, kind)
    if sheet is None:
        return {}
    _, columns = layout(sheet, kind.fields)
    found = {}
    for number in rows:
        row = sheet.rows[number - 1]
        cells = {slug: _at(row, column) for slug, column in columns.items()}
        found[number] = {field.slug: written(cells.get(field.slug)) for field in kind.fields}
    return found


def put_right(text: str, found: str, right: str) -> str | None:
    """The cell's text with what was wrong in it put right, the other names in it kept.

    None when what was wrong is neither the whole cell nor one name of several.
    """
    wrong = squeezed(found)
    if squeezed(text) == wrong:
        return right
    parts = _PARTS.split(text)
    if not wrong or wrong not in {squeezed(part) for part in parts}:
        return None
    return "".join(right if squeezed(part) == wrong else part for part in parts)
