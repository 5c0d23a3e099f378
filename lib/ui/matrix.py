"""A table of small coloured cells: places, people or elders by month, every cell a way in."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from lib.ui import pieces
from lib.ui.links import Link, content

if TYPE_CHECKING:
    from collections.abc import Sequence

STRONGEST = 4  # levels of shade: 0 is none


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and its shade from 0 to STRONGEST; None where nothing is to be shown.

    The text alone says it all: the shade only helps the eye. A link leads to the rows behind it.
    """

    content: str | Link
    level: int | None = None


@dataclass(frozen=True)
class Row:
    """A row: its name, which may lead to its own page, and a cell for each column."""

    name: str | Link
    cells: Sequence[Cell]


def shade(part: float) -> int:
    """The level for a part from 0 to 1: 0 only for nothing, STRONGEST only for all."""
    if part <= 0:
        return 0
    return STRONGEST if part >= 1 else 1 + int(part * (STRONGEST - 1))


def matrix(label: str, corner: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Rows by columns; wider than the window, it is moved sideways below the rows' names."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{content(row.name)}</th>{"".join(map(_cell, row.cells))}</tr>'
        for row in rows
    )
    pieces.draw(
        f'<div class="matrix" role="region" aria-label="{escape(label)}" tabindex="0"><table>'
        f'<thead><tr><th scope="col">{escape(corner)}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(cell: Cell) -> str:
    shaded = "" if cell.level is None else f' class="level-{cell.level}"'
    return f"<td{shaded}>{content(cell.content)}</td>"
