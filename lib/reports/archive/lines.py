"""Rows as members of the archive: JSON for machines, exact and the same each time; workbooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lib.reports.archive.zipped import Member
from lib.store.chain import canonical
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from lib.fields import Plain


def json_lines(path: str, rows: Iterable[Mapping[str, Any]], remark: str = "") -> Member:
    """A line of canonical JSON for each row: what hashes are taken over stands there as it was."""
    return Member(path, (f"{canonical(row)}\n".encode() for row in rows), remark)


def json_file(path: str, value: object) -> Member:
    """One JSON value, laid out for people to read."""
    text = json.dumps(json.loads(canonical(value)), ensure_ascii=False, indent=1)
    return Member(path, [f"{text}\n".encode()])


def workbook(
    path: str, name: str, headings: Sequence[str], rows: Sequence[Sequence[Plain]]
) -> Member:
    """A workbook of one sheet."""
    return Member(path, [office_ledger([LedgerSheet(name, headings, rows)])])
