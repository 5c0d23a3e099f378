"""What a finding is named by within its rule: codes, days and months, parted by spaces."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, cast, func

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def named(*parts: ColumnElement[Any]) -> ColumnElement[str]:
    """The parts as one text; none of them may hold a space, nor what somebody wrote."""
    words = [cast(part, String) for part in parts]
    return reduce(lambda text, word: text + " " + word, words)


def month_of(day: ColumnElement[Any]) -> ColumnElement[str]:
    """The month (`YYYY-MM`) of a day."""
    return func.substr(cast(day, String), 1, 7)
