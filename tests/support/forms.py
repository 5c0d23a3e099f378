"""What somebody fills into the form of a kind: a cell for every column that can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.fields import Choice, Count, Day, Money
from lib.logs.references import ElderCode, HouseholdCode, LocalityName, NameOf, People

if TYPE_CHECKING:
    from datetime import date

    from lib.fields import Field
    from lib.logs.kind import LogKind


def filled(kind: LogKind, day: date, elder: str) -> dict[str, str | int | float]:
    """A cell for each field by slug, everything filled; places and people by code."""
    fields = [field for field in kind.fields if not isinstance(field.type, NameOf)]
    return {field.slug: _cell(field, day, elder) for field in fields}


def _cell(field: Field, day: date, elder: str) -> str | int | float:
    match field.type:
        case Day():
            return day.isoformat()
        case People():
            return "G1"
        case LocalityName():
            return "L1"
        case ElderCode():
            return elder
        case HouseholdCode():
            return "H1"
        case Choice(options=options):
            return options[0]
        case Count():
            return 3
        case Money():
            return 812.5
        case _:
            return f"示例{field.heading}"
