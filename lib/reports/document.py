"""What a report says, apart from how it looks: headings, paragraphs, tables as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.periods import BUSINESS_ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime


@dataclass(frozen=True)
class Made:
    """When a report is made, and by whom; whether its staff stand in it by name."""

    at: datetime
    by: str
    full_names: bool = False

    @property
    def on(self) -> date:
        """The day on which it is made, where the services are delivered."""
        return self.at.astimezone(BUSINESS_ZONE).date()


@dataclass(frozen=True)
class Heading:
    """A heading without its number, which comes from where it stands; `level` is 1 to 4."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body."""

    text: str


@dataclass(frozen=True)
class Note:
    """A paragraph in small type: what a table leaves unsaid, how a report was made."""

    text: str


@dataclass(frozen=True)
class Column:
    """A column of a table: its share of the width, and whether numbers stand in it."""

    heading: str
    width: int
    is_number: bool = False


def numbers(width: int, *headings: str) -> list[Column]:
    """Columns of numbers, one as wide as the other."""
    return [Column(heading, width, is_number=True) for heading in headings]


@dataclass(frozen=True)
class Table:
    """A table under its caption, which is numbered by where it stands; cells are texts."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


Block = Heading | Paragraph | Note | Table


@dataclass(frozen=True)
class Document:
    """A document in the order of its reading; a title may say where its lines break.

    `state` says under the title what it is as of; `signed_by` and `signed_on` close it, the place
    for the seal is over them. Without a recipient it is addressed to nobody. `basis` says on what
    entries it rests.
    """

    title: str
    state: str
    body: Sequence[Block]
    made: Made
    recipient: str = ""
    attachments: Sequence[str] = ()
    signed_by: str = ""
    signed_on: date | None = None
    basis: str = ""
