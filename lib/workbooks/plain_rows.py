"""Rows of a worksheet's XML written as Excel, WPS and we write them, seen without a parser.

Only what matches a narrow grammar to the last byte is a plain row: known attributes in their usual
order, cells that name their row, numbers too short to be an identity-card number, texts without
any sign that means something in XML. Whatever differs is nothing this knows, and is left to the
parser: so nothing can be hidden here, for there is no way to write it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = r"-?[0-9]{1,14}(?:\.[0-9]{1,17})?"
_TEXT = r"[^<>&\x00-\x1f]*+"
_FILLED = (
    rf'(?: t="n")?><v>{_NUMBER}</v></c>'
    r'| t="s"><v>[0-9]{1,7}</v></c>'
    rf'| t="inlineStr"><is><t(?: xml:space="preserve")?>{_TEXT}</t></is></c>'
)
_BEGINNING = (
    r'<row r="([1-9][0-9]{0,6})"(?: spans="[0-9]{1,5}:[0-9]{1,5}")?'
    r'(?: s="[0-9]{1,5}" customFormat="1")?(?: ht="[0-9.]{1,12}"(?: customHeight="1")?)?'
)
_CELLS = rf'>((?:<c r="[A-Z]{{1,3}}\1"(?: s="[0-9]{{1,5}}")?(?:/>|{_FILLED}))*+)</row>'
_ROW = re.compile(f"{_BEGINNING}{_CELLS}".encode())
_ROW_OF_EXCEL = re.compile(f'{_BEGINNING}(?: x14ac:dyDescent="[0-9.]{{1,12}}")?{_CELLS}'.encode())
# A cell of a plain row: its column, a slash when it is empty, its text when it holds one.
_CELL = re.compile(
    r'<c r="([A-Z]+)[^>]*?(?:(/)>|><(?:v>[^<]*</v>|is><t[^>]*>([^<]*)</t></is>)</c>)'
)
_NO_CHARACTERS = ("\ufffe", "\uffff")  # in XML


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row by its number from 1: its cells' columns, those filled, the texts, where it ends."""

    number: int
    columns: tuple[str, ...]
    filled: Sequence[str]
    texts: Sequence[str]
    end: int


def plain_row(data: bytes, start: int, *, of_excel: bool) -> PlainRow | None:
    """The plain row that begins there, in UTF-8; None when none does.

    Only where it is `of_excel` the prefix of Excel's own attributes is known.
    """
    match = (_ROW_OF_EXCEL if of_excel else _ROW).match(data, start)
    if match is None:
        return None
    try:
        written = match[2].decode()
    except UnicodeDecodeError:
        return None
    if any(each in written for each in _NO_CHARACTERS):
        return None
    cells = _CELL.findall(written)
    return PlainRow(
        number=int(match[1]),
        columns=tuple([column for column, _, _ in cells]),
        filled=[column for column, empty, _ in cells if not empty],
        texts=[text for _, _, text in cells if text],
        end=match.end(),
    )
