"""A column of an office's table: its heading, its type, and the sentence when a cell does not fit.

A type reads one raw cell, gives back a plain value or a `Fault`, and never raises.
Templates, checking, messages, previews and exports are all derived from these declarations.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Protocol

from lib.likeness import candidates
from lib.problems import Fault
from lib.text import plain, squeezed, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable

# Excel keeps 15 significant digits: a longer number in a cell is already another number.
EXACT_DIGITS = 15
TEXT_LIMIT = 500
CODE_LIMIT = 40
COUNT_LIMIT = 1_000_000
_FEW = 3  # options that can all be offered in place of a word like none of them

_EXCEL_ORIGIN = date(1899, 12, 30)
_FIRST_CERTAIN_SERIAL = 61  # serial 60 is 1900-02-29, a day that never was
_LAST_SERIAL = 109_574  # 2199-12-31
_WRITTEN_DAY = re.compile(
    r"(?P<year>\d{4})(?:-|/|\.|年)(?P<month>\d{1,2})(?:-|/|\.|月)(?P<day>\d{1,2})[日号]?"
    r"(?: (?:[01]?\d|2[0-3])(?::[0-5]\d){1,2})?"
)
_SPACED_MARK = re.compile(r"\s*([-/.年月日])\s*")
_PACKED_DAY = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_SERIAL = re.compile(r"\d{1,6}")
_GROUPED_COUNT = re.compile(r"\d{1,3}(,\d{3})+")
_STRONG_SEPARATORS = re.compile(r"[、,，/;；\n]+")


@dataclass(frozen=True, slots=True)
class Uncomputed:
    """A formula cell that holds no value because nothing has computed it yet."""


@dataclass(frozen=True, slots=True)
class BrokenCell:
    """A cell that holds an error value such as `#REF!`."""

    text: str


Plain = str | int | float | bool | date | datetime | time | timedelta | None
Cell = Plain | Uncomputed | BrokenCell
Value = str | int | date | Decimal | tuple[str, ...]


class FieldType(Protocol):
    """What a column's cells may hold."""

    @property
    def hint(self) -> str:
        """What to write, as a heading's note says it."""

    def read(self, cell: Cell) -> Value | Fault:
        """The value of a filled cell, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column: `slug` in code, `heading` in workbooks and on pages.

    What `names_somebody` is masked for those who need not know who it is (spec §6). `example` is
    what a template's example row shows where the type or the suggestions do not tell.
    """

    slug: str
    heading: str
    type: FieldType
    required: bool = False
    suggestions: tuple[str, ...] = ()
    stored: bool = True
    names_somebody: bool = False
    example: str | int | None = None

    def read(self, cell: Cell) -> Value | Fault | None:
        """The cell's value, None when it is empty and may be, or what is wrong with it."""
        if is_empty(cell):
            return Fault("required", f"“{self.heading}”必须填写") if self.required else None
        if isinstance(cell, Uncomputed):
            return Fault("uncomputed", "公式未计算，请用 WPS 或 Excel 打开并保存一次")
        if isinstance(cell, BrokenCell):
            return Fault("broken_cell", "单元格是错误值，请改正公式或直接填写", cell.text)
        return self.type.read(cell)


def is_empty(cell: Cell) -> bool:
    """Whether nothing a reader could see stands in the cell."""
    if isinstance(cell, str):
        return not (cell[:1].isalnum() or tidy(cell))  # most begin with what is seen
    return cell is None


def shown(cell: Cell) -> str:
    """The cell as its reader sees it, short enough for a sentence."""
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == time() else cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**EXACT_DIGITS:
        cell = int(cell)
    text = tidy(str(cell))
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - a sentence's worth


def unknown(rule: str, expected: str, written: str, known: Iterable[str]) -> Fault:
    """What is said of a word that is none of those known: which of them it may have meant."""
    likely = candidates(written, known)
    return Fault(rule, expected, shown(written), next(iter(likely), None), candidates=likely)


def _as_text(cell: Cell) -> str | Fault:
    """The text of a cell; numbers only while Excel still holds them exactly."""
    match cell:
        case str():
            return cell
        case bool():
            return Fault("not_text", "应填文字，不能是逻辑值", str(cell).upper())
        case int() | float():
            if abs(cell) >= 10**EXACT_DIGITS:
                expected = f"数字超过 {EXACT_DIGITS} 位，Excel 已丢失尾数，请把单元格设为文本后重填"
                return Fault("long_number", expected)
            return str(int(cell)) if float(cell).is_integer() else repr(cell)
        case datetime() | date():
            return shown(cell)
        case _:
            return Fault("not_text", "应填文字", shown(cell))


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; identity-card numbers were masked when the file was read."""

    limit: int = TEXT_LIMIT

    @property
    def hint(self) -> str:
        """What to write."""
        return f"文字，不超过 {self.limit} 字"

    def read(self, cell: Cell) -> str | Fault:
        """The tidied text, refused when over-long and never cut."""
        text = _as_text(cell)
        if isinstance(text, Fault):
            return text
        text = tidy(text)
        if len(text) > self.limit:
            return Fault("too_long", f"共 {len(text)} 字，超过上限 {self.limit} 字，请精简")
        return text


@dataclass(frozen=True, slots=True)
class Code:
    """A code or number by which something is filed; compared without spaces and widths."""

    @property
    def hint(self) -> str:
        """What to write."""
        return "编号，按名册或受理登记填写"

    def read(self, cell: Cell) -> str | Fault:
        """The code in half-width characters without spaces."""
        text = _as_text(cell)
        if isinstance(text, Fault):
            return text
        code = squeezed(text)
        if len(code) > CODE_LIMIT:
            return Fault("too_long", f"编号超过 {CODE_LIMIT} 个字符")
        return code


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]

    @property
    def hint(self) -> str:
        """What to write."""
        return f"只能填：{'、'.join(self.options)}"

    def read(self, cell: Cell) -> str | Fault:
        """The chosen word."""
        text = _as_text(cell)
        if isinstance(text, Fault):
            return text
        word = squeezed(text)
        if word in self.options:
            return word
        fault = unknown("not_a_choice", self.hint, text, self.options)
        if fault.candidates or len(self.options) > _FEW:
            return fault
        return replace(fault, candidates=self.options)


YES, NO = "是", "否"
YES_NO = Choice((YES, NO))


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number, zero or more."""

    limit: int = COUNT_LIMIT

    @property
    def hint(self) -> str:
        """What to write."""
        return "不小于 0 的整数，不带单位"

    def read(self, cell: Cell) -> int | Fault:
        """The number, exact or refused."""
        number = _number(cell)
        if number is None or number != number.to_integral_value() or number < 0:
            return Fault("not_a_count", f"应填{self.hint}", shown(cell))
        if number > self.limit:
            return Fault("too_large", f"不能超过 {self.limit}", shown(cell))
        return int(number)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in yuan, zero or more, to the fen."""

    @property
    def hint(self) -> str:
        """What to write."""
        return "不小于 0 的金额（元），至多两位小数"

    def read(self, cell: Cell) -> Decimal | Fault:
        """The amount, exact or refused."""
        number = _number(cell)
        if number is None or number < 0 or number * 100 != (number * 100).to_integral_value():
            return Fault("not_an_amount", f"应填{self.hint}", shown(cell))
        if number > COUNT_LIMIT:
            return Fault("too_large", f"不能超过 {COUNT_LIMIT}", shown(cell))
        return number.quantize(Decimal(1)) if number == int(number) else number.normalize()


def _number(cell: Cell) -> Decimal | None:
    """The number a cell holds, or None: text in digits and thousands groups counts as one."""
    match cell:
        case bool():
            return None
        case int():
            return Decimal(cell)
        case float():
            return Decimal(repr(cell + 0.0)) if math.isfinite(cell) else None  # -0.0 is 0
        case str():
            text = squeezed(cell)
            text = text.replace(",", "") if _GROUPED_COUNT.fullmatch(text) else text
            if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text):
                return None
            try:
                return Decimal(text) + 0  # -0 is 0
            except InvalidOperation:  # pragma: no cover - the pattern admits numbers only
                return None
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day in any of the forms offices write (spec §3)."""

    @property
    def hint(self) -> str:
        """What to write."""
        return "日期，如 2023-03-05、2023/3/5、2023年3月5日"

    def read(self, cell: Cell) -> date | Fault:
        """The day, right or refused, never shifted."""
        day = _day(cell)
        return day or Fault("not_a_day", f"应填{self.hint}", shown(cell))


def _day(cell: Cell) -> date | None:
    match cell:
        case datetime():
            return cell.date()
        case date():
            return cell
        case bool():
            return None
        case int() | float():
            return _serial_day(cell)
        case str():
            return _written_day(plain(cell))
        case _:
            return None


def _serial_day(number: float) -> date | None:
    """The day of an Excel serial; a packed 20230305 typed as a number counts as written."""
    if not math.isfinite(number) or number != int(number):
        return None
    if _FIRST_CERTAIN_SERIAL <= number <= _LAST_SERIAL:
        return _EXCEL_ORIGIN + timedelta(days=int(number))
    return _written_day(str(int(number)))


def _written_day(text: str) -> date | None:
    is_spaced = len(text.split()) > 1
    match = _WRITTEN_DAY.fullmatch(_SPACED_MARK.sub(r"\1", text) if is_spaced else text)
    match = match or _PACKED_DAY.fullmatch(text)
    if match:
        try:
            return date(*(int(match[part]) for part in ("year", "month", "day")))
        except ValueError:
            return None
    if _SERIAL.fullmatch(text) and _FIRST_CERTAIN_SERIAL <= int(text) <= _LAST_SERIAL:
        return _EXCEL_ORIGIN + timedelta(days=int(text))
    return None


@dataclass(frozen=True, slots=True)
class Names:
    """Several people in one cell, parted by 、 , ， / ; ； or spaces."""

    @property
    def hint(self) -> str:
        """What to write."""
        return "姓名，多人用“、”分开"

    def read(self, cell: Cell) -> tuple[str, ...] | Fault:
        """The names as written, in order, each part still holding its inner spaces."""
        text = _as_text(cell)
        if isinstance(text, Fault):
            return text
        parts = (tidy(part) for part in _STRONG_SEPARATORS.split(plain(text)))
        names = tuple(part for part in parts if part)
        return names or Fault("required", "没有填写姓名", shown(cell))
