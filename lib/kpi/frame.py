"""What a sample is drawn from, and drawing it: the same anywhere, with SHA-256 and a sort alone.

Of each stratum those entries are drawn whose rank is smallest; the rank of an entry is the SHA-256
(hexadecimal) of `seed|kind|natural_key` in UTF-8. Neither ids nor what an entry says take part.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.kpi.sampling import allocation, sample_size
from lib.kpi.scope import counted
from lib.store.chain import digest
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.rosters import Roster


@dataclass(frozen=True)
class Member:
    """An effective entry that can be drawn, as it counts now."""

    entry_id: int
    version: int
    kind: str
    natural_key: str
    digest: str
    day: date
    locality: str | None

    @property
    def stratum(self) -> str:
        """Its kind and locality; its kind alone without one."""
        return f"{self.kind}|{self.locality or ''}"


@dataclass(frozen=True)
class Design:
    """What is asked for: days, both included, log kinds, and how sure the answer shall be."""

    first: date
    last: date
    kinds: tuple[str, ...]
    confidence: Decimal
    margin: Decimal


@dataclass(frozen=True)
class Frame:
    """All entries that can be drawn, and how many are to be."""

    design: Design
    members: tuple[Member, ...]

    @property
    def hash(self) -> str:
        """A hash over which entries these are and what they say."""
        return digest(sorted((m.kind, m.natural_key, m.digest) for m in self.members))

    @property
    def size(self) -> int:
        """How many the formula asks for, before each stratum has at least one."""
        return sample_size(len(self.members), self.design.confidence, self.design.margin)

    @cached_property
    def strata(self) -> Mapping[str, tuple[int, int]]:
        """By stratum, in order of names: how many it holds, how many of them are drawn."""
        held = Counter(member.stratum for member in self.members)
        drawn = allocation(self.size, held)
        return {name: (held[name], drawn[name]) for name in sorted(held)}

    def drawn(self, seed: str) -> Sequence[Member]:
        """The entries that a seed draws, by rank."""
        left = Counter({name: drawn for name, (_, drawn) in self.strata.items()})
        chosen = []
        for member in sorted(self.members, key=lambda each: rank(seed, each)):
            if left[member.stratum]:
                left[member.stratum] -= 1
                chosen.append(member)
        return chosen


def rank(seed: str, member: Member) -> str:
    """Where an entry stands in the draw: what is smallest is drawn first."""
    return hashlib.sha256(f"{seed}|{member.kind}|{member.natural_key}".encode()).hexdigest()


def frame(connection: Connection, scope: Scope, design: Design) -> Frame:
    """The effective entries of the design's days and kinds; what the scope's own day is is nothing.

    In order of kind and natural key.
    """
    query = (
        select(
            entry.c.entry_id,
            entry.c.version,
            entry.c.kind,
            entry.c.natural_key,
            entry_version.c.digest,
            entry.c.day,
            entry_version.c.locality,
        )
        .select_from(LATEST)
        .where(
            counted(scope.at(design.last)),
            entry.c.day >= design.first,
            entry.c.kind.in_(design.kinds),
        )
        .order_by(entry.c.kind, entry.c.natural_key)
    )
    return Frame(design, tuple(Member(*row) for row in connection.execute(query)))


def in_trips(members: Collection[Member], roster: Roster, kinds: Sequence[str]) -> list[Member]:
    """The entries in the order in which they are best visited: by subdistrict, locality, kind, day.

    Those without a place stand last.
    """
    places = list(roster.localities)
    subdistricts = list(dict.fromkeys(each.subdistrict for each in roster.localities.values()))

    def place(code: str | None) -> tuple[int, int]:
        if code is None:
            return len(subdistricts), len(places)
        return subdistricts.index(roster.localities[code].subdistrict), places.index(code)

    return sorted(
        members,
        key=lambda m: (*place(m.locality), kinds.index(m.kind), m.day, m.natural_key),
    )
