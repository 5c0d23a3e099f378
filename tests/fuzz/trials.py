"""What is tried with whatever is handed in, over and over, and how often it is tried."""

from __future__ import annotations

import io
import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import pikepdf
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from lib.logs import LOG_KINDS
from lib.logs.columns import SUBJECTS
from lib.workbooks.checking import check_workbook
from lib.workbooks.packed import unpacked
from lib.workbooks.reading import workbook_of
from tests.fuzz import filled
from tests.fuzz.damage import OF_BYTES, OF_WORKBOOKS, damaged, damages, pictures, workbooks
from tests.fuzz.filled import CONTEXT, WRONG, packed
from tests.fuzz.slow import same, slow_reading
from tests.support.pictures import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from lib.logs.entry import Entry
    from lib.workbooks.packed import Packed
    from lib.workbooks.reading import Workbook
    from tests.fuzz.child import Worker
    from tests.fuzz.filled import Filled

_SENTENCE = re.compile(r"[^\n]*[\u4e00-\u9fff][^\n]*。")


def tried(
    strategy: st.SearchStrategy[Any], check: Callable[[Any], object], number: int, chosen: int
) -> None:
    """Check so many examples; a failing one is made as small as it can be, and shown."""
    trial = given(strategy)(check)
    seed(chosen)(
        settings(
            max_examples=number,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        )(trial)
    )()


def refused(said: dict[str, Any]) -> bool:
    """Whether it is refused, which is to be with one sentence in Chinese."""
    if "refused" not in said:
        return False
    assert _SENTENCE.fullmatch(said["refused"]), said
    return True


def agrees(data: bytes, said: Packed) -> None:
    """Whatever is accepted is what the slow reader finds, cell by cell."""
    sheets, is_1904 = slow_reading(data)
    found = said.head["sheets"]
    assert [sheet["name"] for sheet in found] == [sheet.name for sheet in sheets]
    rows = said.rows(said.head["values"])
    for sheet, slow in zip(found, sheets, strict=True):
        cells = {
            (row, column): cell
            for row, line in enumerate(islice(rows, sheet["rows"]))
            for column, cell in enumerate(line)
            if cell is not None
        }
        assert cells.keys() == slow.cells.keys()
        differ = [
            (place, slow.cells[place], cell)
            for place, cell in cells.items()
            if not same(slow.cells[place], cell, is_1904=is_1904)
        ]
        assert not differ
        assert sheet["hidden_rows"] == slow.hidden


def damaged_workbooks(worker: Worker, number: int, chosen: int) -> int:
    """Damaged workbooks: refused in a sentence, or read for what they say; how many were read."""
    accepted = 0

    def check(example: tuple[int, list[tuple[str, int]]]) -> None:
        nonlocal accepted
        data = damaged(workbooks()[example[0]], example[1])
        said = unpacked(worker.said("workbook", data))
        if not refused(said.head):
            agrees(data, said)
            accepted += 1

    tried(st.tuples(st.integers(0, 2), damages(OF_BYTES | OF_WORKBOOKS)), check, number, chosen)
    return accepted


def filled_workbooks(worker: Worker, number: int, chosen: int) -> int:
    """Workbooks of every sort of cell: each row as its cells mean; how many rows were accepted."""
    accepted = 0

    def check(example: tuple[list[Filled], bool]) -> None:
        nonlocal accepted
        sheets, shared = example
        data = packed(sheets, shared=shared)
        said = worker.said("workbook", data)
        found = unpacked(said)
        assert not refused(found.head), found.head
        agrees(data, found)
        if any(_filled(sheet) for sheet in sheets):
            accepted += _checked_right(sheets, workbook_of("示例.xlsx", data, said))

    tried(st.tuples(filled.workbooks(), st.booleans()), check, number, chosen)
    return accepted


def _filled(sheet: Filled) -> dict[int, dict[str, Any]]:
    """What the cells of each row mean that is not empty."""
    meant = {
        number: {slug: cell.means for slug, cell in cells.items() if cell.means is not None}
        for number, cells in sheet.rows.items()
    }
    return {number: cells for number, cells in meant.items() if cells}


def _checked_right(sheets: list[Filled], workbook: Workbook) -> int:
    """Every row that is there is checked, and says what its cells mean or names a wrong one."""
    checked = check_workbook(workbook, CONTEXT)
    found = {(row.kind, row.place.row): row for row in checked.rows}
    meant = {
        (sheet.kind.slug, row): cells for sheet in sheets for row, cells in _filled(sheet).items()
    }
    assert found.keys() == meant.keys()
    assert len(checked.rows) == len(meant)
    for place, row in found.items():
        kind, cells = LOG_KINDS[place[0]], meant[place]
        wrong = {kind.by_slug[slug].heading for slug, means in cells.items() if means is WRONG}
        missing = {
            field.heading for field in kind.fields if field.required and field.slug not in cells
        }
        named = {problem.place.column for problem in row.problems}
        assert wrong | missing <= named, (wrong, missing, row)
        assert bool(row.entry) is not bool(row.problems)
        if row.entry:
            assert _said(row.entry) == {
                slug: means for slug, means in cells.items() if kind.by_slug[slug].stored
            }
    return sum(1 for row in checked.rows if row.entry)


def _said(entry: Entry) -> dict[str, Any]:
    """What an entry says, by field."""
    subjects = {slug: getattr(entry, slug) for slug in SUBJECTS}
    said = {"day": entry.day, "people": entry.people, **subjects, **entry.details}
    return {slug: value for slug, value in said.items() if value is not None}


def damaged_pictures(worker: Worker, number: int, chosen: int) -> int:
    """Damaged pictures: refused in a sentence, or clean; how many were kept."""
    kept = 0

    def check(example: tuple[int, list[tuple[str, int]]]) -> None:
        nonlocal kept
        line, _, rest = worker.said(
            "picture", damaged(pictures()[example[0]], example[1])
        ).partition(b"\n")
        said = json.loads(line)
        if not refused(said):
            _is_clean(said, rest)
            kept += 1

    tried(st.tuples(st.integers(0, len(pictures()) - 1), damages(OF_BYTES)), check, number, chosen)
    return kept


def _is_clean(said: dict[str, Any], kept: bytes) -> None:
    """What is kept opens again, is as large as is said, and holds nothing besides."""
    if said["media_type"] == "application/pdf":
        with pikepdf.open(io.BytesIO(kept), attempt_recovery=False) as pdf:
            assert len(pdf.pages) >= 1
            assert not {"/OpenAction", "/AA", "/Names"} & set(pdf.Root.keys())
    else:
        image = Image.open(io.BytesIO(kept[: len(kept) - said["thumbnail"]]), formats=["JPEG"])
        image.load()
        assert image.size == (said["width"], said["height"])
    assert [secret for secret in SECRETS if secret in kept] == []
