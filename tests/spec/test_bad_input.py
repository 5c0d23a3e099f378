"""Bad input (spec §8): each kind of file refused on both stores, at little cost, and recorded.

What its three paragraphs name besides is tried elsewhere; `FOUND_IN` says where.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from lib import contract, process
from lib.settings import ROOT
from lib.store import schema, setup
from lib.store.engine import reading
from lib.store.pending_uploads import State
from lib.ui.upload_desk import Desk
from lib.workbooks import limits
from tests.support.small_office import LEAD, OTHER_LEAD, POSTED_AT, TERMS, WEST, book, case, patrol
from tests.support.visits import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Engine

SECONDS = 60
LITTLE = process.Limits(memory=512 << 20, cpu_seconds=5, seconds=60)  # CI is slow
DAY = date(2023, 4, 3)
ROWS = {"业务协办": [case(DAY, "示员甲", "示申009")], "对象排查": [patrol(DAY, "示员乙", WEST)]}
SHEET = "xl/worksheets/sheet1.xml"

# Phrase of §8 → the tests that try it, besides those below.
READING = "unit/workbooks/test_reading.py"
FOUND_IN = {
    "Empty; CSV or HTML; .xls; encrypted": (
        READING,
        "test_what_is_no_workbook_is_refused_by_its_content",
    ),
    "cut off": (READING, "test_a_file_that_was_cut_off_is_refused"),
    "bit-flipped": (
        "fuzz/test_fuzzing.py",
        "test_a_damaged_workbook_is_refused_or_read_for_what_it_says",
    ),
    ".docx": (READING, "test_a_document_under_the_name_of_a_workbook_is_refused"),
    "XFD1048576": (READING, "test_a_cell_in_the_last_corner_is_refused_however_it_is_written"),
    "DOCTYPE or entities": (READING, "test_a_declaration_is_refused_in_every_part_and_encoding"),
    "encodings": (READING, "test_a_sheet_in_another_encoding_is_never_read_as_an_empty_one"),
    "lies about sizes": (READING, "test_a_directory_that_lies_about_sizes_is_refused"),
    "`../` names": (READING, "test_parts_with_names_that_lead_elsewhere_are_refused"),
    "Macros": (READING, "test_macros_are_ignored_and_said_so"),
    "Declared dimensions": (READING, "test_a_sheet_is_read_in_full_whatever_size_it_declares"),
    "a 1904 workbook": (READING, "test_days_of_a_1904_workbook_are_not_shifted"),
    "hidden rows, hidden sheets": (READING, "test_hidden_rows_and_hidden_sheets_are_read"),
    "hidden rows counted aloud": (READING, "test_hidden_rows_are_read_and_counted"),
    "Merged cells": (READING, "test_merged_cells_among_the_rows_are_refused_with_their_range"),
    "The same bytes again": (
        "app/test_upload_log.py",
        "test_the_same_file_again_says_when_and_by_whom",
    ),
    "Cells: formulas, errors, numbers, dates, spaces, counts, lengths": (
        "fuzz/test_fuzzing.py",
        "test_a_row_says_what_its_cells_mean_or_names_the_wrong_one",
    ),
    "Text beginning = + - @": ("app/test_formula_text.py", "test_"),
    "headings": (READING, "test_wrong_headings_are_named"),
    "Only headings": (
        "app/test_upload_log.py",
        "test_a_file_refused_whole_is_answered_in_one_sentence_and_recorded",
    ),
    "HTML named .jpg, SVG, 900 megapixels, cut-off, 0 bytes": (
        "unit/pictures/test_photos.py",
        "test_what_is_no_whole_still_picture_is_refused_in_one_sentence",
    ),
    "PDF with script": ("unit/pictures/test_scans.py", "test_a_scan_that_acts_is_refused"),
    "Position data": ("unit/pictures/test_photos.py", "test_a_photo_comes_out_upright_and_bare"),
    "A page's address": (
        "app/test_upload_log.py",
        "test_a_page_opens_for_its_roles_and_is_not_found_by_others",
    ),
    "ids in the URL": (
        "app/test_attach_evidence.py",
        "test_what_is_not_there_is_answered_like_what_is_not_yours",
    ),
    "Submit three times": ("app/test_upload_log.py", "test_three_clicks_post_once"),
    "A tab closed during an upload": (
        "faults/test_upload_kills.py",
        "test_killed_while_posting_the_upload_tells_the_truth",
    ),
}


def repacked(change: Callable[[dict[str, bytes]], object], data: bytes = b"") -> bytes:
    """A good workbook with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data or book(ROWS))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A good workbook with one part more, or another one in its place."""
    return repacked(lambda parts: parts.update({name: content}))


def in_sheet(old: str, new: str) -> bytes:
    """A good workbook with a piece of its first sheet changed."""
    return repacked(
        lambda parts: parts.update(
            {SHEET: re.sub(old.encode(), new.encode(), parts[SHEET], count=1)}
        )
    )


def edited(change: Callable[[Workbook], object]) -> bytes:
    """A good workbook changed as in a spreadsheet program."""
    workbook = load_workbook(io.BytesIO(book(ROWS)))
    change(workbook)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def only_a_chart(workbook: Workbook) -> None:
    """A chart sheet first, and no sheet of ours."""
    del workbook["业务协办"], workbook["对象排查"]
    workbook.create_chartsheet("示图")
    workbook.create_sheet("示他")


def many_rows() -> bytes:
    """One row more than the limit."""
    rows = "".join(f'<row r="{n}"><c><v>1</v></c></row>' for n in range(1, limits.ROWS + 2))
    return in_sheet("(?s)<sheetData>.*</sheetData>", f"<sheetData>{rows}</sheetData>")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
FAR = '<row r="1048576">{}</row></sheetData>'
ODD, DAMAGED = "文件读不出来", "文件已损坏或不完整"
NO_WORKBOOK = "不是 Excel 工作簿"
TOO_MUCH = "文件解压后超过 300 MB"
BAD: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "文件是空的"),
    "cut off": (lambda: book(ROWS)[:-900], DAMAGED),
    "csv": ("日期,服务人员\n".encode, NO_WORKBOOK),
    "html": (lambda: b"<html><table></table></html>", NO_WORKBOOK),
    "xls": (lambda: OLE, "这是旧版 .xls 格式"),
    "encrypted": (
        lambda: OLE + "EncryptedPackage".encode("utf-16-le"),
        "文件已加密，请取消打开密码",
    ),
    "rows that unpack": (
        lambda: with_part(SHEET, b"<worksheet>" + b"<row/>" * (60 << 20)),
        TOO_MUCH,
    ),
    "strings that unpack": (
        lambda: with_part(
            "xl/sharedStrings.xml", b"<sst>" + b"<si><t>aaaaaaaa</t></si>" * (14 << 20)
        ),
        TOO_MUCH,
    ),
    "a picture that unpacks": (lambda: with_part("xl/media/a.png", bytes(301 << 20)), TOO_MUCH),
    "last corner": (
        lambda: in_sheet("</sheetData>", FAR.format("<c t='n' r = 'XFD1048576'><v>1</v></c>")),
        "工作表“业务协办”有内容的列多达 16384 列，上限 256 列",
    ),
    "last corner, absolute": (
        lambda: in_sheet("</sheetData>", FAR.format('<c r="$XFD$1048576"><v>1</v></c>')),
        ODD,
    ),
    "doctype": (
        lambda: in_sheet("<worksheet", "<!DOCTYPE x><worksheet"),
        "文件内部含有不允许的声明",
    ),
    "utf-16": (
        lambda: repacked(
            lambda parts: parts.update({SHEET: parts[SHEET].decode().encode("utf-16")})
        ),
        ODD,
    ),
    "names that lead out": (lambda: with_part("../a", b""), "文件内部结构不正常"),
    "two of one name": (lambda: with_part("XL/Workbook.xml", b"<a/>"), "文件内部结构不正常"),
    "many parts": (
        lambda: repacked(lambda parts: parts.update({f"xl/{n}": b"" for n in range(30_000)})),
        "文件内部有 30",
    ),
    "more rows": (many_rows, f"工作表“业务协办”有 {limits.ROWS + 1} 行，上限 {limits.ROWS} 行"),
    "too large": (lambda: bytes(limits.UPLOAD_BYTES + 1), "文件超过 20 MB"),
    "only a chart": (
        lambda: edited(only_a_chart),
        "没有认识的工作表，文件里有：“示他”；工作表名应为：",
    ),
    "merged": (
        lambda: edited(lambda workbook: workbook["业务协办"].merge_cells("C4:D4")),
        "工作表“业务协办”的数据行中有合并单元格 C4:D4",
    ),
    "only headings": (lambda: book({"业务协办": []}), "表中没有数据行"),
}


@pytest.fixture(scope="module")
def files() -> Mapping[str, bytes]:
    """Every bad file."""
    return {name: make() for name, (make, _) in BAD.items()}


@pytest.fixture(scope="module")
def office(shared_engine: Engine) -> Office:
    """Rosters and two team leads, nothing posted."""
    stored = setup.prepare(shared_engine, contract.parse(TERMS, "contract.toml"))
    office = Office(shared_engine, stored)
    office.import_rosters()
    office.add(LEAD)
    office.add(OTHER_LEAD)
    return office


@pytest.fixture(scope="module")
def desk(office: Office) -> Iterator[Desk]:
    """A process that works on uploads."""
    desk = Desk(office.engine, office.stored, lambda: POSTED_AT)
    yield desk
    desk.finish(SECONDS)


def entries(engine: Engine) -> int:
    """How many entries are in the ledger."""
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(schema.entry)) or 0


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_one_sentence_and_recorded(
    office: Office, desk: Desk, files: Mapping[str, bytes], name: str
):
    data, words = files[name], BAD[name][1]
    before, already = entries(office.engine), len(office.audit("upload_refused"))

    upload_id = desk.hand_in(LEAD, f"示例 {name}.xlsx", data)
    desk.finish(SECONDS)

    upload = desk.find(LEAD, upload_id)
    assert upload
    assert upload.said
    assert (upload.state, upload.is_kept) == (State.REFUSED, False)
    assert re.fullmatch(r"[^。\n]+。", upload.said)
    assert upload.said.startswith(words)
    [line] = office.audit("upload_refused")[already:]
    assert (line["by"], line["at"], line["subject"]) == (
        LEAD.name,
        POSTED_AT,
        hashlib.sha256(data).hexdigest(),
    )
    assert line["after"] == {
        "file": f"示例 {name}.xlsx",
        "size": len(data),
        "reason": upload.said,
    }
    assert entries(office.engine) == before


READ = [name for name in BAD if name != "too large"]  # that one no worker ever sees


@pytest.mark.parametrize("name", READ)
def test_refusing_costs_little(files: Mapping[str, bytes], name: str):
    said = process.run("lib.workbooks.worker", files[name], LITTLE)
    assert said is not None


def test_another_is_served_while_a_bomb_is_refused(
    office: Office, desk: Desk, files: Mapping[str, bytes]
):
    other = Desk(office.engine, office.stored, lambda: POSTED_AT)
    bomb = desk.hand_in(LEAD, "示例.xlsx", files["strings that unpack"] + b"\0")
    with ThreadPoolExecutor() as pool:
        refused = pool.submit(desk.finish, SECONDS)
        good = other.hand_in(
            OTHER_LEAD, "四月.xlsx", book({"对象排查": [patrol(DAY, "示员丙", WEST)]})
        )
        plan = other.plan(OTHER_LEAD, good, SECONDS)
        assert plan
        assert [str(row.outcome) for row in plan.rows] == ["new"]
        refused.result()
    upload = desk.find(LEAD, bomb)
    assert upload
    assert upload.state == State.REFUSED


def test_every_phrase_is_tried_by_a_test_that_is_there():
    missing = []
    for path, name in FOUND_IN.values():
        source = (ROOT / "tests" / path).read_text(encoding="utf-8")
        missing += [] if f"def {name}" in source else [name]
    assert missing == []
