"""The person-days in doubt: those of the entries in findings that are not dismissed (spec §5).

Nothing is taken off a figure; what is in doubt stands beside it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sqlalchemy import and_

from lib.findings.found import State
from lib.kpi import person_days
from lib.kpi.scope import counted
from lib.store.schema import entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.findings.found import Finding
    from lib.kpi.scope import Scope
    from lib.periods import Month


@dataclass(frozen=True)
class Doubt:
    """Person-days of an item in confirmed findings, and in others that are not decided yet.

    An entry in both is counted once, as confirmed.
    """

    confirmed: Fraction = Fraction(0)
    undecided: Fraction = Fraction(0)


def in_doubt(
    connection: Connection, scope: Scope, month: Month | None, found: Iterable[Finding]
) -> Mapping[str, Doubt]:
    """What is in doubt of a month's person-days (None: of all), by item, items without left out.

    An entry's days are confirmed when one of its findings is, undecided when one of them is and
    none is confirmed; what is only in dismissed findings is not in doubt.
    """
    return parted(worked(connection, scope, month), found)


def worked(
    connection: Connection, scope: Scope, month: Month | None
) -> Sequence[tuple[int, str, Fraction]]:
    """Entry, item and person-days of each entry of a month (None: of all)."""
    chosen = counted(scope)
    if month:
        chosen = and_(chosen, entry.c.day.between(month.first, month.last))
    return list(person_days.by_entry(connection, scope, chosen))


def parted(
    days_of_entries: Iterable[tuple[int, str, Fraction]], found: Iterable[Finding]
) -> Mapping[str, Doubt]:
    """The person-days of these entries that the findings put in doubt, by item."""
    held = list(found)
    confirmed = _entries(held, State.CONFIRMED)
    undecided = _entries(held, State.OPEN, State.EXPLAINED)
    totals: defaultdict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for entry_id, kind, days in days_of_entries:
        if entry_id in confirmed:
            totals[kind][0] += days
        elif entry_id in undecided:
            totals[kind][1] += days
    return {kind: Doubt(*both) for kind, both in totals.items()}


def person_days_of(
    connection: Connection, scope: Scope, entries: Iterable[int]
) -> Mapping[str, Fraction]:
    """The person-days of the entries of a finding, by item, whatever was said of it."""
    chosen = and_(counted(scope), entry.c.entry_id.in_(list(entries)))
    totals: defaultdict[str, Fraction] = defaultdict(Fraction)
    for _, kind, days in person_days.by_entry(connection, scope, chosen):
        totals[kind] += days
    return totals


def _entries(found: Iterable[Finding], *states: State) -> set[int]:
    return {row.entry_id for each in found if each.state in states for row in each.rows}
