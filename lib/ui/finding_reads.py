"""The findings as one viewer may see them, kept until the ledger changes or somebody says more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.access import sees_acceptance
from lib.findings import RULES, doubt, whose
from lib.findings import found as rules_found
from lib.findings.found import Finding
from lib.kpi.unsigned import unsigned
from lib.periods import Month
from lib.ui import reads
from lib.ui.effects import scope_now

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from fractions import Fraction

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.findings.doubt import Doubt
    from lib.findings.found import FoundRow
    from lib.kpi.scope import Scope
    from lib.store.findings import Act

    Kept = tuple[str, str, tuple[FoundRow, ...], tuple[Act, ...]]


def seen_by(viewer: Viewer, month: str = "", rule: str = "") -> Sequence[Finding]:
    """The findings of a month (`YYYY-MM`) as they are by its end; of all months as of today.

    A team lead's are those with rows of the own team. One `rule` alone is looked for faster.
    """
    found = _findings(day_of(month), month, rule)
    return found if sees_acceptance(viewer) else whose.among(found, own_entries(viewer))


def as_of(day: date) -> Sequence[Finding]:
    """All findings as of a day: for figures taken of them, which name nobody."""
    return _findings(day)


def _findings(day: date, month: str = "", rule: str = "") -> Sequence[Finding]:
    kept = reads.of(_found, day, month, rule)
    return [Finding(RULES[code], subject, rows, said) for code, subject, rows, said in kept]


def day_of(month: str) -> date:
    """The day as of which a month's findings are looked for: its last, or today."""
    today = scope_now().as_of
    return min(Month.parse(month).last, today) if month else today


def _found(connection: Connection, scope: Scope, month: str, rule: str) -> Sequence[Kept]:
    """What can be kept of findings: rules hold functions, which cannot."""
    rules = [each for code, each in RULES.items() if rule in ("", code)]
    found = rules_found.findings(connection, scope, month=month, rules=rules)
    return [(each.rule.code, each.subject, each.rows, each.acts) for each in found]


def own_entries(viewer: Viewer) -> frozenset[int]:
    """The entries that are the viewer's own team's; none for whoever has no team."""
    if viewer.team is None:
        return frozenset()
    return reads.of(whose.own_entries, scope_now().as_of, viewer.team)


def in_doubt(month: str, found: Sequence[Finding]) -> Mapping[str, Doubt]:
    """Person-days of a month (empty: of all) that these findings put in doubt, by item."""
    of_month = Month.parse(month) if month else None
    return doubt.parted(reads.of(doubt.worked, scope_now().as_of, of_month), found)


def person_days_of(finding: Finding) -> Mapping[str, Fraction]:
    """The person-days of a finding's entries, by item."""
    numbers = tuple(row.entry_id for row in finding.rows)
    return reads.of(doubt.person_days_of, scope_now().as_of, numbers)


def awaited() -> Sequence[Month]:
    """The months that have ended and are not signed, the oldest first."""
    return reads.of(unsigned, scope_now().as_of, clock.business_today())
