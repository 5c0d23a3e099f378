"""The workbook to fill in, derived from the declarations alone: headings, notes, drop-downs.

It may be filled in beforehand with whom and what a team still has to see.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from lib.fields import Choice, Code, Count, Day, Field, Money
from lib.logs.references import LocalityName, NameOf, People
from lib.workbooks.cells import put
from lib.workbooks.drop_downs import Lists, validation
from lib.workbooks.explained import append
from lib.workbooks.mark import (
    EXAMPLE,
    NUMBER,
    OPTIONS_SHEET,
    PLACE,
    TO_DO,
    VERSION,
    OwnRows,
    columns_of_mark,
    contents,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

    from lib.contract import Contract
    from lib.fields import Plain
    from lib.logs.kind import LogKind
    from lib.rosters import Roster

HEADING_ROW = 3
EXAMPLE_ROW = HEADING_ROW + 1
FIRST_ROW = EXAMPLE_ROW + 1
PREPARED_ROWS = 200  # a month's
_SPARE_ROWS = 100  # below many pre-filled ones

_TITLE = Font(bold=True, size=14)
_BOLD = Font(bold=True)
_SHOWN = Font(italic=True, color="808080")
_CENTRED = Alignment(horizontal="center", vertical="center")
_WRAPPED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_FILLED_IN = Alignment(vertical="center", wrap_text=True)
_REQUIRED = PatternFill("solid", fgColor="FFF2CC")
_OPTIONAL = PatternFill("solid", fgColor="F2F2F2")
_GIVEN = PatternFill("solid", fgColor="EAF1FB")
_TAB = "5B8DD6"
_THIN, _THICK = Side(style="thin", color="BFBFBF"), Side(style="medium", color="7F7F7F")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_BOX_OF_NEXT_PLACE = Border(left=_THIN, right=_THIN, top=_THICK, bottom=_THIN)
_DAY_FORMAT, _TEXT_FORMAT = "yyyy-mm-dd", "@"
_WIDTHS = {Day: 12, Count: 10, Money: 12, Choice: 13, LocalityName: 15, People: 18, NameOf: 11}
_HELPING_WIDTHS = {NUMBER: 6, PLACE: 14, TO_DO: 20}
_CODE_WIDTH, _TEXT_WIDTH = 15, 18
_ROW_HEIGHT, _HEADING_HEIGHT = 21, 32  # to write in by hand, too
_BOXED_ROWS = 18  # a printed sheet's, where nothing else fills one
_A4 = 9  # as Excel numbers paper sizes
_MARGINS = PageMargins(0.4, 0.4, 0.5, 0.75, header=0.3, footer=0.35)  # inches


@dataclass(frozen=True)
class PrefilledRow:
    """What stands in a row from the start: cells by field slug, where it is, and what is to do."""

    cells: Mapping[str, str]
    place: str
    to_do: str = ""


@dataclass(frozen=True)
class Prefilled:
    """For which team a template was filled in, as of which day; the rows by the kind's slug.

    One without a team has no rows: it is for anybody.
    """

    team: str = ""
    day: date | None = None
    rows: Mapping[str, Sequence[PrefilledRow]] = field(default_factory=dict)

    def of(self, kind: LogKind) -> Sequence[PrefilledRow]:
        """The rows of one kind."""
        return self.rows.get(kind.slug, ())


def template(
    kinds: Sequence[LogKind],
    roster: Roster,
    contract: Contract,
    prefilled: Prefilled = Prefilled(),
    said: Sequence[Sequence[Plain]] = (),
) -> bytes:
    """An .xlsx with a sheet for each kind, lists of the roster's names beside it, hidden.

    What is `said` of it stands on a last sheet of its own.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.title = f"{contract.name} 工作日志模板"
    workbook.properties.version = str(VERSION)
    sheets = [_Sheet(workbook, kind, prefilled, _example(kind, roster, contract)) for kind in kinds]
    lists = Lists(workbook.create_sheet(OPTIONS_SHEET))
    for column in columns_of_mark({sheet.kind.sheet: sheet.own_rows for sheet in sheets}):
        lists.write(column)
    for sheet in sheets:
        sheet.write()
        sheet.validate(roster, contract, lists)
    if said:
        append(workbook, said)
    given = (number for number, kind in enumerate(kinds) if prefilled.of(kind))
    workbook.active = next(given, 0)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _example(kind: LogKind, roster: Roster, contract: Contract) -> Mapping[str, Plain]:
    """A row that shows how to fill the others, by field slug; every name in it is made up."""
    shown = {field.slug: _shown(field, roster, contract) for field in kind.fields}
    return {slug: value for slug, value in shown.items() if value is not None}


def _shown(field: Field, roster: Roster, contract: Contract) -> Plain:
    """What the example shows in a column; None for an empty cell."""
    match field.type:
        case Day():
            return contract.start
        case Choice(options=options):
            return options[0]
        case People():
            return "示例甲、示例乙"
        case LocalityName():
            return next((place.name for place in roster.localities.values()), None)
        case _ if field.suggestions:
            return field.suggestions[0]
        case _:
            return field.example


class _Sheet:
    """One kind's sheet: title, byline and headings as the offices' own ledgers have them."""

    def __init__(
        self, workbook: Workbook, kind: LogKind, prefilled: Prefilled, example: Mapping[str, Plain]
    ) -> None:
        self.kind = kind
        self._sheet: Worksheet = workbook.create_sheet(kind.sheet)
        self._prefilled = prefilled
        self._rows = prefilled.of(kind)
        self._example = example
        self._columns = _columns_of(kind, self._rows)

    @property
    def own_rows(self) -> OwnRows:
        """What stands in the sheet's rows from the start."""
        return OwnRows(contents(self._example), tuple(contents(row.cells) for row in self._rows))

    @property
    def _last_row(self) -> int:
        """The last row that is prepared to be filled in."""
        return EXAMPLE_ROW + max(PREPARED_ROWS, len(self._rows) + _SPARE_ROWS)

    def write(self) -> None:
        """Write everything but the drop-downs."""
        self._write_head()
        for column, heading in enumerate(self._columns, 1):
            self._write_heading(column, heading)
            self._prepare(column, heading)
        for row in range(EXAMPLE_ROW, EXAMPLE_ROW + max(len(self._rows), _BOXED_ROWS) + 1):
            self._draw_row(row)
        self._write_example()
        for number, prefilled in enumerate(self._rows, 1):
            self._write_row(number, prefilled)
        self._set_up_page()

    def validate(self, roster: Roster, contract: Contract, lists: Lists) -> None:
        """Let Excel offer and check what it can, in every prepared row."""
        for column, heading in enumerate(self._columns, 1):
            if isinstance(heading, Field):
                found = validation(heading, roster, contract, lists, self._prefilled.team)
                if found:
                    letter = get_column_letter(column)
                    found.add(f"{letter}{EXAMPLE_ROW}:{letter}{self._last_row}")
                    self._sheet.add_data_validation(found)

    def _write_head(self) -> None:
        columns = len(self._columns)
        self._sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=columns)
        title = self._sheet.cell(1, 1, f"{self.kind.sheet.removesuffix('工作')}工作台账")
        title.font, title.alignment = _TITLE, _CENTRED
        made = ""
        if self._rows:
            made = f"　　按截至 {self._prefilled.day} 的待办预填 {len(self._rows)} 行"
        self._put(2, 1, f"填报单位：{self._prefilled.team}{made}")
        self._put(2, columns - 1, "填报人：")

    def _write_heading(self, column: int, heading: Field | str) -> None:
        cell = self._sheet.cell(HEADING_ROW, column)
        cell.font, cell.alignment, cell.border, cell.fill = _BOLD, _WRAPPED, _BOX, _OPTIONAL
        width = _HELPING_WIDTHS.get(str(heading), _TEXT_WIDTH)
        if isinstance(heading, Field):
            cell.value, cell.comment = heading.heading, _note(heading)
            cell.fill = _REQUIRED if heading.required else _OPTIONAL
            usual = _CODE_WIDTH if isinstance(heading.type, Code) else _TEXT_WIDTH
            width = _WIDTHS.get(type(heading.type), usual)
        else:
            cell.value = heading
        self._sheet.column_dimensions[get_column_letter(column)].width = width

    def _prepare(self, column: int, heading: Field | str) -> None:
        """Let days look like days, and keep long codes from being taken for numbers."""
        kind = heading.type if isinstance(heading, Field) else None
        if isinstance(kind, Day | Code):
            shape = _DAY_FORMAT if isinstance(kind, Day) else _TEXT_FORMAT
            for row in range(EXAMPLE_ROW, self._last_row + 1):
                self._sheet.cell(row, column).number_format = shape

    def _draw_row(self, row: int) -> None:
        self._sheet.row_dimensions[row].height = _ROW_HEIGHT
        for column, heading in enumerate(self._columns, 1):
            short = heading == NUMBER or (isinstance(heading, Field) and heading.type == Day())
            cell = self._sheet.cell(row, column)
            cell.border, cell.alignment = _BOX, _WRAPPED if short else _FILLED_IN

    def _write_example(self) -> None:
        for column, heading in enumerate(self._columns, 1):
            slug = heading.slug if isinstance(heading, Field) else ""
            value = EXAMPLE if heading == NUMBER else self._example.get(slug)
            self._put(EXAMPLE_ROW, column, value).font = _SHOWN
        number = self._sheet.cell(EXAMPLE_ROW, 1)
        number.comment = _said("这一行只示范怎么填，不会读取。请从下一行填起。")

    def _write_row(self, number: int, row: PrefilledRow) -> None:
        """A pre-filled row; a line above it where another place begins."""
        above = self._rows[number - 2] if number > 1 else row
        helping: Mapping[str, Plain] = {NUMBER: number, PLACE: row.place, TO_DO: row.to_do or None}
        for column, heading in enumerate(self._columns, 1):
            known = row.cells.get(heading.slug) if isinstance(heading, Field) else helping[heading]
            cell = self._put(EXAMPLE_ROW + number, column, known)
            cell.border = _BOX if above.place == row.place else _BOX_OF_NEXT_PLACE
            if known is not None:
                cell.fill = _GIVEN

    def _put(self, row: int, column: int, value: Plain) -> Cell | MergedCell:
        """The cell, written."""
        cell = self._sheet.cell(row, column)
        put(cell, value)
        return cell

    def _set_up_page(self) -> None:
        """The head stays in sight; printed, it stands on each A4 page, all columns on one."""
        sheet = self._sheet
        sheet.row_dimensions[HEADING_ROW].height = _HEADING_HEIGHT
        sheet.freeze_panes = f"C{HEADING_ROW + 1}"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = _A4
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.print_title_rows = f"1:{HEADING_ROW}"
        sheet.page_margins = _MARGINS
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"  # type: ignore[union-attr]
        if self._rows:
            sheet.sheet_properties.tabColor = _TAB


def _columns_of(kind: LogKind, rows: Sequence[PrefilledRow]) -> Sequence[Field | str]:
    """The kind's columns, between those of ours that help to fill them in.

    The place of a pre-filled row stands in front, unless the kind has a column for it.
    """
    says_place = any(isinstance(field.type, LocalityName) for field in kind.fields)
    place = [PLACE] if rows and not says_place else []
    to_do = [TO_DO] if any(row.to_do for row in rows) else []
    return [NUMBER, *place, *kind.fields, *to_do]


def _note(field: Field) -> Comment:
    """What to write under a heading."""
    need = "必填" if field.required else "可不填"
    return _said(f"{need}。{field.type.hint}")


def _said(words: str) -> Comment:
    return Comment(words, "系统", height=90, width=220)
