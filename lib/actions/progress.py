"""How far a long act has come, told while it runs."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """What a workbook goes through, one after the other."""

    READING = "reading"
    CHECKING = "checking"
    WRITING = "writing"

    @property
    def label(self) -> str:
        """The step as the uploader reads it."""
        return _LABELS[self]


_LABELS = {
    Step.READING: "正在读取文件",
    Step.CHECKING: "正在逐行核对",
    Step.WRITING: "正在写入台账",
}

# What is told every so many rows: the step, the rows done of it, and all its rows.
Progress = Callable[[Step, int, int], None]


def silent(_step: Step, _done: int, _total: int) -> None:
    """Tell nobody."""
