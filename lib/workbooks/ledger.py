"""Workbooks laid out as the offices lay out their own ledgers: title, byline, 序号, 合计."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.workbooks.plain import Look, Looking, PlainSheet, letter_of, plain_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lib.fields import Plain
    from lib.workbooks.plain import Row

_WIDTH = 16
_NUMBER_WIDTH = 6


@dataclass(frozen=True)
class LedgerSheet:
    """One sheet: an empty row stays blank; without a title only headings and rows are written.

    `byline` is who fills the ledger in: the unit and the person.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Plain]]
    title: str = ""
    byline: tuple[str, str] = ("", "")


def office_ledger(sheets: Sequence[LedgerSheet]) -> bytes:
    """The .xlsx with these sheets; text stays text, whatever sign it begins with."""
    return plain_workbook([_titled(sheet) if sheet.title else _plain(sheet) for sheet in sheets])


def _plain(sheet: LedgerSheet) -> PlainSheet:
    """Headings and rows."""
    rows = [_heads(sheet.headings), *sheet.rows]
    return PlainSheet(sheet.name, [_WIDTH] * len(sheet.headings), rows)


def _titled(sheet: LedgerSheet) -> PlainSheet:
    """The office's layout, rows numbered and counted."""
    widths = [_NUMBER_WIDTH, *[_WIDTH] * len(sheet.headings)]
    merged = f"A1:{letter_of(len(widths))}1"
    return PlainSheet(sheet.name, widths, _office_rows(sheet), merged)


def _office_rows(sheet: LedgerSheet) -> Iterator[Row]:
    yield [Looking(sheet.title, Look.TITLE)]
    unit, person = sheet.byline
    gap = [None] * max(len(sheet.headings) - 2, 0)
    yield [f"填报单位：{unit}", *gap, f"填报人：{person}"]
    yield _heads(["序号", *sheet.headings])
    number = 0
    for row in sheet.rows:
        number += bool(row)
        yield [number, *row] if row else []
    yield [*_heads(["合计"]), None, f"{number}条"]


def _heads(texts: Sequence[str]) -> Row:
    return [Looking(text, Look.HEAD) for text in texts]
