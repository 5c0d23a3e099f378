"""Cells mended on the page, put into what was read, and names put right within a cell."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

from lib.fields import BrokenCell, Uncomputed
from lib.logs import LOG_KINDS
from lib.workbooks.mending import mended, put_right, texts, written
from lib.workbooks.reading import Mend, Sheet, Workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.fields import Cell

PATROL = LOG_KINDS["patrol"]
HEADINGS = ["序号", "日期", "服务人员", "村(社区)", "排查情况"]
ROWS = [
    ["示例台账"],
    HEADINGS,
    [1, date(2023, 4, 3), "示员田", "示西村", "一切如常"],
    [2, "2023.4.4", "示员甲", "示西材"],
]


def book(*sheets: tuple[str, Sequence[Sequence[Cell]]]) -> Workbook:
    """A workbook of these sheets."""
    read = tuple(Sheet(name, rows, frozenset(), ()) for name, rows in sheets)
    return Workbook("四月.xlsx", b"", read, macros=False, masked=())


def test_a_mend_is_put_into_its_cell_and_the_rest_stays():
    mends = (
        Mend("对象排查", 3, "people", "示员田", "示员甲"),
        Mend("对象排查", 4, "situation", "", "一切如常"),  # beyond the row's last cell
    )
    done = mended(book(("对象排查", ROWS)), mends)
    assert done.mends == mends
    assert done.sheets[0].rows == [
        *ROWS[:2],
        [1, date(2023, 4, 3), "示员甲", "示西村", "一切如常"],
        [2, "2023.4.4", "示员甲", "示西材", "一切如常"],
    ]
    assert ROWS[2][2] == "示员田", "what was read is not changed"


def test_a_column_that_the_sheet_lacks_is_added():
    mends = (Mend("对象排查", 4, "remark", "", "见附件"),)
    (sheet,) = mended(book(("对象排查", ROWS)), mends).sheets
    assert sheet.rows[1] == [*HEADINGS, "备注"]
    assert sheet.rows[3] == [2, "2023.4.4", "示员甲", "示西材", None, "见附件"]


@pytest.mark.parametrize(
    "mend",
    [
        Mend("对象排查", 3, "people", "别人", "示员甲"),  # the cell says something else
        Mend("对象排查", 2, "people", "服务人员", "x"),  # the headings
        Mend("对象排查", 5, "people", "", "x"),  # beyond the last row
        Mend("对象排查", 0, "people", "", "x"),
        Mend("对象排查", 3, "nothing", "", "x"),
        Mend("业务协办", 3, "people", "示员田", "示员甲"),  # no such sheet
    ],
)
def test_a_mend_that_does_not_fit_is_left_out(mend: Mend):
    workbook = book(("对象排查", ROWS))
    done = mended(workbook, (mend,))
    assert done.mends == ()
    assert [list(row) for row in done.sheets[0].rows] == ROWS


def test_where_two_sheets_have_one_name_nothing_is_mended():
    workbook = book(("对象排查", ROWS), ("对象排查 ", ROWS))
    done = mended(workbook, (Mend("对象排查", 3, "people", "示员田", "示员甲"),))
    assert done == workbook
    assert texts(workbook, PATROL, [3]) == {}


def test_a_row_as_text_has_every_column():
    found = texts(book(("对象排查", ROWS)), PATROL, [4])
    assert found == {
        4: dict.fromkeys(PATROL.by_slug, "")
        | {"day": "2023.4.4", "people": "示员甲", "locality": "示西材"}
    }


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (" 示员甲\u200b ", "示员甲"),
        ("长" * 60, "长" * 60),
        (12.0, "12"),
        (12.5, "12.5"),
        (True, "TRUE"),
        (date(2023, 4, 3), "2023-04-03"),
        (datetime(2023, 4, 3), "2023-04-03"),  # noqa: DTZ001 - as a workbook has it
        (BrokenCell("#REF!"), "#REF!"),
        (Uncomputed(), "（未计算的公式）"),
    ],
)
def test_a_cell_as_text(cell: Cell, text: str):
    assert written(cell) == text


@pytest.mark.parametrize(
    ("text", "found", "right", "then"),
    [
        ("示员田", "示员田", "示员甲", "示员甲"),
        (" 示员 田 ", "示员田", "示员甲", "示员甲"),
        ("示员乙、示员田", "示员田", "示员甲", "示员乙、示员甲"),
        ("示员田 示员田民", "示员田", "示员甲", "示员甲 示员田民"),
        ("示员田民、示员乙", "示员田", "示员甲", None),
        ("", "", "示东社区", "示东社区"),
        ("、示员甲", "", "示员乙", None),
    ],
)
def test_what_was_wrong_is_put_right(text: str, found: str, right: str, then: str | None):
    assert put_right(text, found, right) == then
