"""Marks on the cells to be mended, a fill and a note: put on, known again, and taken off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

AUTHOR = "系统"
# A shade beside the one that spreadsheet programs offer: nobody's own fill is taken for a mark.
COLOUR = "FFC7CF"
_FILL = PatternFill("solid", fgColor=COLOUR)
_SIGN = "待改"
_OURS = re.compile(rf"【{_SIGN} \d+/\d+】")
_ALWAYS = f'LEN("{_SIGN}")>0'

_NOTE_WIDTH = 320  # pixels
_CHARACTERS_A_LINE = 22
_LINE_HEIGHT = 18


@dataclass(frozen=True)
class Mark:
    """What is to be said at a cell: row and column from 1; the how manieth mark of the file."""

    row: int
    column: int
    sentences: Sequence[str]
    number: str

    @property
    def lines(self) -> Sequence[str]:
        """The sentences, each a line that can be told from what a person wrote."""
        return [f"【{_SIGN} {self.number}】{' '.join(said.split())}" for said in self.sentences]


def cells_of(sheet: Worksheet) -> Iterable[Any]:
    """The cells there are: iterating over rows would make every cell between two far ones."""
    cells: Mapping[tuple[int, int], Any] = sheet._cells  # noqa: SLF001 - as said
    return list(cells.values())


def put(sheet: Worksheet, marks: Iterable[Mark]) -> None:
    """Fill the cells and note what is wrong below what a person has noted there.

    A cell with a fill of its own keeps it: there the mark is a conditional format on top.
    """
    on_top = []
    for mark in marks:
        cell = sheet.cell(mark.row, mark.column)
        if cell.fill.fill_type is None:
            cell.fill = _FILL
        else:
            on_top.append(cell.coordinate)
        before = [cell.comment.text] if cell.comment else []
        author = cell.comment.author if cell.comment else AUTHOR
        cell.comment = Comment("\n".join([*before, *mark.lines]), author)
    if on_top:
        _put_on_top(sheet, on_top)


def _put_on_top(sheet: Worksheet, coordinates: Sequence[str]) -> None:
    """A conditional format for these cells, before any other."""
    colour = DifferentialStyle(fill=PatternFill(bgColor=COLOUR))
    rule = Rule("expression", dxf=colour, formula=[_ALWAYS], priority=1)
    others = _rules_but_ours(sheet)
    for _, other in others:
        other.priority += 1
    _set_rules(sheet, [(" ".join(coordinates), rule), *others])


def take_off(sheet: Worksheet) -> None:
    """Every earlier mark is gone, and every cell as it was before it."""
    for cell in cells_of(sheet):
        if cell.has_style and _is_mark(cell.fill):
            cell.fill = PatternFill()
        if cell.comment and _OURS.search(cell.comment.text):
            cell.comment = _without_ours(cell.comment)
    _set_rules(sheet, _rules_but_ours(sheet))


def _is_mark(fill: Any) -> bool:  # noqa: ANN401 - openpyxl
    colour = fill.fgColor.rgb if fill.fill_type == "solid" else None
    return isinstance(colour, str) and colour.endswith(COLOUR)


def _without_ours(note: Comment) -> Comment | None:
    """What a person wrote, above our lines and below."""
    lines = [line for line in note.text.split("\n") if not _OURS.match(line)]
    return Comment("\n".join(lines), note.author) if "".join(lines).strip() else None


def _rules_but_ours(sheet: Worksheet) -> list[tuple[str, Any]]:
    return [
        (str(formats.sqref), rule)
        for formats in sheet.conditional_formatting
        for rule in formats.rules
        if not any(_SIGN in str(formula) for formula in rule.formula)
    ]


def _set_rules(sheet: Worksheet, rules: Iterable[tuple[str, Any]]) -> None:
    kept = ConditionalFormattingList()
    for cells, rule in rules:
        kept.add(cells, rule)
    sheet.conditional_formatting = kept


def fit(note: Comment) -> None:
    """Make a note's box large enough to be read; its size is not read from the file."""
    lines = sum(max(1, ceil(len(line) / _CHARACTERS_A_LINE)) for line in note.text.split("\n"))
    note.width, note.height = _NOTE_WIDTH, _LINE_HEIGHT * (lines + 1)


def open_at(sheet: Worksheet, row: int, column: int) -> None:
    """Select a cell and scroll to it, the rows above it in sight."""
    view = sheet.sheet_view
    coordinate = sheet.cell(row, column).coordinate
    for selection in view.selection:
        selection.activeCell = selection.sqref = coordinate
    pane = view.pane
    if pane is None:
        view.topLeftCell = sheet.cell(max(1, row - _ROWS_ABOVE), 1).coordinate
    elif pane.state == "frozen":
        first_row, first_column = int(pane.ySplit or 0) + 1, int(pane.xSplit or 0) + 1
        top = max(first_row, row - _ROWS_ABOVE)
        pane.topLeftCell = sheet.cell(top, first_column).coordinate


_ROWS_ABOVE = 3
