"""Text that a spreadsheet program could take for a formula is text in every file that leaves."""

from __future__ import annotations

import io
import json
import re
import tempfile
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from lib.clock import business_today, now
from lib.reports import archive
from lib.reports.archive.wanted import Wanted
from lib.text import tidy
from lib.ui import resources
from lib.workbooks.cells import put
from lib.workbooks.ledger import LedgerSheet, office_ledger
from tests.support.downloads import ask, token
from tests.support.leaving import stock
from tests.support.small_office import REVIEWER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.visits import Office

SIGNS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=2+2",
    "\r=3+3",
    "＝1+1",
    "#REF!",
    "=cmd|'/c calc'!A1",
)
_CELL = re.compile(r"<c [^>]*>.*?</c>|<c [^>]*/>", re.DOTALL)


def packed(data: bytes, path: str = "") -> Iterator[tuple[str, bytes]]:
    """A file and, of an archive, all files in it."""
    yield path, data
    if data[:2] == b"PK" and not path.endswith((".xlsx", ".docx")):
        with ZipFile(io.BytesIO(data)) as opened:
            for name in opened.namelist():
                yield from packed(opened.read(name), name)


def computed(data: bytes) -> list[str]:
    """The cells of a workbook that are a formula or an error value, as XML."""
    with ZipFile(io.BytesIO(data)) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        cells = [cell for name in sheets for cell in _CELL.findall(parts.read(name).decode())]
    return [cell for cell in cells if "<f" in cell or ' t="e"' in cell]


def fields(data: bytes) -> set[str]:
    """The instructions of a document's fields."""
    with ZipFile(io.BytesIO(data)) as parts:
        xml = "".join(parts.read(n).decode() for n in parts.namelist() if n.endswith(".xml"))
    return set(re.findall(r'w:instr="([^"]*)"', xml)) | set(re.findall("<w:instrText.*?<", xml))


def texts(data: bytes) -> set[object]:
    """Everything that stands in the cells of a workbook."""
    book = load_workbook(io.BytesIO(data))
    return {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}


def test_no_text_is_computed_in_any_file_and_each_is_kept_as_it_was(office: Office):
    stocked = stock(office, SIGNS)
    sent = {
        file.address: ask(file.address, file.query, token(office, file.owner)).body
        for file in stocked.files
        if file.address not in {"/evidence", "/made"}
    }
    sent["/ledger"] = ask("/ledger", "names=full", token(office, REVIEWER)).body
    books = {address: data for address, data in sent.items() if address != "/report"}
    assert [(address, cell) for address, data in books.items() for cell in computed(data)] == []
    assert fields(sent["/report"]) == {" PAGE "}

    planted = {tidy(sign) for sign in SIGNS}
    assert planted <= texts(sent["/ledger"])
    assert {tidy(SIGNS[-1]), tidy(SIGNS[0])} <= texts(sent["/finding_list"])
    assert planted & texts(sent["/sample_sheet"])
    assert f"{SIGNS[-1]}户"[:1] + "*" in texts(sent["/unreached"])

    inside = dict(packed(archived(office)))
    for path, data in inside.items():
        if path.endswith(".xlsx"):
            assert computed(data) == [], path
        elif path.endswith(".docx"):
            assert fields(data) == {" PAGE "}, path
        elif path.endswith(".jsonl"):
            assert all(isinstance(json.loads(line), dict) for line in data.decode().splitlines())
    assert planted & texts(inside["抽查/抽查.xlsx"])


def archived(office: Office) -> bytes:
    """The acceptance file of the office."""
    wanted = Wanted(
        office.engine, office.stored, resources.blobs(), REVIEWER, now(), business_today()
    )
    with tempfile.TemporaryFile() as file:
        archive.write(wanted, file, lambda *_: None)
        file.seek(0)
        return file.read()


@pytest.mark.parametrize("sign", [*SIGNS, "\x00=1", "\x0b文", "a" * 32_767])
def test_a_cell_holds_the_text_and_nothing_else(sign: str):
    data = office_ledger([LedgerSheet("表", [sign], [[sign, 1]], title=sign, byline=(sign, sign))])
    assert computed(data) == []
    rows = list(load_workbook(io.BytesIO(data))["表"].iter_rows(values_only=True))
    held = re.sub(r"[\x00\x0b]", "", sign)
    assert [rows[0][0], rows[2][1], rows[3][1]] == [held, held, held]


def test_a_text_over_the_limit_says_so_at_its_end():
    cell = Workbook().worksheets[0].cell(1, 1)
    put(cell, "字" * 40_000)
    assert (len(cell.value), cell.value[-34:]) == (
        32_767,
        "字字字字字字……（全文 40000 字，单元格装不下，请到系统里查看）"[-34:],
    )
