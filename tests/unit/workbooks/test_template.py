"""The workbook to fill in: headings, notes, drop-downs; and that it reads back as filled in."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from lib import contract
from lib.logs import LOG_KINDS, kinds_of
from lib.logs.checking import Context
from lib.rosters import Roster
from lib.workbooks.checking import check_workbook
from lib.workbooks.reading import OPTIONS_SHEET, read_workbook
from lib.workbooks.rosters import check_rosters
from lib.workbooks.template import HEADING_ROW, template
from tests.spec import small

TERMS = contract.parse(small.TERMS, "small.toml")
ROSTER = Roster.of(check_rosters(small.roster_workbook(small.ROSTERS), Roster()).members)
FILLED = template(kinds_of(TERMS), ROSTER, TERMS)


def opened(data: bytes = FILLED) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.mark.parametrize("kind", LOG_KINDS.values(), ids=LOG_KINDS)
def test_the_headings_are_those_of_the_kind(kind):
    row = opened()[kind.sheet][HEADING_ROW]

    assert [cell.value for cell in row] == ["序号", *(field.heading for field in kind.fields)]


@pytest.mark.parametrize("kind", LOG_KINDS.values(), ids=LOG_KINDS)
def test_a_note_at_each_heading_says_what_to_write(kind):
    row = opened()[kind.sheet][HEADING_ROW]

    assert [cell.comment.text for cell in row[1:]] == [
        f"{'必填' if field.required else '可不填'}。{field.type.hint}" for field in kind.fields
    ]


def test_lists_stand_on_a_sheet_that_nobody_sees():
    book = opened()

    assert {sheet.title: sheet.sheet_state for sheet in book} == {
        **{kind.sheet: "visible" for kind in LOG_KINDS.values()},
        OPTIONS_SHEET: "veryHidden",
    }


@pytest.mark.parametrize(
    ("heading", "values", "stops"),
    [
        ("服务人员", ["赵一", "钱二丰", "孙三", "李四"], False),
        ("村(社区)", ["东社区", "南村", "西山村"], True),
        ("宣传形式", ["入户宣讲", "集市宣传", "宣传栏", "广播", "微信公众号"], False),
    ],
)
def test_a_drop_down_offers_what_is_known_and_stops_where_nothing_else_will_do(
    heading, values, stops
):
    book = opened()
    sheet = book["政策宣传"]
    column = next(cell.column_letter for cell in sheet[HEADING_ROW] if cell.value == heading)
    [validation] = [
        validation
        for validation in sheet.data_validations.dataValidation
        if f"{column}{HEADING_ROW + 1}" in validation.sqref
    ]
    title, cells = validation.formula1.removeprefix("=").replace("'", "").split("!")

    offered = [cell.value for (cell,) in book[title][cells.replace("$", "")]]

    assert (offered, bool(validation.showErrorMessage)) == (values, stops)


def test_what_is_filled_in_reads_back():
    book = opened()
    for column, value in enumerate([1, date(2023, 3, 3), "赵一", "南村", 3, "照常"], 1):
        book["对象排查"].cell(HEADING_ROW + 1, column).value = value
    data = io.BytesIO()
    book.save(data)

    checked = check_workbook(
        read_workbook("三月.xlsx", data.getvalue()), Context(TERMS, ROSTER, small.TODAY)
    )

    empty = "、".join(f"“{kind.sheet}”" for kind in LOG_KINDS.values() if kind.slug != "patrol")
    assert [str(notice) for notice in checked.notices] == [f"文件“三月.xlsx”：{empty}没有数据行。"]
    [row] = checked.rows
    assert row.entry
    assert (row.entry.day, row.entry.people, row.entry.locality, row.entry.details) == (
        date(2023, 3, 3),
        ("G1",),
        "L2",
        {"households_visited": 3, "situation": "照常"},
    )


def test_without_rosters_there_is_still_a_template():
    book = opened(template([LOG_KINDS["patrol"]], Roster(), TERMS))

    assert book.sheetnames == ["对象排查", OPTIONS_SHEET]
