"""The workbook to fill in, derived from the declarations alone: headings, notes, drop-downs."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from lib.fields import Choice, Count, Day, Money
from lib.logs.columns import DAY
from lib.logs.references import LocalityName, People
from lib.workbooks.reading import OPTIONS_SHEET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from openpyxl.worksheet.worksheet import Worksheet

    from lib.contract import Contract
    from lib.fields import Field
    from lib.logs.kind import LogKind
    from lib.rosters import Roster

HEADING_ROW = 3
PREPARED_ROWS = 200
VERSION = "1"

_TITLE = Font(bold=True, size=14)
_BOLD = Font(bold=True)
_CENTRED = Alignment(horizontal="center", vertical="center")
_WRAPPED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_REQUIRED = PatternFill("solid", fgColor="FFF2CC")
_OPTIONAL = PatternFill("solid", fgColor="F2F2F2")
_THIN = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_DAY_FORMAT = "yyyy-mm-dd"
_WIDTHS = {Day: 13, Count: 11, Money: 13, Choice: 15, LocalityName: 17, People: 20}
_TEXT_WIDTH = 24


def template(kinds: Sequence[LogKind], roster: Roster, contract: Contract) -> bytes:
    """An .xlsx with a sheet for each kind, lists of the roster's names beside it, hidden."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.title = f"{contract.name} 工作日志模板"
    workbook.properties.version = VERSION
    sheets = [_sheet(workbook.create_sheet(kind.sheet), kind) for kind in kinds]
    lists = _Lists(workbook.create_sheet(OPTIONS_SHEET))
    for sheet, kind in zip(sheets, kinds, strict=True):
        for column, field in enumerate(kind.fields, 2):
            validation = _validation(field, roster, contract, lists)
            if validation:
                sheet.add_data_validation(validation)
                letter = get_column_letter(column)
                first, last = HEADING_ROW + 1, HEADING_ROW + PREPARED_ROWS
                validation.add(f"{letter}{first}:{letter}{last}")
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _sheet(sheet: Worksheet, kind: LogKind) -> Worksheet:
    """Title, byline and headings, as the offices' own ledgers have them."""
    columns = len(kind.fields) + 1
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=columns)
    title = sheet.cell(1, 1, f"{kind.sheet}工作台账")
    title.font, title.alignment = _TITLE, _CENTRED
    sheet.cell(2, 1, "填报单位：")
    sheet.cell(2, columns - 1, "填报人：")
    _heading(sheet, 1, "序号", required=False)
    sheet.column_dimensions["A"].width = 6
    for column, field in enumerate(kind.fields, 2):
        _heading(sheet, column, field.heading, required=field.required)
        sheet.cell(HEADING_ROW, column).comment = _note(field)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(type(field.type), _TEXT_WIDTH)
        if isinstance(field.type, Day):
            for row in range(HEADING_ROW + 1, HEADING_ROW + PREPARED_ROWS + 1):
                sheet.cell(row, column).number_format = _DAY_FORMAT
    sheet.row_dimensions[HEADING_ROW].height = 30
    sheet.freeze_panes = f"C{HEADING_ROW + 1}"
    return sheet


def _heading(sheet: Worksheet, column: int, text: str, *, required: bool) -> None:
    cell = sheet.cell(HEADING_ROW, column)
    cell.value = text
    cell.font, cell.alignment, cell.border = _BOLD, _WRAPPED, _BOX
    cell.fill = _REQUIRED if required else _OPTIONAL


def _note(field: Field) -> Comment:
    """What to write under a heading."""
    need = "必填" if field.required else "可不填"
    return Comment(f"{need}。{field.type.hint}", "系统", height=90, width=220)


class _Lists:
    """Lists for drop-downs on a hidden sheet: written inline they end at 255 characters."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._columns: dict[tuple[str, ...], int] = {}
        sheet.sheet_state = "veryHidden"

    def reference(self, values: Sequence[str]) -> str:
        """The range that holds these values, written once."""
        listed = tuple(values)
        if listed not in self._columns:
            column = self._columns[listed] = len(self._columns) + 1
            for row, value in enumerate(listed, 1):
                self._sheet.cell(row, column, value)
        letter = get_column_letter(self._columns[listed])
        return f"{quote_sheetname(OPTIONS_SHEET)}!${letter}$1:${letter}${len(listed)}"


def _validation(
    field: Field, roster: Roster, contract: Contract, lists: _Lists
) -> DataValidation | None:
    """What Excel itself checks or offers in a column; None where it cannot help."""
    match field.type:
        case Choice(options=options):
            return _list(lists.reference(options), field, stops=True)
        case LocalityName():
            names = [locality.name for locality in roster.localities.values()]
            return _list(lists.reference(names), field, stops=True) if names else None
        case People():
            names = [person.name for person in roster.staff.values()]
            return _list(lists.reference(names), field, stops=False) if names else None
        case Day():
            first, last = (f"DATE({d.year},{d.month},{d.day})" for d in _days(field, contract))
            return _number("date", first, last, field)
        case Count(limit=limit):
            return _number("whole", "0", str(limit), field)
        case _ if field.suggestions:
            return _list(lists.reference(field.suggestions), field, stops=False)
        case _:
            return None


def _days(field: Field, contract: Contract) -> tuple[date, date]:
    """The row's own day lies in the contract; other days may lie a year beside it."""
    if field is DAY:
        return contract.start, contract.end
    year = timedelta(days=366)
    return contract.start - year, contract.end + year


def _list(reference: str, field: Field, *, stops: bool) -> DataValidation:
    """A drop-down; one that does not stop lets other text in, several names for instance."""
    return DataValidation(
        type="list",
        formula1=f"={reference}",
        allow_blank=True,
        showErrorMessage=stops,
        errorTitle=field.heading,
        error=field.type.hint,
    )


def _number(kind: str, first: str, last: str, field: Field) -> DataValidation:
    return DataValidation(
        type=kind,  # type: ignore[arg-type]
        operator="between",
        formula1=first,
        formula2=last,
        allow_blank=True,
        showErrorMessage=True,
        # A day written as text is read all the same: warn, do not stop.
        errorStyle="warning" if kind == "date" else "stop",
        errorTitle=field.heading,
        error=field.type.hint,
    )
