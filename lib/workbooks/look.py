"""A look at a workbook before any library reads it: container, parts, sizes, extents.

Runs in the worker process only. Text patterns can be walked around, so every part is streamed
through a real XML parser, but for rows that are plain to the last byte (`plain_rows`); what still
gets past dies with the worker.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from lib.errors import UnreadableError
from lib.workbooks import limits
from lib.workbooks.identity import holds_identity_number
from lib.workbooks.watching import (
    BinaryWatcher,
    DrawingWatcher,
    IdentityNumbers,
    PartWatcher,
    SheetLook,
    SheetWatcher,
    TextsWatcher,
    misshapen,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Watcher = PartWatcher | BinaryWatcher

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_CHUNK = 1 << 16
_XML = (".xml", ".rels")
_DRAWING = ".vml"
_MACROS = "vbaproject.bin"
_SEALED = ("/embeddings/", "/activex/")
_BROKEN = (
    LookupError,  # no such part, or encoding
    ValueError,
    zipfile.BadZipFile,
    EOFError,
    OSError,
    RuntimeError,
    zlib.error,
    expat.ExpatError,
)
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_ROOT_RELATIONS = "_rels/.rels"
_INDEX = (_ROOT_RELATIONS, _RELATIONS, _WORKBOOK)
_SHARED = "xl/sharedStrings.xml"
_READ = {_SHARED.lower(), "xl/styles.xml"}  # by the library, besides index and sheets
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DIRECTORY_ENDS = b"PK\x05\x06"
_TAIL = 22 + 0xFFFF  # bytes within which a directory ends: its last record, with a comment


@dataclass(frozen=True)
class Look:
    """What was seen: sheets by name, whether macros are inside, and identity-card numbers.

    `sealed` says that there are parts which nobody can look into: macros, and embedded objects.
    """

    sheets: Mapping[str, SheetLook]
    macros: bool
    sealed: bool
    identity_numbers: IdentityNumbers

    def sheet(self, name: str) -> SheetLook:
        """What was seen in the worksheet of this name; UnreadableError when nobody looked."""
        seen = self.sheets.get(name)
        if seen is None or not seen.has_table:
            raise damaged()
        return seen


def look(data: bytes, passed: Callable[[str], object] = lambda _: None) -> Look:
    """Look at the bytes of a workbook; UnreadableError with one sentence when it is not read.

    Sheets come last: `passed` is told the name of each that the library may read, as soon as it
    may. All that it reads besides has been looked at by then.
    """
    found = IdentityNumbers()
    with _opened(data) as archive:
        stream = _Stream(archive)
        parts = _sheet_parts(stream, found)
        watchers = {part.lower(): SheetWatcher(found) for part in parts.values()}
        if not watchers.keys().isdisjoint(_READ):
            raise misshapen()
        names = [info.filename for info in archive.infolist()]
        unread = [name for name in names if name not in _INDEX]
        for name in unread:
            if name.lower() not in watchers:
                stream.read(name, _watcher(name, found))
        sheets = [name for name in unread if name.lower() in watchers]
        _look_at_sheets(stream, sheets, watchers, _titles(parts), passed)
    if not watchers.keys() <= {name.lower() for name in names}:
        raise damaged()
    seen = {title: watchers[part.lower()].seen for title, part in parts.items()}
    _require_rows_within_limit(seen)
    _look_around(data, names, found)
    macros = any(name.lower().endswith(_MACROS) for name in names)
    sealed = macros or any(part in name.lower() for name in names for part in _SEALED)
    return Look(seen, macros, sealed, found)


def _look_at_sheets(
    stream: _Stream,
    names: Sequence[str],
    watchers: Mapping[str, SheetWatcher],
    titles: Mapping[str, Sequence[str]],
    passed: Callable[[str], object],
) -> None:
    """Look at the sheets' parts of these names, and tell which may be read."""
    rows = 0
    for name in names:
        part = name.lower()
        stream.read(name, watchers[part])
        seen = watchers[part].seen
        rows += seen.rows * len(titles[part])
        if seen.is_narrow_table and rows <= limits.ROWS:
            for title in titles[part]:
                passed(title)


def _titles(parts: Mapping[str, str]) -> Mapping[str, Sequence[str]]:
    """The names of the sheets that are stored in a part, by its name in small letters."""
    titles: dict[str, list[str]] = {}
    for title, part in parts.items():
        titles.setdefault(part.lower(), []).append(title)
    return titles


def sheet_parts(data: bytes) -> Mapping[str, str]:
    """The part of the archive in which each sheet is stored, by the sheet's name."""
    with _opened(data) as archive:
        return _sheet_parts(_Stream(archive), IdentityNumbers())


def _look_around(data: bytes, names: Sequence[str], found: IdentityNumbers) -> None:
    """Look where no part stands: into the parts' names, and what is said of the archive itself."""
    outside = BinaryWatcher(found)
    outside.feed(data, final=True)
    if any(holds_identity_number(name) for name in names):
        found.elsewhere = True


def _watcher(name: str, found: IdentityNumbers) -> Watcher:
    """A watcher for a part that is XML, or nearly so, or anything else."""
    if name.lower().endswith(_DRAWING):
        return DrawingWatcher(found)
    if name.lower() == _SHARED.lower():
        return TextsWatcher(found)
    is_read = name.lower() in _READ
    if is_read or name.lower().endswith(_XML):
        return PartWatcher(found, read=is_read)
    return BinaryWatcher(found)


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
    parts = archive.infolist()
    if len(parts) > limits.PARTS:
        raise UnreadableError(
            f"文件内部有 {len(parts)} 个部件，超过上限 {limits.PARTS}，不能读取。"
        )
    if _is_odd(parts) or data.count(_DIRECTORY_ENDS, -_TAIL) != 1:
        raise UnreadableError("文件内部结构不正常，请新建工作簿、复制内容后再传。")
    # A directory that says less than there is is found out by the checksum.
    _require_unpacked_within_limit(sum(part.file_size for part in parts))
    names = [part.filename for part in parts]
    if _WORKBOOK not in names:
        raise UnreadableError("不是 Excel 工作簿（内容是别的文档），请另存为 .xlsx 后再传。")
    return archive


def _require_unpacked_within_limit(size: int) -> None:
    if size > limits.UNPACKED_BYTES:
        megabytes = limits.UNPACKED_BYTES >> 20
        raise UnreadableError(f"文件解压后超过 {megabytes} MB，请删去图片或多余内容后再传。")


def _is_odd(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether another reader of the archive might find other parts in it than we."""
    names = [part.orig_filename.replace("\\", "/") for part in parts]
    odd = any(
        name.startswith("/")
        or ".." in name.split("/")
        or "\0" in name
        or part.compress_type not in _METHODS
        for name, part in zip(names, parts, strict=True)
    )
    return odd or len({posixpath.normpath(name).lower() for name in names}) != len(names)


def damaged() -> UnreadableError:
    """What is said of a file whose parts do not fit together."""
    return UnreadableError("文件已损坏或不完整，请用 WPS 或 Excel 打开、另存后再传。")


class _Stream:
    """Unpacks parts piece by piece through their parsers, all of them within one limit."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._total = 0

    def read(self, name: str, watcher: Watcher) -> None:
        """Read a part to its end; UnreadableError when it is missing, broken or too much."""
        try:
            for chunk in self._chunks(name):
                watcher.feed(chunk)
            watcher.feed(b"", final=True)
        except _BROKEN as error:
            raise damaged() from error

    def _chunks(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as part:
            while chunk := part.read(_CHUNK):
                self._total += len(chunk)
                _require_unpacked_within_limit(self._total)
                yield chunk


class _Relations(PartWatcher):
    """Notes the part to which each relationship leads, by its id, and which are of what type."""

    def __init__(self, found: IdentityNumbers, folder: str) -> None:
        super().__init__(found, read=True)
        self._folder = folder
        self.parts: dict[str, str] = {}
        self._types: dict[str, str] = {}

    def begins(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag != "Relationship":
            return
        relation = attributes.get("Id", "")
        if relation in self.parts:
            raise damaged()
        # A target counts from the folder, or with a slash from the archive's root.
        target = posixpath.join(self._folder, attributes.get("Target", ""))
        self.parts[relation] = posixpath.normpath(target)[1:]
        self._types[relation] = attributes.get("Type", "").rpartition("/")[2]

    def require(self, kind: str, part: str) -> None:
        """UnreadableError when one of this type leads elsewhere: the library looks only there."""
        places = (self.parts[each] for each, found in self._types.items() if found == kind)
        if any(place.lower() != part.lower() for place in places):
            raise misshapen()


class _Sheets(PartWatcher):
    """Notes the relationship of each sheet, by the sheet's name."""

    def __init__(self, found: IdentityNumbers) -> None:
        super().__init__(found, read=True)
        self.relations: dict[str, str] = {}

    def begins(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            title = attributes.get("name", "")
            relations = [v for k, v in attributes.items() if k.endswith(" id")]
            if title in self.relations or len(relations) != 1:
                raise damaged()
            [self.relations[title]] = relations


def _sheet_parts(stream: _Stream, found: IdentityNumbers) -> dict[str, str]:
    """The archive part of each sheet, by the sheet's name: it lies where the workbook says."""
    root, relations, sheets = _Relations(found, "/"), _Relations(found, "/xl"), _Sheets(found)
    stream.read(_ROOT_RELATIONS, root)
    root.require("officeDocument", _WORKBOOK)
    stream.read(_RELATIONS, relations)
    relations.require("sharedStrings", _SHARED)
    stream.read(_WORKBOOK, sheets)
    return {
        title: relations.parts.get(relation, "") for title, relation in sheets.relations.items()
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
