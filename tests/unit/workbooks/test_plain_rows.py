"""Rows and texts taken without the parser are seen as the parser sees them, or left to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

import pytest

from lib.errors import UnreadableError
from lib.workbooks.plain_rows import plain_rows, plain_texts
from lib.workbooks.watching import IdentityNumbers, SheetWatcher, StretchWatcher, TextsWatcher

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
# Several rows in one stretch, of which each is plain by itself.
STRETCHES = [
    '<row r="1"><c r="A1"><v>1</v></c><c r="IV1"/></row><row r="3"><c r="C3"><v>1</v></c></row>',
    '<row r="1"><c r="B1"/></row><row r="2"><c r="B2"><v>1</v></c></row><row r="9"></row>',
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"/></row><row r="3"></row>',
    '<row r="1"></row><row r="2"></row><row r="2"></row>',
    '<row r="1"></row><row r="3"></row><row r="2"></row>',
    '<row r="1"><c r="A1"/></row><row r="2"><c r="B2"/><c r="A2"/></row>',
    '<row r="1"><c r="Z1"/><c r="AA1"/></row><row r="2"><c r="AA2"/><c r="Z2"/></row>',
    f'<row r="1">{inline("A1", "x")}</row><row r="2">{inline("A2", IDENTITY_NUMBER)}</row>',
    f'<row r="1"></row><row r="2">{inline("A2", "&#49;")}</row><row r="3"></row>',
    f'<row r="1"></row><row r="2">{inline("A2", chr(0xFFFF))}</row><row r="3"></row>',
    f'<rPr><row r="1"></row><row r="2">{inline("A2", IDENTITY_NUMBER)}</row></rPr>',
    "".join(f'<row r="{n}">{inline(f"A{n}", f"{n}" * 3)}</row>' for n in range(1, 80)),
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

    def takes_plain(self, _data: bytes, _at: int) -> int:
        """Nothing."""
        return 0


class TextsByParser(TextsWatcher):
    """Takes no text by itself."""

    def takes_plain(self, _data: bytes, _at: int) -> int:
        """Nothing."""
        return 0


def seen(watcher: StretchWatcher, pieces: Iterator[bytes]) -> dict[str, Any] | str:
    """All that a watcher notes of a part, or why it is refused."""
    try:
        for piece in pieces:
            watcher.feed(piece)
        watcher.feed(b"", final=True)
    except UnreadableError as refusal:
        return refusal.sentence
    except expat.ExpatError:
        return "no XML"
    noted = asdict(watcher.seen) if isinstance(watcher, SheetWatcher) else {}
    return noted | asdict(watcher.found)


def cut(data: bytes, length: int) -> Iterator[bytes]:
    """The bytes in pieces."""
    return (data[at : at + length] for at in range(0, len(data), length))


@pytest.mark.parametrize("length", [1, 7, 64, 1 << 16])
@pytest.mark.parametrize("rows", [*PLAIN, *STRETCHES, *ODD])
@pytest.mark.parametrize("head", [HEAD, BARE_HEAD, f"<?xml version='1.0' encoding='ascii'?>{HEAD}"])
def test_a_sheet_is_seen_as_the_parser_sees_it(head: str, rows: str, length: int) -> None:
    closing = '<row r="90"><c r="D90"><v>1</v></c></row>'
    for around in (rows, f"{rows}{closing}", f'<row r="1"></row >{rows}{closing}'):
        data = f"{head}{around}{TAIL}".encode()
        by_parser = seen(ParserOnly(IdentityNumbers()), cut(data, length))
        assert seen(SheetWatcher(IdentityNumbers()), cut(data, length)) == by_parser


@pytest.mark.parametrize("row", PLAIN)
def test_a_plain_row_is_known(row: str) -> None:
    found = plain_rows(row.encode(), 0, of_excel=True)
    assert found is not None
    assert found.written == row.encode()


def test_plain_rows_say_what_stands_in_them() -> None:
    rows = (
        f'<row r="7"><c r="A7"><v>1</v></c><c r="B7" s="3"/>{inline("C7", "张伟")}</row>'
        '<row r="8"><c r="A8" s="1"><v>1</v></c><c r="D8"/></row><row r="9"><c r="A9"/></row>'
    )
    found = plain_rows(f"{rows}<row>".encode(), 0, of_excel=False)
    assert found is not None
    assert found.written == rows.encode()
    assert found.numbers() == [7, 8, 9]
    assert found.orders() == {b"A B C", b"A D", b"A"}
    assert (found.filled_columns(), found.last_filled()) == ({b"A", b"C"}, 8)
    assert found.texts == ["张伟"]


def test_bytes_that_are_no_utf_8_are_no_plain_row() -> None:
    assert plain_rows(inline_row(b"\xff"), 0, of_excel=False) is None
    assert plain_texts(b"<si><t>\xff</t></si>", 0) is None


def inline_row(text: bytes) -> bytes:
    """A row of one cell of text."""
    return b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + text + b"</t></is></c></row>"


def item(inside: str) -> str:
    """A shared text."""
    return f"<si>{inside}</si>"


PHONETIC = '<phoneticPr fontId="1" type="noConversion"/>'
TEXTS = [
    item("<t>张伟</t>"),
    item("<t></t>"),
    item(f'<t xml:space="preserve"> x </t>{PHONETIC}'),
    item("<t>x</t>") + item(f"<t>{IDENTITY_NUMBER}</t>{PHONETIC}"),
    item("<t>1101051949</t>") + item("<t>1231002X</t>"),
]
ODD_TEXTS = [
    item("<t/>"),
    item("<t>a&amp;b</t>"),
    item("<t>]]></t>"),
    item(f"<t>{chr(1)}</t>"),
    item(f"<t>{chr(0xFFFE)}</t>"),
    item("<t>11010519491</t><t>231002X</t>"),
    item("<r><rPr><b/></rPr><t>1101051949</t></r><r><t>1231002X</t></r>"),
    item("<t>1101051949</t><rPh sb='0' eb='1'><t>1231002X</t></rPh>"),
    f"<!-- </si>{item('<t>x</t>')} -->",
    f"<![CDATA[</si>{item('<t>x</t>')}]]>",
    f"<rPr>{item(f'<t>{IDENTITY_NUMBER}</t>')}{item('<t>x</t>')}</rPr>",
    f"<a b='{IDENTITY_NUMBER}'/>",
    "<si></si >",
    f"{IDENTITY_NUMBER}{item('<t>x</t>')}",
    item(f'<t>x</t><phoneticPr fontId="{IDENTITY_NUMBER}"/>'),
]


@pytest.mark.parametrize("length", [1, 7, 1 << 16])
@pytest.mark.parametrize("texts", [*TEXTS, *ODD_TEXTS])
def test_shared_texts_are_seen_as_the_parser_sees_them(texts: str, length: int) -> None:
    first, last = item("<t>始</t>"), item("<t>终</t>")
    for encoding in ("", "<?xml version='1.0' encoding='us-ascii'?>"):
        for around in (texts, f"{first}{texts}", f"{first}{texts}{last}"):
            data = f'{encoding}<sst xmlns="urn:m">{around}</sst>'.encode()
            by_parser = seen(TextsByParser(IdentityNumbers()), cut(data, length))
            assert seen(TextsWatcher(IdentityNumbers()), cut(data, length)) == by_parser


@pytest.mark.parametrize("texts", TEXTS)
def test_plain_texts_are_known(texts: str) -> None:
    found = plain_texts(texts.encode(), 0)
    assert found is not None
    assert found.written == texts.encode()
