"""What Excel itself offers or checks in a template's column: lists, days, counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from lib.fields import Choice, Count, Day
from lib.logs.columns import DAY
from lib.logs.references import LocalityName, People
from lib.workbooks.cells import put
from lib.workbooks.mark import OPTIONS_SHEET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from openpyxl.worksheet.worksheet import Worksheet

    from lib.contract import Contract
    from lib.fields import Field, Plain
    from lib.rosters import Roster


class Lists:
    """Lists for drop-downs on the hidden sheet: written inline they end at 255 characters."""

    def __init__(self, sheet: Worksheet) -> None:
        """Hide the sheet, from everybody's menus too."""
        self._sheet = sheet
        self._column = 0
        self._references: dict[tuple[str, ...], str] = {}
        sheet.sheet_state = "veryHidden"

    def write(self, values: Sequence[Plain]) -> str:
        """Write these values below one another in a column of their own; its range."""
        self._column += 1
        for row, value in enumerate(values, 1):
            put(self._sheet.cell(row, self._column), value)
        letter = get_column_letter(self._column)
        return f"{quote_sheetname(OPTIONS_SHEET)}!${letter}$1:${letter}${len(values)}"

    def reference(self, values: Sequence[str]) -> str:
        """The range that holds these values, written once."""
        listed = tuple(values)
        if listed not in self._references:
            self._references[listed] = self.write(listed)
        return self._references[listed]


def validation(
    field: Field, roster: Roster, contract: Contract, lists: Lists, team: str = ""
) -> DataValidation | None:
    """What Excel offers or checks in a column; None where it cannot help.

    The people of `team` are offered first.
    """
    match field.type:
        case Choice(options=options):
            return _list(lists.reference(options), field, stops=True)
        case LocalityName():
            names = [locality.name for locality in roster.localities.values()]
            return _list(lists.reference(names), field, stops=True) if names else None
        case People():
            people = sorted(roster.staff.values(), key=lambda person: person.team != team)
            names = [person.name for person in people]
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
