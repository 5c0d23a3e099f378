"""A month's settlement: what was contracted, due and delivered, in the month and to date (spec §5).

What was delivered in a month is the difference of two figures to date: each figure keeps its one
definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from lib.contract import PersonDays
from lib.findings.doubt import Doubt, in_doubt
from lib.findings.found import findings
from lib.kpi import samples
from lib.kpi.figures import Figure, figures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.findings.found import Finding
    from lib.kpi.samples import Checked
    from lib.kpi.scope import Scope
    from lib.periods import Month


@dataclass(frozen=True)
class Line:
    """One obligation in a month's settlement, in its unit.

    `figure` is to date, `before` what it was when the month began (None: the contract began in it).
    `doubt` is of the month's person-days, `checked` of the month's sampled entries.
    """

    figure: Figure
    before: Figure | None
    doubt: Doubt
    checked: Checked

    @property
    def delivered(self) -> Fraction:
        """What was delivered in the month."""
        return self.figure.delivered - (self.before.delivered if self.before else 0)

    @property
    def due(self) -> Fraction:
        """What fell due in the month."""
        return self.figure.due - (self.before.due if self.before else 0)

    @property
    def payable(self) -> Fraction:
        """What of the month's delivery lies within what the contract buys."""
        required = self.figure.required
        earlier = min(self.before.delivered, required) if self.before else Fraction(0)
        return min(self.figure.delivered, required) - earlier


@dataclass(frozen=True)
class Settlement:
    """A month's settlement as of its last day, or of the contract's, if that comes first."""

    month: Month
    as_of: date
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


def last_day(scope: Scope, month: Month) -> date:
    """The last day of a month on which the contract runs."""
    return min(month.last, scope.contract.end)


def settlement(connection: Connection, scope: Scope, month: Month) -> Settlement:
    """The settlement of a month of the contract; what the scope's own day is does not matter."""
    at_end = scope.at(last_day(scope, month))
    found = tuple(findings(connection, at_end, month=str(month)))
    doubts = in_doubt(connection, at_end, month, found)
    checked = samples.checked_by_kind(connection, scope.contract_id, month)
    before = _before(connection, scope, month)
    lines = tuple(
        Line(
            figure,
            earlier,
            doubts.get(_item(figure), Doubt()),
            checked.get(_item(figure), samples.Checked()),
        )
        for figure, earlier in zip(figures(connection, at_end), before, strict=True)
    )
    return Settlement(month, at_end.as_of, lines, found)


def _before(connection: Connection, scope: Scope, month: Month) -> Sequence[Figure | None]:
    """The figures as the month began, obligation by obligation."""
    day = month.first - timedelta(days=1)
    if day >= scope.contract.start:
        return figures(connection, scope.at(day))
    return [None for _ in figures(connection, scope.at(scope.contract.start))]


def _item(figure: Figure) -> str:
    """The item whose person-days the figure counts; empty when it counts something else."""
    return figure.obligation.code if isinstance(figure.obligation, PersonDays) else ""
