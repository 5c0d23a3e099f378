"""Days, months and figures as official documents write them."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from lib.contract import Obligation
    from lib.periods import Month

NONE = "—"


def day_text(day: date) -> str:
    """A day, numerals Arabic and nothing filled with zeros (GB/T 9704-2012, 7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def month_text(month: Month) -> str:
    """A month."""
    return f"{month.year}年{month.number}月"


def quantity(value: Fraction | int, digits: int = 2) -> str:
    """A quantity with few decimals, none where there are none."""
    text = f"{float(value):,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def cut(value: Fraction, digits: int = 2) -> Fraction:
    """A quantity without what its last decimal leaves over: 703.999 never reads as 704."""
    return Fraction(floor(value * 10**digits), 10**digits)


def named(obligation: Obligation) -> str:
    """An obligation's name and unit, as the first cell of a row."""
    return f"{obligation.name}（{obligation.unit}）"
