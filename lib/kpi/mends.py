"""Cells of a version's row that were mended on the page before it was posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.access import masked_name
from lib.logs import LOG_KINDS
from lib.logs.references import People
from lib.store.schema import mend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from lib.kpi.cells import Eyes
    from lib.kpi.versions import Version


@dataclass(frozen=True)
class MendedCell:
    """A column's heading, what stands in the file, and what was put instead; "" is empty."""

    heading: str
    found: str
    put: str


def mended_cells(
    connection: Connection, contract_id: int, eyes: Eyes, version: Version
) -> Sequence[MendedCell]:
    """The version's mended cells in the order of its columns, as the viewer may see them.

    What stood in the file may be anything, somebody's name too, and is masked in every column.
    """
    kind = LOG_KINDS[version.kind]
    query = select(mend.c.field, mend.c.found, mend.c.put).where(
        mend.c.contract_id == contract_id,
        mend.c.receipt_id == version.receipt_id,
        mend.c.sheet == kind.sheet,
        mend.c.row == version.source_row,
    )
    mended = {row.field: row for row in connection.execute(query)}
    full = eyes.sees_names_of(version)
    cells = []
    for field in kind.fields:
        if field.slug in mended:
            found, put = mended[field.slug].found, mended[field.slug].put
            names = isinstance(field.type, People) or field.names_somebody
            cells.append(
                MendedCell(
                    field.heading,
                    found if full else masked_name(found),
                    masked_name(put) if names and not full else eyes.written(put, version),
                )
            )
    return cells
