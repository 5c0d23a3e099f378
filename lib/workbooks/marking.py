"""The uploader's own workbook given back, the offending cells filled and commented (spec §3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lib.workbooks import process
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.problems import Problem


def marked(data: bytes, problems: Sequence[Problem]) -> bytes:
    """The workbook with each problem's sentence at its cell, everything else as it was.

    A problem without a column, or whose column the sheet lacks, goes to the row's first cell.
    A file too odd or too much to be written again (a cell of NaN is enough) is answered with a
    list.
    """
    rows = [(p.place.sheet, p.place.row, p.place.column, p.fault.sentence) for p in problems]
    written = process.run("lib.workbooks.marker", json.dumps(rows).encode() + b"\n" + data)
    if written is not None:
        return written
    headings = ["工作表", "行", "列", "问题"]
    return office_ledger([LedgerSheet("退回清单", headings, rows)])
