"""The workbook to fill in: headings, notes, drop-downs; and that it reads back as filled in."""

from __future__ import annotations

import io
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import openpyxl
import pytest

from lib import contract
from lib.errors import UnreadableError
from lib.logs import LOG_KINDS, kinds_of
from lib.logs.checking import Context
from lib.rosters import Roster
from lib.workbooks.checking import check_workbook
from lib.workbooks.mark import OPTIONS_SHEET, VERSION
from lib.workbooks.marking import marked
from lib.workbooks.own import read_own_workbook
from lib.workbooks.rosters import check_rosters
from lib.workbooks.template import (
    EXAMPLE_ROW,
    FIRST_ROW,
    HEADING_ROW,
    PREPARED_ROWS,
    Prefilled,
    PrefilledRow,
    template,
)
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lib.workbooks.checking import CheckedWorkbook

TERMS = contract.parse(small.TERMS, "small.toml")
ROSTER = Roster.of(check_rosters(small.roster_workbook(small.ROSTERS), Roster()).members)
FILLED = template(kinds_of(TERMS), ROSTER, TERMS)


PREFILLED = Prefilled(
    "一组",
    date(2023, 3, 15),
    {
        "elder_check": [
            PrefilledRow({"elder": "E1", "elder_name": "周大"}, "东社区", "还差 2 次"),
            PrefilledRow({"elder": "E2", "elder_name": "吴大"}, "南村", "还差 1 次"),
            PrefilledRow({"elder": "E3"}, "南村"),
        ],
        "patrol": [PrefilledRow({"locality": "南村"}, "南村")],
    },
)
TEAMS = template(kinds_of(TERMS), ROSTER, TERMS, PREFILLED)
ELDERS = LOG_KINDS["elder_check"]


def loaded(data: bytes) -> openpyxl.Workbook:
    """The workbook, to be changed."""
    return openpyxl.load_workbook(io.BytesIO(data))


@cache
def opened(data: bytes = FILLED) -> openpyxl.Workbook:
    """The workbook, to be looked at: it takes a while to open."""
    return loaded(data)


def filled(
    sheets: Mapping[str, Mapping[int, Sequence[object]]],
    data: bytes = FILLED,
    change: Callable[[openpyxl.Workbook], object] = lambda _: None,
) -> CheckedWorkbook:
    """The template with these rows written into it, and changed besides, as it is read."""
    book = loaded(data)
    for title, rows in sheets.items():
        for number, cells in rows.items():
            for column, value in enumerate(cells, 1):
                if value is not None:
                    book[title].cell(number, column).value = value
    change(book)
    saved = io.BytesIO()
    book.save(saved)
    return check_workbook(
        read_own_workbook("三月.xlsx", saved.getvalue()), Context(TERMS, ROSTER, small.TODAY)
    )


def said(checked: CheckedWorkbook) -> list[str]:
    """The notices, without that of sheets that have no rows."""
    return [str(each) for each in checked.notices if each.fault.rule != "no_rows"]


def read(checked: CheckedWorkbook) -> list[tuple[int, bool]]:
    """The rows that were read: the row's number, and whether it makes an entry."""
    return [(row.place.row, row.entry is not None) for row in checked.rows]


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


PATROL = [1, date(2023, 3, 3), "赵一", "南村", 3, "照常"]


def test_what_is_filled_in_reads_back():
    checked = filled({"对象排查": {FIRST_ROW: PATROL}})

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


# An example row, that is not read.


@pytest.mark.parametrize("kind", LOG_KINDS.values(), ids=LOG_KINDS)
def test_the_example_row_fills_what_must_be_filled(kind):
    row = {head.value: cell for head, cell in zip(*opened()[kind.sheet][3:4], strict=True)}

    assert row.pop("序号").value == "示例"
    assert [field.heading for field in kind.fields if field.required] == [
        field.heading for field in kind.fields if field.required and row[field.heading].value
    ]
    assert {(cell.font.italic, cell.font.color.rgb) for cell in row.values()} == {
        (True, "00808080")
    }


@pytest.mark.parametrize("kind", LOG_KINDS.values(), ids=LOG_KINDS)
def test_but_for_its_made_up_names_the_example_row_could_be_posted(kind):
    def own_up(book: openpyxl.Workbook) -> None:
        book[kind.sheet].cell(EXAMPLE_ROW, 1).value = 1
        book[kind.sheet].cell(EXAMPLE_ROW, len(kind.fields) + 1).value = "已改"

    [row] = filled({}, change=own_up).rows

    assert {problem.fault.rule for problem in row.problems} <= {
        "unknown_staff",
        "unknown_elder",
        "unknown_household",
    }


def test_the_example_row_is_neither_counted_nor_refused():
    checked = filled({"对象排查": {FIRST_ROW: PATROL}})

    assert (read(checked), said(checked)) == ([(FIRST_ROW, True)], [])


def test_what_is_written_into_the_example_row_is_not_lost_in_silence():
    checked = filled({"对象排查": {EXAMPLE_ROW: [None, *PATROL[1:]], FIRST_ROW: PATROL}})

    assert (read(checked), said(checked)) == (
        [(FIRST_ROW, True)],
        [
            "“对象排查”第 4 行：以“示例”开头，未读取；如是实际记录，请把这两个字改成序号。",
        ],
    )


def test_the_example_row_is_known_without_its_number():
    def drop_numbers(book: openpyxl.Workbook) -> None:
        book["对象排查"].delete_cols(1)

    checked = filled({"对象排查": {FIRST_ROW: PATROL}}, change=drop_numbers)

    assert (read(checked), said(checked)) == ([(FIRST_ROW, True)], [])


# The version.


def test_the_version_stands_inside():
    book = opened()

    assert (book.properties.version, book[OPTIONS_SHEET]["A1"].value) == (str(VERSION), "模板版本")
    assert book[OPTIONS_SHEET]["A2"].value == VERSION


@pytest.mark.parametrize(
    ("found", "notices"),
    [
        (VERSION, []),
        (VERSION + 1, []),
        ("乱写", []),
        (
            1,
            [
                (
                    "文件“三月.xlsx”：由旧模板填写（第 1 版，现为第 2 版），"
                    "已照常读取，下月请下载新模板。"
                )
            ],
        ),
    ],
)
def test_an_older_template_is_read_with_a_notice(found, notices):
    def date_back(book: openpyxl.Workbook) -> None:
        book[OPTIONS_SHEET]["A2"].value = found

    checked = filled({"对象排查": {FIRST_ROW: PATROL}}, change=date_back)

    assert (read(checked), said(checked)) == ([(FIRST_ROW, True)], notices)


def test_the_first_template_bore_no_version():
    def take_mark_away(book: openpyxl.Workbook) -> None:
        book[OPTIONS_SHEET].delete_cols(1, 1 + len(LOG_KINDS))
        for kind in LOG_KINDS.values():
            book[kind.sheet].delete_rows(EXAMPLE_ROW)

    checked = filled({"对象排查": {FIRST_ROW: PATROL}}, change=take_mark_away)

    assert [each.fault.rule for each in checked.notices] == ["old_template", "no_rows"]
    assert read(checked) == [(EXAMPLE_ROW, True)]


# Print.


def test_a_printed_sheet_is_as_wide_as_a_page_with_its_head_on_each():
    for sheet in (opened()[kind.sheet] for kind in LOG_KINDS.values()):
        setup = sheet.page_setup
        assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$3", "C4")


# Filled in beforehand.


def test_a_pre_filled_sheet_says_for_whom_and_when_and_where_each_row_is():
    rows = opened(TEAMS)[ELDERS.sheet].iter_rows(max_row=7, values_only=True)
    _title, byline, head, _example, *given = ([cell for cell in row if cell] for row in rows)

    assert byline == ["填报单位：一组　　按截至 2023-03-15 的待办预填 3 行", "填报人："]
    assert head == [
        "序号",
        "所在村(社区)",
        *(field.heading for field in ELDERS.fields),
        "待办",
    ]
    assert given == [
        [1, "东社区", "E1", "周大", "还差 2 次"],
        [2, "南村", "E2", "吴大", "还差 1 次"],
        [3, "南村", "E3"],
    ]


def test_a_kind_that_names_the_place_needs_no_column_besides():
    head = [cell.value for cell in opened(TEAMS)["对象排查"][HEADING_ROW]]

    assert head == ["序号", *(field.heading for field in LOG_KINDS["patrol"].fields)]


@pytest.mark.parametrize(("rows", "last"), [(0, 204), (100, 204), (1013, 1117)])
def test_drop_downs_and_formats_reach_every_prepared_row(rows, last):
    given = {"elder_check": [PrefilledRow({"elder": f"E{n}"}, "南村") for n in range(rows)]}
    sheet = opened(template([ELDERS], ROSTER, TERMS, Prefilled("一组", small.TODAY, given)))[
        ELDERS.sheet
    ]

    ranges = [r for each in sheet.data_validations.dataValidation for r in each.sqref.ranges]
    assert {(r.min_row, r.max_row) for r in ranges} == {(EXAMPLE_ROW, last)}
    days, codes = (
        {sheet.cell(row, column).number_format for row in range(EXAMPLE_ROW, last + 1)}
        for heading in ("日期", "特困人员编号")
        for column in [cell.column for cell in sheet[HEADING_ROW] if cell.value == heading]
    )
    assert (days, codes, last - EXAMPLE_ROW >= max(PREPARED_ROWS, rows)) == (
        {"yyyy-mm-dd"},
        {"@"},
        True,
    )


def test_the_teams_own_people_are_offered_first():
    given = Prefilled("二组", small.TODAY, {})
    sheet = opened(template([ELDERS], ROSTER, TERMS, given))[OPTIONS_SHEET]

    assert ["孙三", "李四", "赵一", "钱二丰"] in [
        [cell.value for cell in column if cell.value] for column in sheet.iter_cols()
    ]


def test_a_name_that_looks_like_a_formula_stays_a_name():
    rows = {"elder_check": [PrefilledRow({"elder": "=1+1"}, "=2+2")]}
    sheet = opened(template([ELDERS], ROSTER, TERMS, Prefilled("一组", small.TODAY, rows)))[
        ELDERS.sheet
    ]

    assert [(cell.value, cell.data_type) for cell in sheet[FIRST_ROW] if cell.value][1:] == [
        ("=2+2", "s"),
        ("=1+1", "s"),
    ]


VISIT = [None, None, date(2023, 3, 16), "赵一", None, None, "良好", "良好"]


def test_pre_filled_rows_that_nobody_filled_in_are_left_out_aloud():
    checked = filled({ELDERS.sheet: {FIRST_ROW + 1: VISIT}}, TEAMS)

    assert (read(checked), said(checked)) == (
        [(FIRST_ROW + 1, True)],
        [
            "“对象排查”：1 行预填的还没填，未读取。",
            "“特困老人核查”：2 行预填的还没填，未读取。",
        ],
    )
    empty = [kind.sheet for kind in LOG_KINDS.values() if kind.slug not in PREFILLED.rows]
    [notice] = [each for each in checked.notices if each.fault.rule == "no_rows"]
    assert notice.fault.expected == "、".join(f"“{title}”" for title in empty) + "没有数据行"


@pytest.mark.parametrize("column", range(3, 14))
def test_a_row_in_which_anything_was_written_is_a_row_like_any_other(column):
    checked = filled({ELDERS.sheet: {FIRST_ROW: [*[None] * (column - 1), "有"]}}, TEAMS)

    assert read(checked) == [(FIRST_ROW, False)]


def test_what_helps_to_fill_a_row_in_is_not_read():
    notes = {FIRST_ROW: [7, "西山村", *[None] * 11, "明天去"]}
    checked = filled({ELDERS.sheet: {**notes, FIRST_ROW + 1: VISIT}}, TEAMS)

    assert read(checked) == [(FIRST_ROW + 1, True)]
    assert said(checked)[-1] == "“特困老人核查”：2 行预填的还没填，未读取。"


def sort_and_delete(book: openpyxl.Workbook) -> None:
    """What a lead may do to the sheet: delete a row and a column, swap rows, hide one."""
    sheet = book[ELDERS.sheet]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=7)]
    for number, row in enumerate(reversed(rows[1:]), 5):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
    sheet.delete_rows(7)
    sheet.delete_cols([cell.value for cell in sheet[HEADING_ROW]].index("姓名") + 1)
    sheet.row_dimensions[5].hidden = True


def test_rows_are_known_however_they_were_sorted_and_cut():
    checked = filled({"对象排查": {FIRST_ROW: PATROL}}, TEAMS, sort_and_delete)

    assert (read(checked), said(checked)) == (
        [(FIRST_ROW, True)],
        ["“特困老人核查”：2 行预填的还没填，未读取。"],
    )


def test_rows_are_known_in_the_file_that_comes_back_marked():
    wrong = {ELDERS.sheet: {FIRST_ROW: [None, None, date(2023, 3, 16), "赵二"]}}
    refused = filled(wrong, TEAMS)
    problems = [problem for row in refused.rows for problem in row.problems]
    data = marked(refused.workbook.data, problems)
    mended = filled({ELDERS.sheet: {FIRST_ROW: VISIT}}, data)

    assert (read(refused), read(mended)) == ([(FIRST_ROW, False)], [(FIRST_ROW, True)])
    assert said(mended) == said(refused)


def test_a_workbook_in_which_nothing_was_filled_in_says_so():
    with pytest.raises(UnreadableError) as refused:
        filled({}, TEAMS)

    assert refused.value.sentence == "预填的 4 行都还没填，填写后再传。"


def test_without_our_mark_an_unfinished_row_is_refused():
    checked = filled({}, TEAMS, lambda book: book.remove(book[OPTIONS_SHEET]))

    assert read(checked) == [(5, False), (5, False), (6, False), (7, False)]
    assert said(checked) == [
        f"“{kind.sheet}”第 4 行：以“示例”开头，未读取；如是实际记录，请把这两个字改成序号。"
        for kind in LOG_KINDS.values()
    ]


def test_a_row_of_the_leads_own_is_no_pre_filled_one():
    checked = filled({"对象排查": {FIRST_ROW + 1: [None, None, None, "东社区"]}}, TEAMS)

    assert read(checked) == [(FIRST_ROW + 1, False)]


@pytest.mark.parametrize("garbage", ["{", "[1]", '{"elder": 1}', "null", 7])
def test_a_mark_that_somebody_wrote_in_is_no_error(garbage):
    def scribble(book: openpyxl.Workbook) -> None:
        for column in range(1, 12):
            book[OPTIONS_SHEET].cell(2, column).value = garbage
            book[OPTIONS_SHEET].cell(3, column).value = garbage

    checked = filled({ELDERS.sheet: {FIRST_ROW + 1: VISIT}}, TEAMS, scribble)

    assert (FIRST_ROW + 1, True) in read(checked)
