"""An entry: one log row of any kind, valid, with codes in place of names."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Detail = str | int


class Source(StrEnum):
    """How a receipt came about: rows handed in, or an act on entries that were there."""

    WORKBOOK = "workbook"
    FORM = "form"
    UNDOING = "undoing"
    RESTORING = "restoring"

    @property
    def label(self) -> str:
        """The way as its user knows it."""
        return _SOURCES[self]


_SOURCES = {
    Source.WORKBOOK: "上传文件",
    Source.FORM: "快速录入",
    Source.UNDOING: "撤销回执",
    Source.RESTORING: "重新计入",
}


@dataclass(frozen=True)
class Entry:
    """What one row says: a kind, a day, people, a place, a subject, and the rest as details.

    `people` are staff codes in ascending order; `locality`, `elder` and `household` are codes;
    `home` is where the elder or household lives by the roster, when the row names no locality;
    `application` is a 受理编号; `details` maps field slugs to plain values (days as ISO text,
    amounts as decimal text), empty cells left out.
    """

    kind: str
    day: date
    people: tuple[str, ...]
    key: str
    locality: str | None = None
    home: str | None = None
    elder: str | None = None
    household: str | None = None
    application: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, str]:
        """Kind and natural key: what stays the same when the row is corrected."""
        return self.kind, self.key

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical content: equal exactly when the rows say the same.

        `home` is not part of it: a roster that changes does not make an old row a correction.
        """
        content = [
            self.kind,
            self.day.isoformat(),
            self.people,
            self.locality,
            self.elder,
            self.household,
            self.application,
            dict(self.details),
        ]
        return hashlib.sha256(_canonical(content).encode()).hexdigest()


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
