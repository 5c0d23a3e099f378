"""One form's cells as a workbook of one row: checked, planned and posted like any other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lib.fields import is_empty, shown
from lib.logs.entry import Source
from lib.text import mask_identity_numbers
from lib.workbooks.reading import Sheet, Workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.fields import Cell
    from lib.logs.kind import LogKind


def form_workbook(kind: LogKind, cells: Mapping[str, Cell]) -> Workbook:
    """The cells, by field slug, as the only row of the kind's sheet.

    Identity numbers are masked first. The bytes are the filled cells by heading, as canonical JSON:
    the same form gives the same bytes.
    """
    filled = {slug: _masked(cell) for slug, cell in cells.items() if not is_empty(cell)}
    number_masked = sum(filled[slug] != cells[slug] for slug in filled)
    row = [filled.get(field.slug) for field in kind.fields]
    headings = [field.heading for field in kind.fields]
    return Workbook(
        name=Source.FORM.label,
        data=_canonical(kind, filled),
        sheets=(Sheet(kind.sheet, [headings, row], hidden_rows=frozenset(), merged=()),),
        macros=False,
        masked=(kind.sheet,) * number_masked,
        source=Source.FORM,
    )


def _masked(cell: Cell) -> Cell:
    return mask_identity_numbers(cell) if isinstance(cell, str) else cell


def _canonical(kind: LogKind, filled: Mapping[str, Cell]) -> bytes:
    """What was typed, in the sheet's order, for whoever takes it out to read."""
    typed = {f.heading: _written(filled[f.slug]) for f in kind.fields if f.slug in filled}
    return json.dumps({kind.sheet: typed}, ensure_ascii=False, indent=1).encode()


def _written(cell: Cell) -> str:
    """The cell as text, in full."""
    return cell if isinstance(cell, str) else shown(cell)
