"""A look at a workbook before any library reads it: container, sizes, extents, doubtful cells.

Runs in the worker process only. Text patterns can be walked around, so every part is streamed
through a real XML parser; what still gets past dies with the worker.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from lib.errors import UnreadableError
from lib.workbooks import limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_CHUNK = 1 << 16
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_XML = (".xml", ".rels", ".vml")
_WORKBOOK = "xl/workbook.xml"
_INDEX = ("xl/_rels/workbook.xml.rels", _WORKBOOK)


@dataclass
class SheetLook:
    """What the XML of one worksheet shows that the reading library does not tell.

    Cells are (row, column), both from 0.
    """

    hidden_rows: list[int] = field(default_factory=list)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    rows: int = 0
    columns: int = 0


@dataclass
class Look:
    """What was seen: worksheets by name, and whether macros are inside."""

    sheets: Mapping[str, SheetLook]
    macros: bool

    def sheet(self, name: str) -> SheetLook:
        """What was seen in the worksheet of this name; UnreadableError when nobody looked."""
        if name not in self.sheets:
            raise damaged()
        return self.sheets[name]


def look(data: bytes) -> Look:
    """Look at the bytes of a workbook; UnreadableError with one sentence when it is not read."""
    with _opened(data) as archive:
        stream = _Stream(archive)
        parts = _sheet_parts(stream)
        looks = {part.lower(): SheetLook() for part in parts.values()}
        names = [info.filename for info in archive.infolist()]
        for name in names:
            if name not in _INDEX:
                stream.read(name, _parser(name, looks.get(name.lower())))
    if not looks.keys() <= {name.lower() for name in names}:
        raise damaged()
    sheets = {title: looks[part.lower()] for title, part in parts.items()}
    _require_rows_within_limit(sheets)
    return Look(sheets, macros=any(name.endswith("vbaProject.bin") for name in names))


def _opened(data: bytes) -> zipfile.ZipFile:
    """The archive that a workbook is, judged by content."""
    if not data:
        raise UnreadableError("文件是空的，请重新保存后再传。")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableError("文件已加密，请取消打开密码后再传。")
        raise UnreadableError("这是旧版 .xls 格式，请在 WPS 或 Excel 中另存为 .xlsx 后再传。")
    if not data.startswith(_ZIP):
        raise UnreadableError("不是 Excel 工作簿，请在 WPS 或 Excel 中另存为 .xlsx 后再传。")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise damaged() from error
    names = [info.filename for info in archive.infolist()]
    if len(names) > limits.PARTS:
        raise UnreadableError(
            f"文件内部有 {len(names)} 个部件，超过上限 {limits.PARTS}，不能读取。"
        )
    odd = any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names)
    if odd or len({name.lower() for name in names}) != len(names):
        raise UnreadableError("文件内部结构不正常，请新建工作簿、复制内容后再传。")
    if _WORKBOOK not in names:
        raise UnreadableError("不是 Excel 工作簿（内容是别的文档），请另存为 .xlsx 后再传。")
    return archive


def damaged() -> UnreadableError:
    """What is said of a file whose parts do not fit together."""
    return UnreadableError("文件已损坏或不完整，请用 WPS 或 Excel 打开、另存后再传。")


class _Stream:
    """Unpacks parts piece by piece through their parsers, all of them within one limit."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._total = 0

    def read(self, name: str, parser: expat.XMLParserType | None) -> None:
        """Read a part to its end; UnreadableError when it is missing, broken or too much."""
        for chunk in self._chunks(name):
            self._total += len(chunk)
            if self._total > limits.UNPACKED_BYTES:
                megabytes = limits.UNPACKED_BYTES >> 20
                raise UnreadableError(
                    f"文件解压后超过 {megabytes} MB，请删去图片或多余内容后再传。"
                )
            if parser:
                _feed(parser, chunk)
        if parser:
            _feed(parser, b"", final=True)

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._archive.open(name) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except (KeyError, zipfile.BadZipFile, EOFError, OSError, RuntimeError, zlib.error) as error:
            raise damaged() from error


def _parser(name: str, sheet: SheetLook | None = None) -> expat.XMLParserType | None:
    """A parser for an XML part; with a sheet, one that notes what it sees in it."""
    if sheet is None and not name.lower().endswith(_XML):
        return None
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    if sheet:
        _Watcher(parser, sheet)
    return parser


def _refuse_doctype(*_: object) -> None:
    raise UnreadableError("文件内部含有不允许的声明（DOCTYPE），不能读取。")


def _feed(parser: expat.XMLParserType, chunk: bytes, *, final: bool = False) -> None:
    try:
        parser.Parse(chunk, final)
    except expat.ExpatError as error:
        raise damaged() from error


class _Watcher:
    """Notes rows and cells as they pass through a worksheet's parser."""

    def __init__(self, parser: expat.XMLParserType, sheet: SheetLook) -> None:
        self._sheet = sheet
        self._row, self._column = -1, -1
        self._kind = ""
        self._has_formula = self._has_value = self._collecting = False
        self._text: list[str] = []
        self._starts = {"row": self._row_begins, "c": self._cell_begins}
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag in self._starts:
            self._starts[tag](attributes)
        elif tag == "f":
            self._has_formula = True
        elif tag in {"v", "is"}:
            self._has_value = True
            self._collecting = self._kind == "e"

    def _row_begins(self, attributes: Mapping[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 2)) - 1
        self._column = -1
        if attributes.get("hidden") in {"1", "true"}:
            self._sheet.hidden_rows.append(self._row)

    def _cell_begins(self, attributes: Mapping[str, str]) -> None:
        self._row, self._column = _position(attributes.get("r"), self._row, self._column)
        self._kind = attributes.get("t", "")
        self._has_formula = self._has_value = False
        self._text.clear()

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "v":
            self._collecting = False
        elif tag == "c":
            self._cell_ends()

    def _cell_ends(self) -> None:
        sheet, place = self._sheet, (self._row, self._column)
        if self._has_value:
            sheet.rows = max(sheet.rows, self._row + 1)
            sheet.columns = max(sheet.columns, self._column + 1)
        if self._kind == "e":
            sheet.broken[place] = "".join(self._text)
        elif self._has_formula and not self._has_value:
            sheet.uncomputed.append(place)

    def _characters(self, data: str) -> None:
        if self._collecting:
            self._text.append(data)


def _position(reference: str | None, row: int, column: int) -> tuple[int, int]:
    """Row and column of a cell reference, from 0; without one the cell follows the last."""
    match = _REFERENCE.fullmatch(reference or "")
    if not match:
        return row, column + 1
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, number - 1


def _sheet_parts(stream: _Stream) -> dict[str, str]:
    """The archive part of each sheet, by the sheet's name: it lies where the workbook says."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(name: str, attributes: Mapping[str, str]) -> None:
        if name.rpartition(" ")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: Mapping[str, str]) -> None:
        if name.rpartition(" ")[2] == "sheet":
            title = attributes.get("name", "")
            if title in sheets:
                raise damaged()
            sheets[title] = next((v for k, v in attributes.items() if k.endswith(" id")), "")

    for part, handler in zip(_INDEX, (relation, sheet), strict=True):
        parser = _parser(part)
        if parser:
            parser.StartElementHandler = handler
        stream.read(part, parser)
    # A target counts from the workbook's folder, or with a slash from the archive's root.
    return {
        title: posixpath.normpath(posixpath.join("/xl", targets.get(identity, "")))[1:]
        for title, identity in sheets.items()
    }


def _require_rows_within_limit(sheets: Mapping[str, SheetLook]) -> None:
    for title, sheet in sheets.items():
        if sheet.columns > limits.COLUMNS:
            raise UnreadableError(
                f"工作表“{title}”有内容的列多达 {sheet.columns} 列，"
                f"上限 {limits.COLUMNS} 列，请删去多余的列。"
            )
        if sheet.rows > limits.ROWS:
            raise UnreadableError(
                f"工作表“{title}”有 {sheet.rows} 行，上限 {limits.ROWS} 行，请分成几个文件。"
            )
    total = sum(sheet.rows for sheet in sheets.values())
    if total > limits.ROWS:
        raise UnreadableError(f"文件共有 {total} 行，上限 {limits.ROWS} 行，请分成几个文件。")
