"""Text as people type it into cells, made comparable: widths, spaces, invisible characters."""

from __future__ import annotations

import re
import unicodedata

# Control, format (zero-width, bidirectional marks) and surrogate code points carry no meaning here;
# private-use and yet unassigned ones may be rare characters of a name.
_INVISIBLE = {"Cc", "Cf", "Cs"}
_SPACES = re.compile(r"[^\S\n]+")
# Looked for from every run of digits on, so that a number after another run and a space is found
# too; 18 digits within a longer run are some other number.
_IDENTITY_NUMBER = re.compile(r"(?<![0-9])(?=((?:[0-9][\s-]*){17}[0-9Xx])(?![0-9]))")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECK = "10X98765432"
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")


def tidy(text: str) -> str:
    """The text without invisible characters, its spaces single and plain, its ends bare."""
    return _SPACES.sub(" ", text if text.isprintable() else _visible(text)).strip()


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
    return re.sub(r"\s+", "", plain(text))


def _is_identity_number(number: str) -> bool:
    """Whether 18 characters carry a valid check character (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(
        int(digit) * weight for digit, weight in zip(number, _IDENTITY_WEIGHTS, strict=False)
    )
    return _IDENTITY_CHECK[total % 11] == number[-1].upper()


def mask_identity_numbers(text: str) -> str:
    """The text with every valid identity-card number cut to its first 3 and last 4 (spec §2).

    Widths, spaces, hyphens and invisible characters inside a number do not hide it; a text without
    one is given back as it is.
    """
    if len(text) < len(_IDENTITY_WEIGHTS):
        return text
    visible = tidy(text)
    half_width = visible.translate(_HALF_WIDTH)
    pieces, done = [], 0
    for match in _IDENTITY_NUMBER.finditer(half_width):
        number = re.sub(r"[\s-]", "", match[1])
        if match.start() >= done and _is_identity_number(number):
            pieces += [visible[done : match.start()], f"{number[:3]}{'*' * 11}{number[-4:]}"]
            done = match.end(1)
    return "".join([*pieces, visible[done:]]) if pieces else text
