"""An entry as the cells of its sheet again: names in place of codes, by heading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lib.logs.references import NameOf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from lib.logs.kind import LogKind
    from lib.rosters import Roster


class Contents(Protocol):
    """What an entry says, be it new or held in the ledger."""

    @property
    def day(self) -> date: ...  # noqa: D102 - the names are those of `Entry`
    @property
    def people(self) -> tuple[str, ...]: ...  # noqa: D102
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
    values = {
        "day": contents.day.isoformat(),
        "people": "、".join(roster.staff[code].name for code in contents.people),
        "locality": roster.localities[contents.locality].name if contents.locality else None,
        "elder": contents.elder,
        "household": contents.household,
        "application": contents.application,
        **contents.details,
    }
    found = {}
    for field in kind.fields:
        value = values.get(field.slug)
        if isinstance(field.type, NameOf):
            value = _name(contents, field.type, roster)
        if value is not None:
            found[field.heading] = str(value)
    return found


def _name(contents: Contents, kind: NameOf, roster: Roster) -> str | None:
    """The name on the roster for the code beside it."""
    code = contents.elder if kind.subject == "elder" else contents.household
    return kind.listed(code, roster) if code else None
