"""What our own template leaves in a workbook, on its hidden sheet: its version, and its own rows.

Before the lists for drop-downs stand columns under a heading each: the version, and by sheet the
rows that stood there from the start, one cell of JSON a row. They stay with the file, whatever is
sorted, deleted or saved by another program, and tell a row that nobody touched from one filled in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from lib.fields import is_empty, shown
from lib.text import squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lib.fields import Cell, Plain
    from lib.workbooks.reading import Workbook

VERSION = 2  # the first one left no mark
OPTIONS_SHEET = "选项"
NUMBER, PLACE, TO_DO = "序号", "所在村(社区)", "待办"
# Columns of ours besides a kind's own: they help whoever fills the sheet in, and are not read.
HELPING_HEADINGS = frozenset({NUMBER, PLACE, TO_DO})
EXAMPLE = "示例"  # stands first in a row that only shows how to fill the others

_VERSION_HEADING = "模板版本"
_ROWS_HEADING = "模板自带的行："  # and the sheet's name

Contents = dict[str, str]  # a row's filled cells by field slug, as a reader sees them


def contents(cells: Mapping[str, Cell]) -> Contents:
    """What stands in these cells, widths and spaces made alike."""
    return dict(_seen(cells))


def _seen(cells: Mapping[str, Cell]) -> Iterator[tuple[str, str]]:
    """The filled cells one after the other: most rows differ in the first from what is ours."""
    return ((slug, squeezed(shown(cell))) for slug, cell in cells.items() if not is_empty(cell))


@dataclass(frozen=True)
class OwnRows:
    """The rows of one sheet that stood there when it was made: the example, and those pre-filled.

    Both are empty for a sheet that is not of our template.
    """

    example: Contents = field(default_factory=dict)
    prefilled: tuple[Contents, ...] = ()

    def is_example(self, cells: Mapping[str, Cell]) -> bool:
        """Whether these are the cells of the example, each as it was."""
        return bool(self.example) and self.is_of_example(cells) and contents(cells) == self.example

    def is_of_example(self, cells: Mapping[str, Cell]) -> bool:
        """Whether nothing stands here that the example does not say."""
        return all(cell in self.example.items() for cell in _seen(cells))

    def is_untouched(self, cells: Mapping[str, Cell]) -> bool:
        """Whether nothing stands here but what one of the pre-filled rows held from the start."""
        first = next(_seen(cells), None) if self.prefilled else None
        alike = self._by_cell.get(first, ()) if first else ()
        if not alike:
            return False
        found = contents(cells).items()
        return any(found <= row.items() for row in alike)

    @cached_property
    def _by_cell(self) -> Mapping[tuple[str, str], Sequence[Contents]]:
        """The pre-filled rows in which a cell stands: a sheet may have a thousand of them."""
        rows: defaultdict[tuple[str, str], list[Contents]] = defaultdict(list)
        for row in self.prefilled:
            for cell in row.items():
                rows[cell].append(row)
        return rows


@dataclass(frozen=True)
class Mark:
    """The version of the template that a workbook was made from, and its own rows by sheet."""

    version: int
    rows: Mapping[str, OwnRows]

    @property
    def is_outdated(self) -> bool:
        """Whether there is a newer template."""
        return self.version < VERSION

    def of(self, sheet: str) -> OwnRows | None:
        """The template's own rows on the sheet of this name; None when it has none."""
        return self.rows.get(squeezed(sheet))


def columns_of_mark(rows: Mapping[str, OwnRows]) -> Sequence[Sequence[Plain]]:
    """The mark as columns of the hidden sheet, for own rows by sheet."""
    written: list[Sequence[Plain]] = [(_VERSION_HEADING, VERSION)]
    for sheet, own in rows.items():
        lines = (json.dumps(row, ensure_ascii=False) for row in (own.example, *own.prefilled))
        written.append((f"{_ROWS_HEADING}{sheet}", *lines))
    return written


def mark_of(workbook: Workbook) -> Mark:
    """The mark in a workbook that was read; one that is not ours has no rows, and is up to date."""
    hidden = next((each for each in workbook.sheets if each.name == OPTIONS_SHEET), None)
    if hidden is None or not hidden.rows:
        return Mark(VERSION, {})
    version, rows = 1, {}
    for column, heading in enumerate(hidden.rows[0]):
        below = [row[column] for row in hidden.rows[1:] if column < len(row)]
        if heading == _VERSION_HEADING:
            version = _version(below[:1])
        elif isinstance(heading, str) and heading.startswith(_ROWS_HEADING):
            rows[squeezed(heading.removeprefix(_ROWS_HEADING))] = _own_rows(below)
    return Mark(version, rows)


def _version(cells: Sequence[Cell]) -> int:
    """The version written there; the present one where somebody wrote something else."""
    return int(cells[0]) if cells and isinstance(cells[0], int | float) else VERSION


def _own_rows(cells: Sequence[Cell]) -> OwnRows:
    """The rows written below one another, the example first; nothing of what is no row."""
    example, *prefilled = [_contents_in(cell) for cell in cells] or [{}]
    return OwnRows(example, tuple(row for row in prefilled if row))


def _contents_in(cell: Cell) -> Contents:
    try:
        found = json.loads(cell) if isinstance(cell, str) else {}
    except ValueError:
        return {}
    is_row = isinstance(found, dict) and all(isinstance(each, str) for each in found.values())
    return found if is_row else {}
