"""What a log kind is: a sheet's columns, its natural key, and checks across a row's cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lib.fields import Field, Value
from lib.problems import Fault

# A check sees the row's valid values by field slug and says what is wrong, by field slug.
Row = Mapping[str, Value]
RowCheck = Callable[[Row], Iterable[tuple[str, Fault]]]

# One part of a natural key: a field, or the first filled one of several.
KeyPart = str | tuple[str, ...]


@dataclass(frozen=True)
class LogKind:
    """One declaration from which template, checking, messages, preview and export are derived.

    `key` names the fields that make two rows the same entry (spec §3, last column).
    """

    slug: str
    sheet: str
    about: str
    fields: tuple[Field, ...]
    key: tuple[KeyPart, ...]
    checks: tuple[RowCheck, ...] = ()

    @cached_property
    def by_slug(self) -> Mapping[str, Field]:
        """The fields by slug."""
        return {field.slug: field for field in self.fields}

    @property
    def key_words(self) -> str:
        """The key in words: 日期、村(社区)、服务人员."""
        parts = (part if isinstance(part, tuple) else (part,) for part in self.key)
        return "、".join("或".join(self.by_slug[slug].heading for slug in part) for part in parts)


def needs_when(field: str, options: tuple[str, ...], needed: str, sentence: str) -> RowCheck:
    """A check that `needed` is filled wherever `field` holds one of the options."""

    def check(row: Row) -> Iterable[tuple[str, Fault]]:
        if row.get(field) in options and row.get(needed) is None:
            yield needed, Fault("required", sentence)

    return check
