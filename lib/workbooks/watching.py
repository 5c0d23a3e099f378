"""What is noted while the XML of a workbook's parts streams by: doubtful cells, identity numbers.

A watcher belongs to one part; text is judged block by block, so that runs of different fonts are
one text and neighbouring cells are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar
from xml.parsers import expat

from lib.errors import UnreadableError
from lib.workbooks import limits
from lib.workbooks.identity import holds_identity_number, masked_number
from lib.workbooks.plain_rows import plain_rows, plain_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_RUNS = {"r", "t"}
_RUN_FORMAT = "rPr"
_CELL_TEXTS = {"v", "is", "si"}
_VALUES = {"v", "is"}
_NUMERIC = {"", "n"}
_NUMBER = re.compile(r"[-+]?[0-9.]+([Ee][-+]?[0-9]+)?|[-+]?[A-Za-z]+")  # NaN and inf with it
_TEXTUAL = {"str", "inlineStr"}
_NUMBER_IN_BYTES = re.compile(rb"[0-9](?:[ -]?[0-9]){13,16}[ -]?[0-9Xx]")
_LONGEST_NUMBER = 40  # bytes, blanks and hyphens in it
_LONGEST_PIECE = 1 << 20  # bytes up to a turn that are waited for
_OF_EXCEL = "x14ac"
_ENCODINGS = {None, "utf-8", "us-ascii"}
_HEAD = 4  # bytes that show an encoding of two or more bytes a character


@dataclass
class SheetLook:
    """What the XML of one worksheet shows that the reading library does not tell.

    Cells are (row, column), both from 0; `numbers` are identity-card numbers in numeric cells,
    as they are to be read. What `has_table` is laid out in rows, not a chart or anything else.
    """

    hidden_rows: list[int] = field(default_factory=list)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    numbers: dict[tuple[int, int], str | int] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0
    has_table: bool = False

    @property
    def is_narrow_table(self) -> bool:
        """Whether it is laid out in rows, of no more columns than a sheet may have."""
        return self.has_table and self.columns <= limits.COLUMNS


@dataclass
class IdentityNumbers:
    """Whether identity-card numbers stand in texts of cells, and whether anywhere else."""

    in_cells: bool = False
    elsewhere: bool = False


class PartWatcher:
    """Looks for identity-card numbers in the text and attributes of any XML part.

    UnreadableError when the part declares anything: such a part is not parsed further. And when
    one that is `read` by the library is not in UTF-8, to which the library takes everything.
    """

    def __init__(self, found: IdentityNumbers, *, read: bool = False) -> None:
        self.found = found
        self._pieces: list[str] = []
        self._is_read = read
        self._head = b""
        self._encoding: str | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.EntityDeclHandler = _refuse_doctype
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._pieces.append
        self._block = ""
        self._in_format = False

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        """The part's next bytes; ExpatError when they are no XML."""
        self._head = self._head or chunk[:_HEAD]
        self._parser.Parse(chunk, final)
        if final and self._is_read and (b"\0" in self._head or self._encoding not in _ENCODINGS):
            raise misshapen()

    def begins(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def ends(self, tag: str) -> None:
        """An element ends."""

    def passes(self, block: str, text: str) -> None:
        """The text of an element has passed."""
        if holds_identity_number(text):
            if block in _CELL_TEXTS:
                self.found.in_cells = True
            else:
                self.found.elsewhere = True

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._encoding = encoding and encoding.lower()

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        self._between(tag)
        self._in_format = self._in_format or tag == _RUN_FORMAT
        for value in attributes.values():
            if holds_identity_number(value):
                self.found.elsewhere = True
        self.begins(tag, attributes)

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        self._in_format = self._in_format and tag != _RUN_FORMAT
        self._between(tag)
        self.ends(tag)

    def _between(self, tag: str) -> None:
        """A text ends here, unless only its font changes."""
        if tag in _RUNS or tag == _RUN_FORMAT or self._in_format:
            return
        self._flush()
        self._block = tag

    def _flush(self) -> None:
        if self._pieces:
            text = "".join(self._pieces)
            self._pieces.clear()
            self.passes(self._block, text)


class BinaryWatcher:
    """Looks through bytes that are no XML for digits of one or two bytes each."""

    def __init__(self, found: IdentityNumbers) -> None:
        self.found = found
        self._last = b""

    def feed(self, chunk: bytes, *, final: bool = False) -> None:  # noqa: ARG002 - as a PartWatcher
        """The next bytes."""
        joined = self._last + chunk.replace(b"\0", b"")
        for match in _NUMBER_IN_BYTES.finditer(joined):
            if holds_identity_number(match[0].decode("ascii")):
                self.found.elsewhere = True
        self._last = joined[-_LONGEST_NUMBER:]


class DrawingWatcher(PartWatcher):
    """Looks into a VML drawing, where Excel writes HTML into XML; no library reads it after us."""

    def __init__(self, found: IdentityNumbers) -> None:
        super().__init__(found)
        self._is_xml = True

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        """The part's next bytes, plain text from where they are no XML."""
        try:
            if self._is_xml:
                super().feed(chunk, final=final)
        except expat.ExpatError:
            self._is_xml = False
        if not self._is_xml:
            self._pieces.append(chunk.decode(errors="replace"))
        if final:
            self._flush()


class StretchWatcher(PartWatcher):
    """Takes stretches that are plain to the last byte as they are; all else is parsed.

    One may begin only behind a tag, of those that `_TURN` finds, which is one to the parser too.
    """

    _TURN: ClassVar[re.Pattern[bytes]]

    def __init__(self, found: IdentityNumbers) -> None:
        super().__init__(found, read=True)
        self._unfinished = b""
        self._is_behind_turn = False
        # Bytes parsed, and after how many of them the parser met a turn.
        self._parsed, self._turned_at = 0, -1

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        """The part's next bytes."""
        data, at = self._unfinished + chunk, 0
        self._unfinished = b""
        while at < len(data):
            if self._is_behind_turn:
                at += self.takes_plain(data, at)
            turn = self._TURN.search(data, at)
            if self._is_behind_turn and not (turn or final) and len(data) - at < _LONGEST_PIECE:
                self._unfinished = data[at:]
                return
            end = turn.end() if turn else len(data)
            self._parse(data[at:end], turn[0] if turn else b"")
            at = end
        if final:
            super().feed(b"", final=True)

    def takes_plain(self, data: bytes, at: int) -> int:
        """Note what is plain from there on; gives back its length."""
        raise NotImplementedError

    def turns(self) -> None:
        """The parser is at a turn."""
        self._turned_at = self._parser.CurrentByteIndex

    def _parse(self, data: bytes, turn: bytes) -> None:
        """Parse bytes that end with this tag, if any, unless it stands where it is none."""
        self._turned_at = -1
        super().feed(data)
        self._parsed += len(data)
        is_tag = bool(turn) and self._turned_at == self._parsed - len(turn)
        is_known = self._encoding in {None, "utf-8"} and not self._in_format
        self._is_behind_turn = is_tag and is_known


class TextsWatcher(StretchWatcher):
    """Looks through the texts that cells share."""

    _TURN = re.compile(rb"</si>")

    def takes_plain(self, data: bytes, at: int) -> int:
        """Look through the plain texts that begin there."""
        plain = plain_texts(data, at)
        if plain is None:
            return 0
        if any(map(holds_identity_number, plain.texts)):
            self.found.in_cells = True
        return len(plain.written)

    def ends(self, tag: str) -> None:
        """A text, complete now."""
        if tag == "si":
            self.turns()


class SheetWatcher(StretchWatcher):
    """Notes rows and cells as they pass through a worksheet.

    UnreadableError where the library would pass over a cell in silence, or another reader see
    another cell: cells out of order, doubled, of two values or elsewhere than their row says.
    """

    _TURN = re.compile(rb"<sheetData>|</row>")

    def __init__(self, found: IdentityNumbers) -> None:
        super().__init__(found)
        self.seen = SheetLook()
        self._row, self._column = -1, -1
        self._kind = self._value = ""
        self._has_formula = self._has_value = False
        self._open: set[str] = set()
        self._widths: dict[bytes, int] = {}  # of orders of columns that are right
        self._is_of_excel = False
        self._parser.StartNamespaceDeclHandler = self._names_prefix
        self._parser.StartCdataSectionHandler = self._breaks
        self._parser.CommentHandler = self._breaks
        self._parser.ProcessingInstructionHandler = self._breaks

    def takes_plain(self, data: bytes, at: int) -> int:
        """Note the plain rows that begin there."""
        plain = plain_rows(data, at, of_excel=self._is_of_excel)
        if plain is None:
            return 0
        numbers = plain.numbers()
        _require(numbers[0] > self._row + 1 and numbers == sorted(set(numbers)))
        self._row = numbers[-1] - 1
        self._has_value = True  # of a cell that is over
        widest = max(map(self._width, plain.orders()))
        if widest > self.seen.columns:
            filled = [_column(letters.decode()) + 1 for letters in plain.filled_columns()]
            self.seen.columns = max(self.seen.columns, *filled, 0)
        self.seen.rows = max(self.seen.rows, plain.last_filled())
        if any(map(holds_identity_number, plain.texts)):
            self.found.in_cells = True
        return len(plain.written)

    def _width(self, order: bytes) -> int:
        """How many columns a row takes whose cells stand in this order of columns."""
        if order not in self._widths:
            columns = [_column(letters) for letters in order.decode().split()]
            _require(columns == sorted(set(columns)))
            self._widths[order] = max(columns, default=-1) + 1
        return self._widths[order]

    def _names_prefix(self, prefix: str | None, _uri: str) -> None:
        """A prefix is declared; Excel declares its own with the first element."""
        self._is_of_excel = self._is_of_excel or (prefix == _OF_EXCEL and not self._block)

    def begins(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A row, a cell or something in a cell begins."""
        self._breaks()
        if tag == "sheetData":
            _require(not self.seen.has_table)
            self.seen.has_table = True
            self.turns()
        elif "sheetData" not in self._open:
            return
        elif tag == "row":
            self._begin_row(attributes)
        elif tag == "c":
            self._begin_cell(attributes)
        elif tag == "f":
            _require(not self._has_value)
            self._has_formula = True
        elif tag in _VALUES:
            self._begin_value(is_text=tag == "is")
        self._open.add(tag)

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        row = int(attributes.get("r", self._row + 2)) - 1
        _require("row" not in self._open and row > self._row)
        self._row, self._column = row, -1
        if attributes.get("hidden") in {"1", "true"}:
            self.seen.hidden_rows.append(row)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        row, column = _position(attributes.get("r"), self._row, self._column)
        _require("row" in self._open and row == self._row and column > self._column)
        self._column = column
        self._kind = attributes.get("t", "")
        self._value = ""
        self._has_formula = self._has_value = False

    def _begin_value(self, *, is_text: bool) -> None:
        _require(not self._has_value and is_text == (self._kind == "inlineStr"))
        _require(not is_text or not self._has_formula)
        self._has_value = True

    def _breaks(self, *_: object) -> None:
        """Something stands where the library takes no more than a piece of a value."""
        _require("v" not in self._open)

    def passes(self, block: str, text: str) -> None:
        """The text of a formula or value has passed."""
        if block == "v":
            self._value = text
        if block != "v" or self._kind not in _NUMERIC:
            super().passes(block, text)

    def ends(self, tag: str) -> None:
        """A cell, complete now."""
        if "sheetData" not in self._open:
            return
        self._open.discard(tag)
        if tag == "row":
            self.turns()
        if tag != "c":
            return
        seen, place = self.seen, (self._row, self._column)
        if self._has_value:
            seen.rows = max(seen.rows, self._row + 1)
            seen.columns = max(seen.columns, self._column + 1)
        if self._kind == "e":
            seen.broken[place] = self._value
        elif self._has_formula and not self._value and not self._is_empty_text():
            seen.uncomputed.append(place)
        elif self._kind in _NUMERIC and self._value:
            _require(_is_number(self._value))
            masked = masked_number(self._value)
            if masked is not None:
                seen.numbers[place] = masked

    def _is_empty_text(self) -> bool:
        """Whether the cell holds a text: one that a formula gives may be empty."""
        return self._has_value and self._kind in _TEXTUAL


def _refuse_doctype(*_: object) -> None:
    raise UnreadableError("文件内部含有不允许的声明（DOCTYPE），不能读取。")


def misshapen() -> UnreadableError:
    """What is said of a file that no spreadsheet program writes, or that none could read."""
    return UnreadableError("文件读不出来，请用 WPS 或 Excel 打开、另存后再传。")


def _require(is_plain: bool) -> None:  # noqa: FBT001 - a condition
    """UnreadableError unless the sheet is written as programs write one."""
    if not is_plain:
        raise misshapen()


def _is_number(value: str) -> bool:
    """Whether it is one to every reader; some take anything else for a text."""
    try:
        float(value)
    except ValueError:
        return False
    return _NUMBER.fullmatch(value) is not None


def _position(reference: str | None, row: int, column: int) -> tuple[int, int]:
    """Row and column of a cell reference, from 0; without one the cell follows the last."""
    if reference is None:
        return row, column + 1
    match = _REFERENCE.fullmatch(reference)
    if not match:
        raise misshapen()
    return int(match[2]) - 1, _column(match[1])


def _column(letters: str) -> int:
    """The column of these letters, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
