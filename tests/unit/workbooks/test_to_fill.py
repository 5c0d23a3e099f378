"""A ledger laid out for a pen: still the same ledger, printable across, rows as high as needed."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from lib.workbooks.ledger import LedgerSheet, office_ledger
from lib.workbooks.own import read_own_workbook
from lib.workbooks.to_fill import laid_out

ROWS = [["=1+1", "短"], ["甲", "很长的一段话" * 10], [None, None]]
SHEETS = [
    LedgerSheet("抽查表", ["村(社区)", "内容"], ROWS, "抽查表", ("项目组", "验收")),
    LedgerSheet("说明", ["项目", "取值"], [["抽样码", "K7"]]),
]


def test_what_stands_in_it_stays():
    data = office_ledger(SHEETS)
    before, after = (
        read_own_workbook("表.xlsx", each).sheets for each in (data, laid_out(data, [8, 20]))
    )
    assert [list(sheet.rows) for sheet in after] == [list(sheet.rows) for sheet in before]


def test_it_prints_across_with_headings_on_every_page():
    sheet = load_workbook(io.BytesIO(laid_out(office_ledger(SHEETS), [8, 20]))).worksheets[0]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$3:$3"
    assert [sheet.column_dimensions[name].width for name in "BC"] == [8, 20]
    # 60 wide signs on 20 are 6 lines; the others get what a pen needs.
    assert [sheet.row_dimensions[number].height for number in (4, 5, 6)] == [26, 102, 26]


def test_a_formula_stays_text():
    sheet = load_workbook(io.BytesIO(laid_out(office_ledger(SHEETS), [8, 20]))).worksheets[0]
    cell = sheet["B4"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)
