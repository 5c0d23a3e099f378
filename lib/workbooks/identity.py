"""Identity-card numbers in what an uploaded workbook holds, its numbers included (spec §2)."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from lib.text import mask_identity_numbers

_DIGITS, _OLD_DIGITS = 18, 15
_KEPT = 3
_BORN = re.compile(r"[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
_FRACTION = re.compile(r"[+-]?[0-9]*\.[0-9]+([Ee][+-]?[0-9]+)?")


def holds_identity_number(text: str) -> bool:
    """Whether one stands in a text of any part of the file; the digits of a fraction are none."""
    if len(text) < _OLD_DIGITS:
        return False
    if _FRACTION.fullmatch(text):
        return masked_number(text) is not None
    return mask_identity_numbers(text) != text


def masked_number(stored: str) -> str | int | None:
    """What is read instead of a numeric cell that holds an identity-card number, else None.

    Masked text when the digits are all there.
    Excel keeps 15 of them, so that the check character is lost: a number with a date of birth in
    its place is taken for one too, and stays a number, too long to be read, its first 3 digits.
    """
    try:
        number = Decimal(stored)
    except InvalidOperation:
        return None
    if not number.is_finite() or number < 0:
        return None
    length = number.adjusted() + 1
    if length not in {_DIGITS, _OLD_DIGITS} or (length == _OLD_DIGITS and number % 1):
        return None
    digits = str(int(number))
    masked = mask_identity_numbers(digits)
    if masked != digits:
        return masked
    if length == _OLD_DIGITS:
        return None
    certain = f"{number:.14e}".replace(".", "")
    return int(digits[:_KEPT]) * 10 ** (_DIGITS - _KEPT) if _BORN.match(certain) else None
