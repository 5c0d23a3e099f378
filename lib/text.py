"""Text as people type it into cells, made comparable: widths, spaces, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Control, format (zero-width, bidirectional marks) and surrogate code points carry no meaning here;
# private-use and yet unassigned ones may be rare characters of a name.
_INVISIBLE = {"Cc", "Cf", "Cs"}
_SPACES = re.compile(r"[^\S\n]+")
# What people put between the digits of a number: blanks, and anything that looks like a hyphen.
_GAP = r"[\s\-_\u2010-\u2015\u2212\uff0d\uff3f\u30fc]*"
# Looked for from every run of digits on, so that a number after another run and a space is found
# too; 18 digits within a longer run are some other number.
_IDENTITY_NUMBER = re.compile(rf"(?<![0-9])(?=((?:[0-9]{_GAP}){{17}}[0-9Xx])(?![0-9]))")
# Cards of before 1999: province and district, a day of the 20th century, three more digits; no
# check character. A number begins so by chance once in 80: nothing else may stand in it than gaps
# where the three parts meet, and neither a point nor a digit may stand beside it.
_OLD_NUMBER = re.compile(
    r"(?<![0-9.])(?=((?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}"
    rf"{_GAP}([0-9]{{2}})(0[1-9]|1[0-2])([0-2][0-9]|3[01]){_GAP}[0-9]{{3}})(?![0-9.]))"
)
_MANY_DIGITS = re.compile(r"(?:\d\D*+){15}")  # the fewest there are; quick on megabytes
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECK = "10X98765432"
_HALF_WIDTH = str.maketrans("ＸｘⅩⅹХх×", "XxXxXxX")


def tidy(text: str) -> str:
    """The text without invisible characters, its spaces single and plain, its ends bare."""
    if text.isprintable():  # no other space than the plain one
        return (_SPACES.sub(" ", text) if "  " in text else text).strip()
    return _SPACES.sub(" ", _visible(text)).strip()


def _visible(text: str) -> str:
    return "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\t", " ")
        if character == "\n" or unicodedata.category(character) not in _INVISIBLE
    )


def plain(text: str) -> str:
    """`tidy`, with full-width letters, digits and punctuation made half-width: for comparing."""
    return tidy(unicodedata.normalize("NFKC", text))


def squeezed(text: str) -> str:
    """`plain` without any space at all: for names, codes and headings."""
    return "".join(plain(text).split())


def _is_identity_number(number: str) -> bool:
    """Whether 18 characters carry a valid check character (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(
        int(digit) * weight for digit, weight in zip(number, _IDENTITY_WEIGHTS, strict=False)
    )
    return _IDENTITY_CHECK[total % 11] == number[-1].upper()


def _is_old_number(match: re.Match[str]) -> bool:
    """Whether the day in a number of 15 digits was one of the 20th century."""
    try:
        date(1900 + int(match[2]), int(match[3]), int(match[4]))
    except ValueError:
        return False
    return True


def _identity_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where identity-card numbers stand in a text of plain digits, in order."""
    modern = (
        match.span(1)
        for match in _IDENTITY_NUMBER.finditer(text)
        if _is_identity_number(re.sub(_GAP, "", match[1]))
    )
    old = (match.span(1) for match in _OLD_NUMBER.finditer(text) if _is_old_number(match))
    yield from sorted([*modern, *old])


def _plain_digits(text: str) -> str:
    """The text with digits of every script and width as plain ones, place by place."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() else each
        for each in text.translate(_HALF_WIDTH)
    )


def mask_identity_numbers(text: str) -> str:
    """The text with every identity-card number cut to its first 3 and last 4 (spec §2).

    Those are numbers of 18 characters with a valid check character, and of 15 digits with a
    province and a day of birth. Widths, spaces, hyphens and invisible characters inside a number
    do not hide it; a text without one is given back as it is.
    """
    if not _MANY_DIGITS.search(text):
        return text
    visible = tidy(text)
    plain_digits = _plain_digits(visible)
    pieces, done = [], 0
    for start, end in _identity_numbers(plain_digits):
        if start >= done:
            number = re.sub(_GAP, "", plain_digits[start:end])
            pieces += [visible[done:start], f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"]
            done = end
    return "".join([*pieces, visible[done:]]) if pieces else text
