"""The sheet by which a workbook says what it is: what was asked, as of when, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.workbooks.cells import put
from lib.workbooks.ledger import LedgerSheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from lib.contract import Contract
    from lib.fields import Plain

EXPLAINED = "说明"
HEADINGS = ("项目", "取值")
_WIDTHS = (22, 60)


@dataclass(frozen=True)
class Question:
    """What a workbook answers, in words; `made` is when and by whom it was made.

    `rows` are its rows of data, `total` what they come to: unit and value.
    """

    contract: Contract
    asked: str
    as_of: date
    rows: int
    total: tuple[str, float]
    names: str
    made: str


@dataclass(frozen=True)
class Answer:
    """A workbook's bytes, and how many rows of data stand in it."""

    data: bytes
    rows: int


def explanation(question: Question, more: Sequence[Sequence[Plain]] = ()) -> LedgerSheet:
    """The sheet; `more` is what this workbook alone has to say."""
    unit, value = question.total
    return LedgerSheet(
        EXPLAINED,
        HEADINGS,
        [
            ["合同", f"{question.contract.name}（{question.contract.code}）"],
            ["内容", question.asked],
            ["截至", question.as_of],
            ["行数", question.rows],
            [f"合计（{unit}）", value],
            ["姓名", question.names],
            *more,
            ["导出", question.made],
        ],
    )


def append(workbook: Workbook, rows: Sequence[Sequence[Plain]]) -> None:
    """Put what a workbook says of itself on its last sheet, in place of what it said before."""
    for sheet in workbook.worksheets:
        if sheet.title == EXPLAINED and _is_ours(sheet):
            workbook.remove(sheet)
    sheet = workbook.create_sheet(EXPLAINED)
    for letter, width in zip("AB", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for number, row in enumerate([HEADINGS, *rows], 1):
        for column, value in enumerate(row, 1):
            put(sheet.cell(number, column), value)


def _is_ours(sheet: Worksheet) -> bool:
    return tuple(cell.value for cell in sheet[1][: len(HEADINGS)]) == HEADINGS
