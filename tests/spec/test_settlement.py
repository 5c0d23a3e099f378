"""A month's settlement against its plain twin, and what of it is paid for (spec §5)."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from lib import contract
from lib.findings.doubt import Doubt
from lib.kpi.figures import Figure, figures
from lib.kpi.samples import Checked
from lib.kpi.scope import Scope
from lib.kpi.settled import computed, facts, of_month, read, settled
from lib.kpi.settlement import Line, Settlement, settlement
from lib.periods import Month, months_of
from lib.store.engine import reading
from tests.spec import small
from tests.spec.histories import examples, histories, played
from tests.spec.plain import Figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from tests.spec.histories import Act

MONTHS = (Month(2023, 2), Month(2023, 3), Month(2023, 4), Month(2023, 5))


@given(history=histories())
@examples(12)
def test_the_months_add_up_to_the_contract(shared_engine: Engine, history: Sequence[Act]):
    stored, ledger = played(shared_engine, history)
    scope = Scope(stored, small.START)
    plain = Figures(ledger, small.END)
    with reading(shared_engine) as connection:
        months = [settlement(connection, scope, month) for month in MONTHS]
        at_end = figures(connection, scope.at(small.END))

    assert tuple(months_of(stored.terms.period)) == MONTHS
    assert [
        [(line.figure.obligation.code, line.due, line.delivered, line.payable) for line in m.lines]
        for m in months
    ] == [plain.settlement(str(month)) for month in MONTHS]
    assert [m.overall for m in months] == [plain.at(m.as_of).overall() for m in months]
    by_obligation = list(zip(*(m.lines for m in months), strict=True))
    assert [sum(line.delivered for line in lines) for lines in by_obligation] == [
        figure.delivered for figure in at_end
    ]
    assert [sum(line.payable for line in lines) for lines in by_obligation] == [
        min(figure.delivered, figure.required) for figure in at_end
    ]


@given(history=histories())
@examples(3)
def test_its_facts_say_all_of_it(shared_engine: Engine, history: Sequence[Act]):
    stored, _ = played(shared_engine, history)
    with reading(shared_engine) as connection:
        found = of_month(connection, Scope(stored, small.START), MONTHS[1])

    assert read(json.loads(json.dumps(facts(found)))) == found


def line(delivered: str, before: str, price: str | None, required: int = 10) -> Line:
    """An item's month: delivered to its end and to its beginning, at a price."""
    quota = contract.PersonDays(
        code="patrol",
        name="排查",
        unit="人天",
        required=required,
        unit_price=Decimal(price) if price else None,
    )

    def figure(done: str) -> Figure:
        return Figure(quota, Fraction(required), Fraction(required), Fraction(done))

    return Line(figure(delivered), figure(before), Doubt(confirmed=Fraction(1, 3)), Checked(4, 2))


@pytest.mark.parametrize(
    ("delivered", "before", "price", "payable", "amount"),
    [
        ("4", "1", "200.50", "3", "601.50"),
        ("4", "11/3", "100.00", "1/3", "33.33"),
        ("4", "10/3", "100.00", "2/3", "66.67"),
        ("1/2", "0", "0.01", "1/2", "0.01"),  # half a cent is rounded up
        ("12", "9", "200", "1", "200.00"),  # no more is paid for than the contract buys
        ("14", "12", "200", "0", "0.00"),
        ("4", "1", None, "3", None),
    ],
)
def test_what_lies_within_the_contract_is_paid_at_its_price(
    delivered: str, before: str, price: str | None, payable: str, amount: str | None
):
    month = line(delivered, before, price)

    assert month.payable == Fraction(payable)
    assert month.amount == (None if amount is None else Decimal(amount))
    assert str(month.amount) == str(amount)


def test_amounts_are_summed_and_what_is_in_doubt_stands_beside():
    lines = (line("4", "1", "100.00"), line("2", "1", "0.50"), line("2", "1", None))
    month = Settlement(Month(2023, 3), small.END, lines, ())

    assert (month.amount, month.amount_in_doubt) == (Decimal("300.50"), Decimal("33.50"))
    assert Settlement(Month(2023, 3), small.END, lines[2:], ()).amount is None


def test_facts_are_exact_texts():
    month = settled(Settlement(Month(2023, 3), small.END, (line("4", "11/3", "100.00"),), ()))

    assert computed(facts(month)) == {
        "month": "2023-03",
        "as_of": "2023-05-07",
        "overall": ["4", "10"],
        "amount": "33.33",
        "lines": [
            {
                "code": "patrol",
                "name": "排查",
                "unit": "人天",
                "required": "10",
                "due_to_date": "10",
                "delivered_to_date": "4",
                "due": "0",
                "delivered": "1/3",
                "payable": "1/3",
                "unit_price": "100.00",
                "amount": "33.33",
            }
        ],
    }
    assert facts(month)["beside"] == {
        "findings": {"open": 0, "explained": 0, "confirmed": 0, "dismissed": 0},
        "amount_in_doubt": "33.33",
        "lines": {
            "patrol": {
                "confirmed": "1/3",
                "undecided": "0",
                "amount_in_doubt": "33.33",
                "checked": {"drawn": 4, "true": 2, "untrue": 0, "unverifiable": 0},
            }
        },
    }
