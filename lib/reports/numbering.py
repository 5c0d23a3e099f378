"""Numbers of headings in official documents: 一、（一）1.（1） (GB/T 9704-2012, 7.3.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

_DIGITS = "零一二三四五六七八九"
_LEVELS = 4
_TEN, _HUNDRED = 10, 100


@dataclass
class Numbering:
    """Counts headings as they come: a heading begins the levels below it anew."""

    _counts: list[int] = field(default_factory=lambda: [0] * _LEVELS)

    def next(self, level: int) -> str:
        """The number of the next heading of a level."""
        self._counts[level - 1] += 1
        self._counts[level:] = [0] * (_LEVELS - level)
        number = self._counts[level - 1]
        words = (f"{chinese(number)}、", f"（{chinese(number)}）", f"{number}.", f"（{number}）")
        return words[level - 1]


def chinese(number: int) -> str:
    """A number from 1 to 99 in Chinese."""
    if not 0 < number < _HUNDRED:
        msg = f"{number} is not from 1 to 99"
        raise ValueError(msg)
    tens, ones = divmod(number, _TEN)
    ten = ("" if tens == 1 else _DIGITS[tens]) + "十" if tens else ""
    return ten + (_DIGITS[ones] if ones else "")
