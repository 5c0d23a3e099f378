"""A month's settlement against its plain twin, and what of it is paid for (spec §5)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from sqlalchemy import insert

from lib import contract
from lib.actions.post import post
from lib.findings.doubt import Doubt
from lib.kpi.figures import Figure, figures
from lib.kpi.samples import Checked
from lib.kpi.scope import Scope
from lib.kpi.settled import computed, facts, of_month, read, settled
from lib.kpi.settlement import Line, Settlement, settlement
from lib.periods import Month, months_of
from lib.store.engine import reading, writing
from lib.store.schema import sample, sample_item, sample_result
from tests.spec import small
from tests.spec.histories import examples, histories, played
from tests.spec.plain import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from tests.spec.histories import Act

MONTHS = (Month(2023, 2), Month(2023, 3), Month(2023, 4), Month(2023, 5))


@given(history=histories())
@examples(8)
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
        "checked": {"drawn": 0, "true": 0, "untrue": 0, "unverifiable": 0},
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


def test_samples_stand_beside_the_item_and_all_kinds_are_summed(engine: Engine):
    stored = small.entered(engine)
    day = {"日期": date(2023, 3, 6), "服务人员": "赵一"}
    walk = {**day, "村(社区)": "南村", "排查情况": "走访"}
    book = {"对象排查": [walk], "其他工作": [{**day, "工作内容": "接待"}]}
    post(engine, stored, small.ANYBODY, [small.workbook(book)], today=small.TODAY, now=small.NOW)
    with writing(engine) as connection:
        _draw(connection, stored.id, {1: "true", 2: None})
    with reading(engine) as connection:
        found = of_month(connection, Scope(stored, small.START), MONTHS[1])

    (patrol,) = (each for each in found.lines if each.code == "patrol")
    assert (patrol.checked, found.checked) == (Checked(1, true=1), Checked(2, true=1))
    assert read(facts(found)) == found


def _draw(connection: Connection, contract_id: int, results: Mapping[int, str | None]) -> None:
    """A sample of these entries, by number, and what was found of them."""
    key = {"contract_id": contract_id}
    facts_of = {
        "sample_id": 1,
        "first_on": small.START,
        "last_on": small.END,
        "kinds": [],
        "population": 2,
        "confidence": "0.95",
        "margin": "0.05",
        "seed": "x",
        "frame_hash": "",
        "strata": [],
        "drawn_at": small.NOW,
        "drawn_by": "验收",
    }
    connection.execute(insert(sample).values({**key, **facts_of}))
    for entry_id, result in results.items():
        item = {"item_id": entry_id, "sample_id": 1, "position": entry_id, "stratum": "x"}
        of = {"entry_id": entry_id, "version": 1}
        connection.execute(insert(sample_item).values({**key, **item, **of}))
        if result:
            said = {"item_id": entry_id, "number": 1, "result": result, "note": ""}
            by = {"recorded_at": small.NOW, "recorded_by": "验收"}
            connection.execute(insert(sample_result).values({**key, **said, **by}))
