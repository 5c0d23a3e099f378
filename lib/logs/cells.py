"""An entry as the cells of its sheet again: names in place of codes, by heading."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

from lib.fields import Day
from lib.logs.columns import SUBJECTS
from lib.logs.references import NameOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lib.fields import Field
    from lib.logs.kind import LogKind
    from lib.rosters import Roster

Shown = str | int | date | None


class Contents(Protocol):
    """What an entry says, be it new or held in the ledger."""

    @property
    def day(self) -> date: ...  # noqa: D102 - the names are those of `Entry`
    @property
    def people(self) -> Iterable[str]: ...  # noqa: D102
    @property
    def locality(self) -> str | None: ...  # noqa: D102
    @property
    def elder(self) -> str | None: ...  # noqa: D102
    @property
    def household(self) -> str | None: ...  # noqa: D102
    @property
    def application(self) -> str | None: ...  # noqa: D102
    @property
    def details(self) -> Mapping[str, str | int]: ...  # noqa: D102


def cells(kind: LogKind, contents: Contents, roster: Roster) -> Mapping[str, str]:
    """The filled cells by heading, in the sheet's order."""
    values = ((field.heading, cell(field, contents, roster)) for field in kind.fields)
    return {heading: str(value) for heading, value in values if value is not None}


def written(kind: LogKind, contents: Contents) -> Mapping[str, str | int]:
    """The filled cells by field slug, codes in place of names: read again, they say the same."""
    cells: dict[str, str | int] = {
        "day": contents.day.isoformat(),
        "people": "、".join(contents.people),
        **contents.details,
    }
    cells |= {slug: code for slug in SUBJECTS if (code := getattr(contents, slug))}
    return {field.slug: cells[field.slug] for field in kind.fields if field.slug in cells}


def cell(field: Field, contents: Contents, roster: Roster) -> Shown:
    """What stands in a column: a day as a day, names in full; None for an empty cell."""
    match field.slug:
        case "day":
            return contents.day
        case "people":
            return "、".join(roster.staff[code].name for code in contents.people)
        case "locality":
            return roster.localities[contents.locality].name if contents.locality else None
        case "elder" | "household" | "application":
            code: str | None = getattr(contents, field.slug)
            return code
        case _ if isinstance(field.type, NameOf):
            code = getattr(contents, field.type.subject)
            return field.type.listed(code, roster) if code else None
        case _:
            detail = contents.details.get(field.slug)
            is_day = isinstance(field.type, Day) and isinstance(detail, str)
            return date.fromisoformat(str(detail)) if is_day else detail
