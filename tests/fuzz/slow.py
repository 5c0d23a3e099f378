"""Another reader of workbooks, slow and simple: what an accepted file says, by its XML alone."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ORIGINS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - Excel's
_AN_INSTANT = timedelta(seconds=1)
_NO_DAY = 60  # of 1900-02-29, which never was: days before it are counted from one day later


@dataclass(frozen=True)
class Slow:
    """A worksheet: raw cells by (row, column) from 0, and the indexes of its hidden rows.

    A cell is text, float, bool, None, `{"broken"}` or `{"uncomputed"}` as the worker has them.
    """

    name: str
    cells: Mapping[tuple[int, int], Any]
    hidden: list[int]


def slow_reading(data: bytes) -> tuple[list[Slow], bool]:
    """The worksheets, in order, and whether days count from 1904."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name.lower(): archive.read(name) for name in archive.namelist()}
    workbook = ET.fromstring(parts["xl/workbook.xml"])  # noqa: S314 - of a file of ours
    relations = ET.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314
    targets = {each.get("Id"): each for each in relations}
    shared = list(_shared(parts.get("xl/sharedstrings.xml")))
    sheets = []
    for sheet in _all(workbook, "sheet"):
        relation = targets[next(v for k, v in sheet.attrib.items() if k.endswith("}id"))]
        if not relation.get("Type", "").endswith("/worksheet"):
            continue
        target = relation.get("Target", "")
        part = target[1:] if target.startswith("/") else f"xl/{target}"
        sheets.append(_sheet(sheet.get("name", ""), parts[part.lower()], shared))
    settings = next(iter(_all(workbook, "workbookPr")), None)
    return sheets, settings is not None and settings.get("date1904") in {"1", "true"}


def _all(element: ET.Element, tag: str) -> list[ET.Element]:
    return [each for each in element.iter() if _local(each) == tag]


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _shared(part: bytes | None) -> Iterator[str]:
    if part is not None:
        for item in _all(ET.fromstring(part), "si"):  # noqa: S314
            yield _text(item)


def _text(item: ET.Element) -> str:
    """The text of a string item, reading aids left out."""
    pieces = []
    for child in item:
        if _local(child) == "t":
            pieces.append("".join(child.itertext()))
        elif _local(child) == "r":
            pieces.append(_text(child))
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), "".join(pieces))


def _sheet(name: str, part: bytes, shared: list[str]) -> Slow:
    cells: dict[tuple[int, int], Any] = {}
    hidden: list[int] = []
    row = -1
    [table] = _all(ET.fromstring(part), "sheetData")  # noqa: S314
    for line in _all(table, "row"):
        row = int(line.get("r", row + 2)) - 1
        hidden += [row] if line.get("hidden") in {"1", "true"} else []
        column = -1
        for cell in _all(line, "c"):
            column = _column(cell.get("r"), column)
            assert (row, column) not in cells, "a cell twice"
            cells[row, column] = _cell(cell, shared)
    filled = {place: cell for place, cell in cells.items() if cell not in (None, "")}
    return Slow(name, filled, hidden)


def _column(reference: str | None, last: int) -> int:
    if reference is None:
        return last + 1
    column = 0
    for letter in reference.rstrip("0123456789"):
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _cell(cell: ET.Element, shared: list[str]) -> Any:  # noqa: ANN401 - as cells come
    kind = cell.get("t", "n") or "n"
    children = {_local(child): child for child in cell}
    value = "".join(children["v"].itertext()) if "v" in children else ""
    is_text = kind in {"str", "inlineStr"}
    if kind == "e":
        return {"broken": value}
    if "f" in children and not value and not (is_text and {"v", "is"} & children.keys()):
        return {"uncomputed": True}
    if "is" in children:
        return _text(children["is"])
    if not value:
        return None
    if kind == "s":
        return shared[int(value)]
    if kind == "b":
        return {"0": False, "1": True, "false": False, "true": True}[value]
    if kind == "n":
        return _number(value)
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)


def _number(value: str) -> Any:  # noqa: ANN401 - a number, or what is none
    number = float(value)
    return number if abs(number) < float("inf") else {"broken": str(number)}


def same(slow: Any, said: Any, *, is_1904: bool) -> bool:  # noqa: ANN401 - cells
    """Whether the worker says of a cell what the slow reader says of it."""
    if isinstance(slow, str) and isinstance(said, str):
        return slow.split() == said.split()
    if isinstance(slow, str) and isinstance(said, dict):
        return slow == next(iter(said.values()))  # a day written as text of type "d"
    if isinstance(slow, float) and isinstance(said, dict) and {"day", "moment"} & said.keys():
        moment = datetime.fromisoformat(next(iter(said.values())))
        days = slow if is_1904 or slow >= _NO_DAY else slow + 1
        return abs(moment - _ORIGINS[is_1904] - timedelta(days=days)) < _AN_INSTANT
    if isinstance(slow, float) and isinstance(said, str):
        return bool(re.fullmatch(r"[0-9:. days,-]+", said))  # a time of day, or a span of time
    return type(slow is True) is type(said is True) and slow == said
