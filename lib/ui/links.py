"""Addresses of pages and downloads: what is shown stands in them, so that a link can be sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from lib.contract import Cases, Coverage, Events, LocalityMonths, Visits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from lib.contract import Obligation
    from lib.kpi.selection import Selection


def to(page: str, /, **parts: object) -> str:
    """The address of a page by its last name (`rows`, `locality`), empty parts left out."""
    filled = {name: str(value) for name, value in parts.items() if value not in ("", None)}
    return f"{page}?{urlencode(filled)}" if filled else page


# The overview's: the server gives the default page no name, and answers its file's with a dialog.
OVERVIEW = "./"


@lru_cache(maxsize=8192)  # a page of localities by months has hundreds, at every run the same
def to_rows(wanted: Selection, as_of: date) -> str:
    """The address of the entries selected."""
    return to("rows", **wanted.parts(), as_of=as_of)


_DIGITS = 9  # no id and no page has more, and every store's integers hold them
_SUBJECTS: Mapping[type, str] = {
    Coverage: "campaign",
    Visits: "elder_checks",
    Cases: "cases",
    Events: "trainings",
    LocalityMonths: "localities",
}


def to_subject(obligation: Obligation, as_of: date) -> str:
    """The address of the page that looks at an obligation; empty where there is none."""
    page = _SUBJECTS.get(type(obligation))
    return to(page, as_of=as_of) if page else ""


def to_clause(obligation: Obligation, as_of: date) -> str:
    """The address of an obligation's clause among those of the contract."""
    return to("obligations", clause=obligation.code, as_of=as_of)


def number_in(text: str) -> int | None:
    """A number as our addresses write it: a few plain digits; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def listed(codes: Iterable[str]) -> str:
    """Several codes as one part of an address, which is never repeated."""
    return ".".join(codes)


def listed_in(text: str | None) -> frozenset[str]:
    """The codes that stand in such a part."""
    return frozenset((text or "").split("."))


@dataclass(frozen=True)
class Link:
    """A text that leads to an address; `hint` is said of it where there is a mouse."""

    text: str
    address: str
    hint: str = ""

    @property
    def markup(self) -> str:
        """The link as HTML, every part escaped; it opens in the same tab."""
        hint = f' title="{escape(self.hint)}"' if self.hint else ""
        return f'<a href="{escape(self.address)}" target="_self"{hint}>{escape(self.text)}</a>'


@dataclass(frozen=True)
class Folded:
    """A word that opens to names and what they hold."""

    word: str
    facts: Sequence[tuple[str, str]]

    @property
    def markup(self) -> str:
        """The word and its facts as HTML, every part escaped."""
        lines = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in self.facts)
        return (
            f"<details><summary>{escape(self.word)}</summary>"
            f'<dl class="facts">{lines}</dl></details>'
        )


def linked(text: str, address: str) -> str | Link:
    """The text, a link where there is an address."""
    return Link(text, address) if address else text


def content(shown: str | int | Link | Folded) -> str:
    """What stands in a cell, as HTML: a link, something folded, or a text made safe."""
    return shown.markup if isinstance(shown, Link | Folded) else escape(str(shown))
