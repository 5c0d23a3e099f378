"""Pieces of a page as HTML: many in one element, since each element costs a message; and kept."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib.ui import reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

_GATHERED: ContextVar[list[str] | None] = ContextVar("gathered", default=None)


@dataclass(frozen=True)
class _Markup:
    """HTML that is taken as it stands: in a text Streamlit looks for lines to be outdented."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


def draw(markup: str) -> None:
    """Draw HTML: as an element of its own, or among the pieces that are being gathered."""
    gathered = _GATHERED.get()
    if gathered is None:
        st.html(_Markup(markup))
    else:
        gathered.append(markup)


@contextmanager
def together() -> Iterator[None]:
    """What is drawn meanwhile stands in one element, its pieces as far apart as elements are.

    Where something fails, what was drawn before stands above what is said of it.
    """
    found: list[str] = []
    try:
        with _into(found):
            yield
    finally:
        if found:
            draw(_below(found))


@contextmanager
def beside(*widths: int) -> Iterator[Sequence[AbstractContextManager[None]]]:
    """Columns of one element, to be filled one after the other; below each other on a phone."""
    columns: list[list[str]] = [[] for _ in widths]
    yield [_into(column) for column in columns]
    shares = " ".join(f"minmax(0,{width}fr)" for width in widths)
    inside = "".join(map(_below, columns))
    draw(f'<div class="columns" style="--columns:{shares}">{inside}</div>')


@contextmanager
def _into(found: list[str]) -> Iterator[None]:
    before = _GATHERED.set(found)
    try:
        yield
    finally:
        _GATHERED.reset(before)


def _below(found: Sequence[str]) -> str:
    return f'<div class="pieces">{"".join(found)}</div>'


def kept(how: Callable[..., None], *given: object) -> None:
    """What `how(*given)` draws, as one element, kept until the ledger changes.

    It is kept for every viewer alike: `given` says all it depends on, who is looking included. All
    of it is drawn by `draw`; an element of Streamlit's own would be missing the next time.
    """
    markup = reads.made(drawn, how, *given)
    if markup:
        draw(markup)


def drawn(how: Callable[..., None], *given: object) -> str:
    """What `how(*given)` draws, as HTML; empty where that is nothing."""
    found: list[str] = []
    with _into(found):
        how(*given)
    return _below(found) if found else ""


def heading(words: str) -> None:
    """What a part of the page is about."""
    draw(f'<h3 class="heading">{escape(words)}</h3>')


def note(words: str) -> None:
    """A sentence in small print."""
    draw(f'<p class="note">{escape(words)}</p>')


def info(sentence: str) -> None:
    """Say that there is nothing, or what to do first."""
    draw(f'<div class="notice" role="status">{escape(sentence)}</div>')


def success(sentence: str) -> None:
    """Say that all is well."""
    draw(f'<div class="notice well" role="status">{escape(sentence)}</div>')
