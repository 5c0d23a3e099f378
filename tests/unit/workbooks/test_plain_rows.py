"""Rows taken without the parser are seen as the parser sees them, or are left to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import pytest

from lib.errors import UnreadableError
from lib.workbooks.plain_rows import plain_row
from lib.workbooks.watching import IdentityNumbers, SheetWatcher

if TYPE_CHECKING:
    from collections.abc import Iterator

IDENTITY_NUMBER = "11010519491231002X"
HEAD = '<worksheet xmlns="urn:m" xmlns:x14ac="urn:x"><sheetData>'
BARE_HEAD = '<worksheet xmlns="urn:m"><sheetData>'
TAIL = "</sheetData></worksheet>"


def inline(place: str, text: str) -> str:
    """A cell of text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


PLAIN = [
    '<row r="1"></row>',
    '<row r="1" spans="1:2" s="4" customFormat="1" ht="14.25" customHeight="1"><c r="B1"/></row>',
    '<row r="1" spans="1:9" x14ac:dyDescent="0.25"><c r="A1" s="2" t="s"><v>12</v></c></row>',
    '<row r="7"><c r="A7"><v>-1.25</v></c><c r="AB7" t="n"><v>449</v></c><c r="AC7" s="1"/></row>',
    f'<row r="2">{inline("A2", "张伟")}{inline("C2", IDENTITY_NUMBER)}</row>',
]
# Each is another row to the parser, or none, than it would be to whoever looks at patterns only.
ODD = [
    f'<row r="1">{inline("A1", "a&amp;b")}</row>',
    f"<row r='1'>{inline('A1', 'x')}</row>",
    '<row r="1"><c r="A2"><v>1</v></c></row>',
    '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
    '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>',
    '<row r="1"><c r="A1"><f>B1</f></c></row>',
    '<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>',
    '<row r="1"><c r="A1"><v>110105194912310021</v></c></row>',
    '<row r="1"><c r="A1"><v>1E400</v></c></row>',
    '<row r="1"><c r="A1"><v>abc</v></c></row>',
    '<row r="1"><c r="A1" s="1" s="1"/></row>',
    f'<row r="1">{inline("A1", "]]>")}</row>',
    f'<row r="1">{inline("A1", chr(0xFFFE))}</row>',
    f'<row r="1">{inline("A1", chr(1))}</row>',
    '<row r="1"><c r="A1"><is><t>x</t></is></c></row>',
    '<row r="2"></row><row r="1"></row>',
    '<row r="1"></row><row r="1"></row>',
    f'<!-- <row r="1"></row> --><row r="2">{inline("A2", "x")}</row>',
    f'<row r="1"></row ><!-- </row><row r="3">{inline("A3", "x")}</row> -->',
    f'<row r="1"></row ><![CDATA[</row><row r="3">{inline("A3", "x")}</row>]]>',
    f'<?x </row><row r="3">{inline("A3", "x")}</row> ?>',
    '<row r="1"><c r="A1"><v>1<row r="2"></row></v></c></row>',
    f'<row r="1"></row>{IDENTITY_NUMBER}<row r="2"></row>',
    '<row r="1"><c r="A1"><v>1</v></c></row><f>x</f>',
]


class ParserOnly(SheetWatcher):
    """Takes no row by itself."""

    def _take_plain_rows(self, _data: bytes, at: int) -> int:
        return at


def seen(watcher: SheetWatcher, pieces: Iterator[bytes]) -> dict[str, Any] | str:
    """All that a watcher notes of a sheet, or why it is refused."""
    try:
        for piece in pieces:
            watcher.feed(piece)
        watcher.feed(b"", final=True)
    except UnreadableError as refusal:
        return refusal.sentence
    except expat.ExpatError:
        return "no XML"
    return asdict(watcher.seen) | asdict(watcher.found)


def cut(data: bytes, length: int) -> Iterator[bytes]:
    """The bytes in pieces."""
    return (data[at : at + length] for at in range(0, len(data), length))


@pytest.mark.parametrize("length", [1, 7, 64, 1 << 16])
@pytest.mark.parametrize("rows", [*PLAIN, *ODD])
@pytest.mark.parametrize("head", [HEAD, BARE_HEAD, f"<?xml version='1.0' encoding='ascii'?>{HEAD}"])
def test_a_sheet_is_seen_as_the_parser_sees_it(head: str, rows: str, length: int) -> None:
    closing = '<row r="90"><c r="D90"><v>1</v></c></row>'
    for around in (rows, f"{rows}{closing}", f'<row r="1"></row >{rows}{closing}'):
        data = f"{head}{around}{TAIL}".encode()
        by_parser = seen(ParserOnly(IdentityNumbers()), cut(data, length))
        assert seen(SheetWatcher(IdentityNumbers()), cut(data, length)) == by_parser


@pytest.mark.parametrize("row", PLAIN)
def test_a_plain_row_is_known(row: str) -> None:
    found = plain_row(row.encode(), 0, of_excel=True)
    assert found is not None
    assert found.end == len(row.encode())


def test_a_plain_row_says_what_stands_in_it() -> None:
    row = f'<row r="7"><c r="A7"><v>1</v></c><c r="B7" s="3"/>{inline("C7", "张伟")}</row>'.encode()
    found = plain_row(row, 0, of_excel=False)
    assert found is not None
    assert (found.number, found.columns) == (7, ("A", "B", "C"))
    assert (found.filled, found.texts) == (["A", "C"], ["张伟"])


def test_bytes_that_are_no_utf_8_are_no_plain_row() -> None:
    assert plain_row(inline_row(b"\xff"), 0, of_excel=False) is None


def inline_row(text: bytes) -> bytes:
    """A row of one cell of text."""
    return b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + text + b"</t></is></c></row>"
