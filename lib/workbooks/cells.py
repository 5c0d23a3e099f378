"""What a cell may hold: text is text, whatever sign it begins with, and says so when it is cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from lib.fields import Plain

# What a spreadsheet program could take for a formula, when somebody edits the cell.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_LONGEST = 32_767  # characters of a cell; more would be cut without a word
_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # in XML


def held(text: str) -> str:
    """The text without what no workbook can hold; one over the limit says so at its end."""
    text = _NEVER.sub("", text)
    if len(text) > _LONGEST:
        end = f"……（全文 {len(text)} 字，单元格装不下，请到系统里查看）"
        text = text[: _LONGEST - len(end)] + end
    return text


def is_like_a_formula(text: str) -> bool:
    """Whether a program could take the text for a formula: its cell says that it is none."""
    return text.startswith(_FORMULA_SIGNS)


def put(cell: Any, value: Plain) -> None:  # noqa: ANN401 - a cell of any of openpyxl's kinds
    """Write a value into a cell of openpyxl in its own format, neither formula nor error value."""
    if not isinstance(value, str):
        shape = cell.number_format
        cell.value = value
        cell.number_format = shape
        return
    cell.value = held(value)
    cell.data_type = "s"
    if is_like_a_formula(cell.value):
        cell.quotePrefix = True
