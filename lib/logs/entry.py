"""An entry: one log row of any kind, valid, with codes in place of names."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

Detail = str | int

# A plain value as the one text that stands for it: keys and digests are made of these.
canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def member(slug: str, value: Detail | None) -> str:
    """A detail as it stands in `details_text`.

    That of a text stands nowhere else there: quotes within other texts are escaped.
    """
    return f"{canonical(slug)}:{canonical(value)}"


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


class Entry(NamedTuple):
    """What one row says: a kind, a day, people, a place, a subject, and the rest as details.

    `people` are staff codes in ascending order; `locality`, `elder` and `household` are codes;
    `home` is where the elder or household lives by the roster, when the row names no locality;
    `application` is a 受理编号; `details_text` is canonical JSON. `digest` is equal exactly when
    rows say the same.
    """

    kind: str
    day: date
    people: tuple[str, ...]
    key: str
    locality: str | None
    home: str | None
    elder: str | None
    household: str | None
    application: str | None
    details_text: str
    digest: str

    @property
    def identity(self) -> tuple[str, str]:
        """Kind and natural key: what stays the same when the row is corrected."""
        return self.kind, self.key

    @property
    def details(self) -> Mapping[str, Detail]:
        """Plain values by field slug, days as ISO text, amounts as decimal text; no empty cells."""
        found: dict[str, Any] = json.loads(self.details_text)
        return found


def digest(contents: Iterable[str]) -> str:
    """SHA-256 over what a row says, in canonical texts: kind, day, people, subjects, details.

    `home` is not part of it: a roster that changes does not make an old row a correction.
    """
    return hashlib.sha256(f"[{','.join(contents)}]".encode()).hexdigest()
