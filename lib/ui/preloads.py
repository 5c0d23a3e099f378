"""What a browser loads at once with the shell, rather than when the first answer asks for it.

Streamlit loads a component's script when it is first drawn: with an empty browser a round of
requests more, between the answer and the figures, in which what was drawn already moves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What stands on every page of figures.
COMPONENTS = ("Html",)
_IMPORTED = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')


def links(index: Path) -> str:
    """Links for a shell: the components' scripts and all that they import, not yet in it.

    The components' own are marked: `start.js` has them run before they are asked for.
    """
    scripts, said = index.parent / "static" / "js", index.read_text(encoding="utf-8")
    own = {name for component in COMPONENTS for name in _of(component, scripts)}
    return "".join(
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}"{mark}>'
        for name in sorted(_needed(scripts))
        for mark in (" data-drawn-with" if name in own else "",)
        if name not in said
    )


def _needed(scripts: Path) -> set[str]:
    """The names of the scripts; ValueError where Streamlit has no such component any more."""
    wanted = [name for component in COMPONENTS for name in _of(component, scripts)]
    known: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in known:
            known.add(name)
            wanted += _IMPORTED.findall((scripts / name).read_text(encoding="utf-8"))
    return known


def _of(component: str, scripts: Path) -> Iterator[str]:
    (path,) = scripts.glob(f"{component}.*.js")
    yield path.name
