"""Bars below each other: a name, how much of the whole, and the figure in words."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from lib.ui import pieces
from lib.ui.links import Link, content

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Bar:
    """A name, the part from 0 to 1 that is filled, and the figure; both texts may be links."""

    name: str | Link
    part: float
    figure: str | Link


def bars(label: str, shown: Sequence[Bar]) -> None:
    """The bars in the order given."""
    lines = "".join(
        f'<li><span class="name">{content(bar.name)}</span>'
        f'<span class="track"><i style="width:{min(max(bar.part, 0), 1):.1%}"></i></span>'
        f'<span class="figure">{content(bar.figure)}</span></li>'
        for bar in shown
    )
    pieces.draw(f'<ul class="bars" aria-label="{escape(label)}">{lines}</ul>')
