"""A month's settlement as plain facts: what is signed, and what is shown of a signed month.

Numbers are exact and stand as text, a fraction as `numerator/denominator`, so that they come back
from either store as they went in. What is taken from the ledger alone can be computed again at any
time under the signed parameters (`kpi.recomputed`); what stood `beside` it when it was signed,
findings and samples, goes on being worked on, and is held by the signature's hash only.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lib.findings.doubt import Doubt
from lib.findings.found import State
from lib.kpi.samples import Checked
from lib.kpi.settlement import Line, Settlement, settlement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from lib.kpi.scope import Scope
    from lib.periods import Month

BESIDE = "beside"  # the part of the facts that is not computed again


@dataclass(frozen=True)
class SettledLine:
    """One obligation of a settled month, in its unit; amounts in yuan, None without a price.

    `to_date` numbers are from the contract's start, the others of the month.
    """

    code: str
    name: str
    unit: str
    required: Fraction
    due_to_date: Fraction
    delivered_to_date: Fraction
    due: Fraction
    delivered: Fraction
    payable: Fraction
    unit_price: Decimal | None
    amount: Decimal | None
    amount_in_doubt: Decimal | None
    doubt: Doubt
    checked: Checked


@dataclass(frozen=True)
class Settled:
    """A settled month: its lines, both sums of the overall figure, findings by state, the amount.

    `findings` counts every state (`findings.found.State`); `checked` is of all kinds together.
    """

    month: str
    as_of: date
    overall: tuple[Fraction, Fraction]
    amount: Decimal | None
    lines: tuple[SettledLine, ...]
    amount_in_doubt: Decimal | None = None
    findings: Mapping[str, int] = field(default_factory=dict)
    checked: Checked = field(default_factory=Checked)

    @property
    def undecided(self) -> int:
        """Findings that are neither confirmed nor dismissed."""
        return self.findings.get(State.OPEN, 0) + self.findings.get(State.EXPLAINED, 0)


def settled(found: Settlement) -> Settled:
    """A settlement as what is signed of it."""
    states = Counter(str(finding.state) for finding in found.findings)
    return Settled(
        month=str(found.month),
        as_of=found.as_of,
        overall=found.overall,
        amount=found.amount,
        lines=tuple(_line(line) for line in found.lines),
        amount_in_doubt=found.amount_in_doubt,
        findings={str(state): states[str(state)] for state in State},
        checked=found.checked,
    )


def _line(line: Line) -> SettledLine:
    figure = line.figure
    return SettledLine(
        code=figure.obligation.code,
        name=figure.obligation.name,
        unit=figure.obligation.unit,
        required=figure.required,
        due_to_date=figure.due,
        delivered_to_date=figure.delivered,
        due=line.due,
        delivered=line.delivered,
        payable=line.payable,
        unit_price=figure.obligation.unit_price,
        amount=line.amount,
        amount_in_doubt=line.amount_in_doubt,
        doubt=line.doubt,
        checked=line.checked,
    )


def of_month(connection: Connection, scope: Scope, month: Month) -> Settled:
    """A month of the contract as it is settled now; what the scope's own day is does not matter."""
    return settled(settlement(connection, scope, month))


_LEDGER = (
    "code",
    "name",
    "unit",
    "required",
    "due_to_date",
    "delivered_to_date",
    "due",
    "delivered",
    "payable",
    "unit_price",
    "amount",
)
_WORDS = ("code", "name", "unit")
_MONEY = ("unit_price", "amount")


def facts(found: Settled) -> dict[str, Any]:
    """The month as plain JSON: what is signed."""
    return {
        "month": found.month,
        "as_of": found.as_of.isoformat(),
        "overall": [str(number) for number in found.overall],
        "amount": _text(found.amount),
        "lines": [{name: _text(getattr(line, name)) for name in _LEDGER} for line in found.lines],
        BESIDE: {
            "findings": dict(found.findings),
            "checked": asdict(found.checked),
            "amount_in_doubt": _text(found.amount_in_doubt),
            "lines": {line.code: _beside(line) for line in found.lines},
        },
    }


def _beside(line: SettledLine) -> dict[str, Any]:
    return {
        "confirmed": str(line.doubt.confirmed),
        "undecided": str(line.doubt.undecided),
        "amount_in_doubt": _text(line.amount_in_doubt),
        "checked": asdict(line.checked),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def computed(held: Mapping[str, Any]) -> dict[str, Any]:
    """Of a month's facts those that are computed from the ledger alone."""
    return {name: value for name, value in held.items() if name != BESIDE}


def read(held: Mapping[str, Any]) -> Settled:
    """The month that its facts tell."""
    beside = held[BESIDE]
    delivered, required = held["overall"]
    return Settled(
        month=held["month"],
        as_of=date.fromisoformat(held["as_of"]),
        overall=(Fraction(delivered), Fraction(required)),
        amount=_money(held["amount"]),
        lines=tuple(_read_line(line, beside["lines"][line["code"]]) for line in held["lines"]),
        amount_in_doubt=_money(beside["amount_in_doubt"]),
        findings=beside["findings"],
        checked=Checked(**beside["checked"]),
    )


def _read_line(line: Mapping[str, Any], beside: Mapping[str, Any]) -> SettledLine:
    return SettledLine(
        **{name: _read_part(name, line[name]) for name in _LEDGER},
        amount_in_doubt=_money(beside["amount_in_doubt"]),
        doubt=Doubt(Fraction(beside["confirmed"]), Fraction(beside["undecided"])),
        checked=Checked(**beside["checked"]),
    )


def _read_part(name: str, text: str | None) -> Any:  # noqa: ANN401 - of the part's own type
    if name in _WORDS:
        return text
    return _money(text) if name in _MONEY else Fraction(text or 0)


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
