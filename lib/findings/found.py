"""What the rules find, and where each finding stands (spec §5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.findings import RULES
from lib.periods import Month
from lib.store import findings as store
from lib.store.chain import digest
from lib.store.schema import entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.findings.rule import Rule
    from lib.kpi.scope import Scope
    from lib.store.findings import Act


class State(StrEnum):
    """Where a finding stands; the value is how the store writes it."""

    OPEN = "open"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"

    @property
    def label(self) -> str:
        """The word officials use."""
        return _LABELS[self]


_LABELS = {
    State.OPEN: "待说明",
    State.EXPLAINED: "已说明",
    State.CONFIRMED: "已认定",
    State.DISMISSED: "已排除",
}


@dataclass(frozen=True)
class FoundRow:
    """One entry in a finding, as it counts now."""

    entry_id: int
    version: int
    kind: str
    day: date


@dataclass(frozen=True)
class Finding:
    """What a rule found: its rows in order of day, and everything said of it, the oldest first.

    `subject` names it within its rule, in codes.
    """

    rule: Rule
    subject: str
    rows: tuple[FoundRow, ...]
    acts: tuple[Act, ...] = ()

    @property
    def basis(self) -> str:
        """A hash of the rows as they are now: what is said of a finding is said of these."""
        return digest([[row.entry_id, row.version] for row in self.rows])

    @property
    def about(self) -> Sequence[Act]:
        """What was said of exactly these rows, the oldest first."""
        basis = self.basis if self.acts else ""
        return [act for act in self.acts if act.basis == basis]

    @property
    def last(self) -> Act | None:
        """What was said last of these rows, or where nothing was, of what they were before."""
        return next(reversed([*self.acts, *self.about]), None)

    @property
    def has_changed(self) -> bool:
        """Whether something was said of it when its rows were others, and nothing of these."""
        return bool(self.acts) and not self.about

    @property
    def state(self) -> State:
        """Where it stands: what was said last of these rows; open as long as nothing was.

        So a month's settlement stands on what was said of the rows by its last day, whatever joins
        the finding in later months.
        """
        about = self.about
        return State(about[-1].state) if about else State.OPEN

    @property
    def month(self) -> str:
        """The month (`YYYY-MM`) in which it is settled: that of its last row."""
        return str(Month.of(self.rows[-1].day))

    @property
    def months(self) -> frozenset[str]:
        """The months (`YYYY-MM`) in which it has rows."""
        return frozenset(str(Month.of(row.day)) for row in self.rows)


def findings(
    connection: Connection, scope: Scope, *, month: str = "", rules: Iterable[Rule] = RULES.values()
) -> Sequence[Finding]:
    """What rules find as of the scope's day, rule by rule, in order of days; of one month or all.

    A finding is a month's when one of its rows is.
    """
    said = store.acts(connection, scope.contract_id)
    found = (
        Finding(rule, subject, rows, tuple(said.get((rule.code, subject), ())))
        for rule in rules
        for subject, rows in _grouped(connection, scope, rule)
    )
    return [each for each in found if not month or month in each.months]


def _grouped(
    connection: Connection, scope: Scope, rule: Rule
) -> Iterable[tuple[str, tuple[FoundRow, ...]]]:
    """The rows that a rule finds, by subject."""
    in_it = rule.rows(scope).subquery("found")
    query = (
        select(in_it.c.subject, entry.c.entry_id, entry.c.version, entry.c.kind, entry.c.day)
        .select_from(entry.join(in_it, in_it.c.entry_id == entry.c.entry_id))
        .where(entry.c.contract_id == scope.contract_id)
        .order_by(entry.c.day, entry.c.entry_id, in_it.c.subject)
    )
    groups: defaultdict[str, list[FoundRow]] = defaultdict(list)
    for subject, *row in connection.execute(query):
        groups[subject].append(FoundRow(*row))
    return [(subject, tuple(rows)) for subject, rows in groups.items()]
