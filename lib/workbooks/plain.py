"""Workbooks of plain sheets, written as XML by ourselves: openpyxl takes ten times as long.

The same sheets give the same bytes: no moment, no author stands in them.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from math import isfinite
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lib.workbooks.cells import held, is_like_a_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lib.fields import Plain

_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_OFFICE}/spreadsheetml/2006/main"'
_RELATION = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGE = f"{_OFFICE}/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LETTERS: list[str] = [*ascii_uppercase, *(a + b for a in ascii_uppercase for b in ascii_uppercase)]
_STYLES = Path(__file__).with_suffix(".xml").read_text(encoding="utf-8")
_ORIGIN = date(1899, 12, 30).toordinal()
_FIRST_CERTAIN = date(1900, 3, 1)  # earlier days have other numbers in Excel
_ESCAPES = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A


class Look(IntEnum):
    """How a text stands in its cell, by its place in the styles; the next one is quoted."""

    PLAIN, HEAD, TITLE = 0, 2, 4


_DAY = 6  # the place of the format of days


class Looking(NamedTuple):
    """A text with a look."""

    text: str
    look: Look


Row: TypeAlias = "Sequence[Plain | Looking]"


@dataclass(frozen=True)
class PlainSheet:
    """One sheet: a width for each column, rows from the first one down, cells made one."""

    name: str
    widths: Sequence[float]
    rows: Iterable[Row]
    merged: str = ""


def letter_of(column: int) -> str:
    """What Excel calls a column, the first one being 1; we write 702 at most."""
    return _LETTERS[column - 1]


def plain_workbook(sheets: Sequence[PlainSheet]) -> bytes:
    """The .xlsx with these sheets; text stays text, as `cells` says."""
    texts = _Texts()
    written = io.BytesIO()
    with ZipFile(written, "w") as package:
        for number, sheet in enumerate(sheets, 1):
            _add(package, f"xl/worksheets/sheet{number}.xml", _sheet(sheet, texts))
        _add(package, "xl/sharedStrings.xml", texts.part())
        _add(package, "xl/styles.xml", [_STYLES])
        for path, part in _frame([sheet.name for sheet in sheets]):
            _add(package, path, [part])
    return written.getvalue()


def _add(package: ZipFile, path: str, pieces: Iterable[str]) -> None:
    """A part of the package; its time is the earliest there is."""
    info = ZipInfo(path)
    info.compress_type = ZIP_DEFLATED
    with package.open(info, "w") as part:
        for piece in pieces:
            part.write(piece.encode())


class _Texts(dict[str | Looking, str]):
    """Every text of a workbook, written once: the cells that hold it name it by its number."""

    def __missing__(self, value: str | Looking) -> str:
        text, look = value if isinstance(value, Looking) else (value, Look.PLAIN)
        style = look + is_like_a_formula(held(text))
        cell = f' s="{style}" t="s"><v>{len(self)}</v></c>'
        self[value] = cell
        return cell

    def part(self) -> Iterator[str]:
        """The texts, in the order of their numbers."""
        yield f"<sst {_MAIN}>"
        for value in self:
            text = held(value.text if isinstance(value, Looking) else value)
            escaped = escape(_ESCAPES.sub("_x005F_", text), {"\r": "&#13;"})
            yield f'<si><t xml:space="preserve">{escaped}</t></si>'
        yield "</sst>"


def _sheet(sheet: PlainSheet, texts: _Texts) -> Iterator[str]:
    yield f"<worksheet {_MAIN}><cols>"
    for number, width in enumerate(sheet.widths, 1):
        yield f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
    yield "</cols><sheetData>"
    for number, row in enumerate(sheet.rows, 1):
        cells = [
            f'<c r="{letter}{number}"{texts[v] if isinstance(v, str) else _cell(v, texts)}'
            for letter, v in zip(_LETTERS, row, strict=False)
            if v is not None and v != ""
        ]
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData>"
    if sheet.merged:
        yield f'<mergeCells count="1"><mergeCell ref="{sheet.merged}"/></mergeCells>'
    yield "</worksheet>"


def _cell(value: Plain | Looking, texts: _Texts) -> str:
    """A cell after its place: what Excel has no number for stands there as text."""
    match value:
        case Looking():
            return texts[value]
        case bool():
            return f' t="b"><v>{value:d}</v></c>'
        case int() | float() if isfinite(value):
            return f"><v>{value!r}</v></c>"
        case date() if not isinstance(value, datetime) and value >= _FIRST_CERTAIN:
            return f' s="{_DAY}"><v>{value.toordinal() - _ORIGIN}</v></c>'
        case _:
            return texts[str(value)]


def _frame(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts that say which others there are, for sheets of these names."""
    numbers = range(1, len(names) + 1)
    parts = [f"worksheets/sheet{number}.xml" for number in numbers]
    kinds = ["worksheet"] * len(names)
    parts += ["styles.xml", "sharedStrings.xml"]
    kinds += ["styles", "sharedStrings"]
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    book = f'<workbook {_MAIN} xmlns:r="{_RELATION}"><sheets>{listed}</sheets></workbook>'
    overrides = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{_TYPE}.{kind}+xml"/>'
        for part, kind in zip(["workbook.xml", *parts], ["sheet.main", *kinds], strict=True)
    )
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    yield "[Content_Types].xml", types
    yield "_rels/.rels", _relations([("xl/workbook.xml", "officeDocument")])
    yield "xl/_rels/workbook.xml.rels", _relations(list(zip(parts, kinds, strict=True)))
    yield "xl/workbook.xml", book


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATION}/{kind}" Target="{path}"/>'
        for number, (path, kind) in enumerate(parts, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
