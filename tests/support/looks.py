"""How a workbook looks to its reader: every cell, and what the sheet does around them."""

from __future__ import annotations

import io
from typing import Any

import openpyxl


def looks_of(data: bytes) -> dict[str, dict[str, Any]]:
    """All that is seen of each sheet, by its name."""
    book = openpyxl.load_workbook(io.BytesIO(data), rich_text=True)
    return {sheet.title: _look(sheet) for sheet in book}


def look_of(data: bytes) -> dict[str, Any]:
    """All that is seen of the first sheet."""
    return next(iter(looks_of(data).values()))


def _look(sheet: Any) -> dict[str, Any]:  # noqa: ANN401 - openpyxl
    setup = sheet.page_setup
    return {
        "cells": {cell.coordinate: _cell(cell) for row in sheet.iter_rows() for cell in row},
        "merged": str(sheet.merged_cells),
        "widths": {key: (each.width, each.hidden) for key, each in sheet.column_dimensions.items()},
        "heights": {key: (each.height, each.hidden) for key, each in sheet.row_dimensions.items()},
        "print": (sheet.freeze_panes, sheet.print_title_rows, setup.orientation),
        "validations": [
            (str(each.sqref), each.type, each.formula1)
            for each in sheet.data_validations.dataValidation
        ],
        "formats": formats_of(sheet),
        "pictures": [(str(each.anchor._from.row), each._data()) for each in sheet._images],  # noqa: SLF001 - nothing public tells
    }


def _cell(cell: Any) -> dict[str, Any]:  # noqa: ANN401 - openpyxl
    return {
        "value": repr(cell.value),
        "fill": repr(cell.fill),
        "style": tuple(map(repr, (cell.font, cell.border, cell.alignment))),
        "format": cell.number_format,
        "note": cell.comment and (cell.comment.text, cell.comment.author),
    }


def formats_of(sheet: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - openpyxl
    """The conditional formats: range, formula, colour; the most pressing first."""
    rules = [(each.sqref, rule) for each in sheet.conditional_formatting for rule in each.rules]
    return [
        (str(cells), rule.formula[0], rule.dxf.fill.bgColor.rgb)
        for cells, rule in sorted(rules, key=lambda each: each[1].priority)
    ]
