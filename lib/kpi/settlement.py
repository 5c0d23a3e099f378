"""A month's settlement: what was contracted, due and delivered, in the month and to date (spec §5).

What was delivered in a month is the difference of two figures to date: each figure keeps its one
definition. What is paid for is what lies within what the contract buys; what is in doubt stands
beside it and is never taken off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from lib.contract import PersonDays
from lib.findings.doubt import Doubt, in_doubt
from lib.findings.found import findings
from lib.kpi import samples
from lib.kpi.figures import Figure, figures_of_rows, overall

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
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

    @property
    def amount(self) -> Decimal | None:
        """What the payable quantity costs, in yuan; None where the contract names no price."""
        return _priced(self.payable, self.figure.obligation.unit_price)

    @property
    def amount_in_doubt(self) -> Decimal | None:
        """What the person-days of confirmed findings would cost; no part of it is taken off."""
        return _priced(self.doubt.confirmed, self.figure.obligation.unit_price)


def _priced(quantity: Fraction, price: Decimal | None) -> Decimal | None:
    """A quantity at its price, to the cent, half a cent up."""
    if price is None:
        return None
    cents = floor(quantity * Fraction(price) * 100 + Fraction(1, 2))
    return Decimal(cents).scaleb(-2)


@dataclass(frozen=True)
class Settlement:
    """A month's settlement as of its last day, or of the contract's, if that comes first.

    `checked` is of all the month's sampled entries, those of items without a quota included.
    """

    month: Month
    as_of: date
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    checked: Checked = field(default_factory=samples.Checked)

    @property
    def overall(self) -> tuple[Fraction, Fraction]:
        """Σ min(delivered, required) and Σ required over the person-day items, to date."""
        return overall([line.figure for line in self.lines])

    @property
    def amount(self) -> Decimal | None:
        """The sum of the lines' amounts, in yuan; None where the contract names no price."""
        return _summed(line.amount for line in self.lines)

    @property
    def amount_in_doubt(self) -> Decimal | None:
        """The sum of what stands in doubt beside them."""
        return _summed(line.amount_in_doubt for line in self.lines)


def _summed(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of those that there are; None when there is none."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal("0.00")) if known else None


def last_day(scope: Scope, month: Month) -> date:
    """The last day of a month on which the contract runs."""
    return min(month.last, scope.contract.end)


def settlement(connection: Connection, scope: Scope, month: Month) -> Settlement:
    """The settlement of a month of the contract; what the scope's own day is does not matter."""
    at_end = scope.at(last_day(scope, month))
    found = tuple(findings(connection, at_end, month=str(month)))
    doubts = in_doubt(connection, at_end, month, found)
    checked = samples.checked_by_kind(connection, scope.contract_id, month)
    lines = tuple(
        Line(
            figure,
            earlier,
            doubts.get(_item(figure), Doubt()),
            checked.get(_item(figure), samples.Checked()),
        )
        for figure, earlier in figures_of(connection, scope, month)
    )
    return Settlement(month, at_end.as_of, lines, found, _together(checked.values()))


def _together(checked: Collection[Checked]) -> Checked:
    """What the samples say of several kinds' entries."""
    return samples.Checked(
        drawn=sum(each.drawn for each in checked),
        true=sum(each.true for each in checked),
        untrue=sum(each.untrue for each in checked),
        unverifiable=sum(each.unverifiable for each in checked),
    )


def figures_of(
    connection: Connection, scope: Scope, month: Month
) -> Sequence[tuple[Figure, Figure | None]]:
    """Each obligation's figure to the month's end, and as the month began, if it had begun."""
    to_date = figures_of_rows(connection, scope.at(last_day(scope, month)))
    day = month.first - timedelta(days=1)
    if day < scope.contract.start:
        return [(figure, None) for figure in to_date]
    return list(zip(to_date, figures_of_rows(connection, scope.at(day)), strict=True))


def _item(figure: Figure) -> str:
    """The item whose person-days the figure counts; empty when it counts something else."""
    return figure.obligation.code if isinstance(figure.obligation, PersonDays) else ""
