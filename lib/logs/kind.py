"""What a log kind is: a sheet's columns, its natural key, and checks across a row's cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, KeysView, Mapping
from dataclasses import dataclass
from functools import cached_property

from lib.fields import Field, Value
from lib.problems import Fault

# A check sees the row's valid values by field slug and says what is wrong, by field slug.
Row = Mapping[str, Value]
RowCheck = Callable[[Row], Iterable[tuple[str, Fault]]]

# One part of a natural key: a field, or the first filled one of several.
KeyPart = str | tuple[str, ...]

# The same all day long.
_GIVEN = {"day", "people"}


@dataclass(frozen=True)
class LogKind:
    """One declaration from which template, checking, messages, preview and export are derived.

    `key` names the fields that make two rows the same entry (spec §3, last column). Rows of a kind
    that is `at_home` are visits to homes; of one that is `one_place`, a person's of a day are all
    in one locality (spec §1).
    """

    slug: str
    sheet: str
    about: str
    fields: tuple[Field, ...]
    key: tuple[KeyPart, ...]
    checks: tuple[RowCheck, ...] = ()
    at_home: bool = False
    one_place: bool = False

    @cached_property
    def by_slug(self) -> Mapping[str, Field]:
        """The fields by slug."""
        return {field.slug: field for field in self.fields}

    @property
    def key_fields(self) -> KeysView[str]:
        """Every field that can be a part of the key, in its order: a set, to be looked through."""
        parts = (part if isinstance(part, tuple) else (part,) for part in self.key)
        return dict.fromkeys(slug for part in parts for slug in part).keys()

    @property
    def carried(self) -> tuple[str, ...]:
        """What the next of several entries in a row begins with: when, who, where, by what means.

        Never what was found: an answer carried along is an answer nobody gave. And never the whole
        key, or the next entry would be the same one: of that the last part is left open.
        """
        means = [field.slug for field in self.fields if field.required and field.suggestions]
        slugs = [slug for slug in ("day", "people", "locality", *means) if slug in self.by_slug]
        if self.key_fields <= set(slugs):
            slugs.remove(next(slug for slug in reversed(slugs) if slug in self.key_fields - _GIVEN))
        return tuple(slugs)

    def needed(self, row: Row) -> frozenset[str]:
        """The fields that must be filled because of what the required ones say."""
        said = {slug: value for slug, value in row.items() if self.by_slug[slug].required}
        faults = (found for check in self.checks for found in check(said))
        return frozenset(slug for slug, fault in faults if fault.rule == "required")

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
