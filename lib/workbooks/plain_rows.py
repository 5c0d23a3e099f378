"""Rows of a worksheet, and shared texts, written as Excel, WPS and we write them: no parser needed.

Only what matches a narrow grammar to the last byte is plain: known attributes in their usual
order, cells that name their row, numbers too short to be an identity-card number, texts without
any sign that means something in XML. Whatever differs is nothing this knows, and is left to the
parser: so nothing can be hidden here, for there is no way to write it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_NUMBER = r"-?[0-9]{1,14}+(?:\.[0-9]{1,17}+)?+"
_TEXT = r"<t(?: xml:space=\"preserve\")?>[^<>&\x00-\x1f]*+</t>"
_CELL = (  # what there is most of stands first
    r' t="s"><v>[0-9]{1,7}+</v></c>'
    rf"|><v>{_NUMBER}</v></c>"
    r"|/>"
    rf'| t="n"><v>{_NUMBER}</v></c>'
    rf'| t="inlineStr"><is>{_TEXT}</is></c>'
)
_BEGINNING = (
    r'<row r="([1-9][0-9]{0,6})"(?: spans="[0-9]{1,5}:[0-9]{1,5}")?'
    r'(?: s="[0-9]{1,5}" customFormat="1")?(?: ht="[0-9.]{1,12}"(?: customHeight="1")?)?'
)
_CELLS = rf'>(?:<c r="[A-Z]{{1,3}}+\1"(?: s="[0-9]{{1,5}}+")?+(?:{_CELL}))*+</row>'
_ROWS = re.compile(f"(?:{_BEGINNING}{_CELLS})++".encode())
_ROWS_OF_EXCEL = re.compile(
    f'(?:{_BEGINNING}(?: x14ac:dyDescent="[0-9.]{{1,12}}")?{_CELLS})++'.encode()
)
_PHONETIC = r'<phoneticPr fontId="[0-9]{1,5}"(?: type="[A-Za-z]{1,20}")?/>'
_SHARED = re.compile(f"(?:<si>{_TEXT}(?:{_PHONETIC})?</si>)++".encode())

# What stands in plain rows, none of it in their texts: those hold no pointed bracket.
_ROW_NUMBER = re.compile(rb'<row r="([0-9]++)')
_DIGITS = b"0123456789"  # without which most rows are alike
_COLUMN = re.compile(rb'<c r="([A-Z]++)')
_FILLED_COLUMN = re.compile(rb'<c r="([A-Z]++)[^/>]*+>')
_TEXT_BEGINS = b"<t"
_TEXT_WITHIN = re.compile(r"<t[^>]*+>([^<]++)")
_NO_CHARACTERS = ("\ufffe", "\uffff")  # in XML


@dataclass(frozen=True, slots=True)
class Plain:
    """What is plain, as it is written, and the texts in it."""

    written: bytes
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlainRows(Plain):
    """Rows that follow each other."""

    def numbers(self) -> Sequence[int]:
        """The rows' numbers, from 1."""
        return [int(number) for number in _ROW_NUMBER.findall(self.written)]

    def orders(self) -> Collection[bytes]:
        """Each order of columns in which the cells of a row stand, as letters and blanks."""
        alike = set(self.written.translate(None, _DIGITS).split(b"</row>")[:-1])
        return {b" ".join(_COLUMN.findall(row)) for row in alike}

    def filled_columns(self) -> Collection[bytes]:
        """The letters of the columns in which anything stands."""
        return set(_FILLED_COLUMN.findall(self.written))

    def last_filled(self) -> int:
        """The number of the last row in which anything stands; 0 when nothing does."""
        filled, _, _ = self.written.rpartition(b"</c>")
        row = _ROW_NUMBER.match(filled, filled.rfind(b"<row")) if filled else None
        return int(row[1]) if row else 0


def plain_rows(data: bytes, start: int, *, of_excel: bool) -> PlainRows | None:
    """The plain rows that begin there, in UTF-8; None when none does.

    Only where it is `of_excel` the prefix of Excel's own attributes is known.
    """
    match = (_ROWS_OF_EXCEL if of_excel else _ROWS).match(data, start)
    texts = _texts(match)
    return None if match is None or texts is None else PlainRows(match[0], texts)


def plain_texts(data: bytes, start: int) -> Plain | None:
    """The plain shared texts that begin there, in UTF-8; None when none does."""
    match = _SHARED.match(data, start)
    texts = _texts(match)
    return None if match is None or texts is None else Plain(match[0], texts)


def _texts(match: re.Match[bytes] | None) -> Sequence[str] | None:
    """The texts in what matched; None when a character in it is none."""
    if match is None:
        return None
    if _TEXT_BEGINS not in match[0]:
        return ()
    try:
        written = match[0].decode()
    except UnicodeDecodeError:
        return None
    if any(each in written for each in _NO_CHARACTERS):
        return None
    return _TEXT_WITHIN.findall(written)
