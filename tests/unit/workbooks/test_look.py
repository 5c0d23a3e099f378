"""A sheet may be read once it has been looked at, and all else that is read with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lib.errors import UnreadableError
from lib.workbooks import limits
from lib.workbooks.look import look
from tests.unit.workbooks.test_reading import repacked, saved

if TYPE_CHECKING:
    from collections.abc import Callable

RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES, SECOND = "xl/styles.xml", "xl/worksheets/sheet2.xml"
DATA = saved(
    lambda sheet: [
        sheet.parent.create_sheet("空白"),
        sheet.parent.create_sheet("末").append(["示例", 1]),
        sheet.append(["示例"]),
    ],
    "首",
)


def told(data: bytes) -> list[str]:
    """The sheets that may be read, up to where a file is refused."""
    names: list[str] = []
    with pytest.raises(UnreadableError):
        look(data, names.append)
    return names


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook, one of its parts changed, and that part the last."""
    return repacked(DATA, lambda parts: parts.update({name: change(parts.pop(name))}))


def test_each_sheet_is_told_of():
    names: list[str] = []
    look(DATA, names.append)

    assert names == ["首", "空白", "末"]


def test_no_sheet_may_be_read_before_all_else_has_been_looked_at():
    assert told(with_part(STYLES, lambda part: part + b"<")) == []


def test_a_sheet_that_is_refused_may_not_be_read():
    assert told(with_part(SECOND, lambda part: part[:-9])) == ["首", "末"]


def test_what_is_too_wide_or_too_long_may_not_be_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "COLUMNS", 1)
    assert told(DATA) == ["首", "空白"]

    monkeypatch.setattr(limits, "COLUMNS", 2)
    monkeypatch.setattr(limits, "ROWS", 1)
    assert told(DATA) == ["首", "空白"]


@pytest.mark.parametrize("part", ["styles.xml", "sharedStrings.xml"])
def test_no_sheet_is_stored_where_the_library_looks_for_something_else(part: str):
    def change(parts: dict[str, bytes]) -> None:
        relations = parts[RELATIONS]
        parts[RELATIONS] = relations.replace(b"worksheets/sheet2.xml", part.encode())
        parts.setdefault(f"xl/{part}", parts[SECOND])

    assert told(repacked(DATA, change)) == []


def test_what_is_no_table_may_not_be_read():
    names: list[str] = []
    look(with_part(SECOND, lambda part: part.replace(b"sheetData", b"other")), names.append)

    assert names == ["首", "末"]
