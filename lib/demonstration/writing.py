"""Values written into cells as offices write them: several forms of dates, stray spaces, text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from lib.fields import Count, Day, Money, Names, Text

if TYPE_CHECKING:
    import random

    from lib.fields import Field, Plain, Value

_EXCEL_ORIGIN = date(1899, 12, 30)
_FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789-/."}
_NUMBER_AS_TEXT = 0.06
_FULL_WIDTH_NUMBER = 0.01
_STRAY_SPACE = 0.03
_SPACES = (" ", "  ", "\u3000")
# 、 more often than the others.
_SEPARATORS = ("、", "、", "、", "、", "，", ",", "/", " ", "\u3000")
_DAY_FORMS = (
    lambda day: day,
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: (day - _EXCEL_ORIGIN).days,
    lambda day: f"{day.year}-{day.month}-{day.day}".translate(_FULL_WIDTH),
    lambda day: f" {day:%Y-%m-%d} ",
)
_DAY_WEIGHTS = (46, 14, 12, 9, 12, 4, 1, 2)


def written(field: Field, value: Value | None, chance: random.Random) -> Plain:
    """The cell that an office clerk makes of a value; it reads back as the same value."""
    match field.type:
        case _ if value is None:
            return None
        case Day() if isinstance(value, date):
            return chance.choices(_DAY_FORMS, _DAY_WEIGHTS)[0](value)
        case Count() | Money() if isinstance(value, (int, Decimal)):
            return _number(value, chance)
        case Names() if isinstance(value, tuple):
            return chance.choice(_SEPARATORS).join(value)
        case Text():
            return str(value)
        case _:
            return _word(str(value), chance)


def _number(value: int | Decimal, chance: random.Random) -> Plain:
    """A number, now and then as text."""
    drawn = chance.random()
    if drawn < _FULL_WIDTH_NUMBER:
        return str(value).translate(_FULL_WIDTH)
    if drawn < _NUMBER_AS_TEXT:
        return f"{value} "
    return value if isinstance(value, int) else float(value)


def _word(word: str, chance: random.Random) -> str:
    """A word or code, now and then with a space before or behind it."""
    if chance.random() >= _STRAY_SPACE:
        return word
    space = chance.choice(_SPACES)
    return space + word if chance.random() < 0.5 else word + space  # noqa: PLR2004 - either side
