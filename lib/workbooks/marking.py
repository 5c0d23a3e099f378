"""The uploader's own workbook given back, the offending cells filled and commented (spec §3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lib.logs import LOG_KINDS
from lib.text import squeezed
from lib.workbooks import process
from lib.workbooks.explained import EXPLAINED, HEADINGS
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lib.fields import Plain
    from lib.problems import Problem
    from lib.workbooks.reading import Mend


def marked(
    data: bytes,
    problems: Sequence[Problem],
    mends: Sequence[Mend] = (),
    said: Sequence[Sequence[Plain]] = (),
) -> bytes:
    """The workbook with each problem's sentence at its cell, everything else as it was.

    What is `said` of the workbook stands on a last sheet of its own.
    What was mended on the page stands in its cells, and the marks of an earlier time are gone.
    A problem without a column, or whose column the sheet lacks, goes to the row's first cell.
    A file too odd or too much to be written again (a cell of NaN is enough) is answered with a
    list.
    """
    rows = [(p.place.sheet, p.place.row, p.place.column, p.fault.sentence) for p in problems]
    put = [(mend.sheet, mend.row, mend.field, mend.put) for mend in mends]
    asked = json.dumps({"marks": rows, "mends": put, "said": said}, default=str).encode()
    written = process.run("lib.workbooks.marker", asked + b"\n" + data)
    if written is not None:
        return written
    headings = ["工作表", "行", "列", "问题"]
    listed = LedgerSheet("退回清单", headings, [*rows, *_mended(mends)])
    return office_ledger([listed, *([LedgerSheet(EXPLAINED, HEADINGS, said)] if said else [])])


def _mended(mends: Sequence[Mend]) -> Iterator[tuple[str, int, str, str]]:
    """What the uploader has to write into the file as well, since we cannot."""
    fields = {squeezed(kind.sheet): kind.by_slug for kind in LOG_KINDS.values()}
    for mend in mends:
        heading = fields[squeezed(mend.sheet)][mend.field].heading
        yield mend.sheet, mend.row, heading, f"页面上已改为“{mend.put}”，原文件请同样改正。"
