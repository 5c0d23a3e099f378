"""What is wrong with the data a user handed in, and where: data, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a problem keeps its row out of the ledger or is only said aloud."""

    REFUSED = "refused"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Place:
    """A cell, a row (no column), a sheet (row 0) or a whole file (no sheet); rows count from 1."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        """The place as an official would say it: “业务协办”第 12 行“日期”."""
        if not self.sheet:
            return f"文件“{self.file}”"
        row = f"第 {self.row} 行" if self.row else ""
        column = f"“{self.column}”" if self.column else ""
        return f"“{self.sheet}”{row}{column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, before anybody knows where it stands.

    `nearest` is the one right value the sentence asks about; `candidates` are the few likely ones,
    it among them first, where there may be several.
    """

    rule: str
    expected: str
    found: str = ""
    nearest: str | None = None
    severity: Severity = Severity.REFUSED
    candidates: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What stands there and what to do about it, without the place."""
        found = f"填的是“{self.found}”，" if self.found else ""
        nearest = f"；您是不是要填“{self.nearest}”？" if self.nearest else "。"
        return f"{found}{self.expected}{nearest}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault at its place."""

    place: Place
    fault: Fault

    @property
    def refuses(self) -> bool:
        """Whether the row (or file) is kept out because of it."""
        return self.fault.severity is Severity.REFUSED

    def __str__(self) -> str:
        """Place and sentence, as printed and shown."""
        return f"{self.place}：{self.fault.sentence}"
