"""Where each month of a contract stands on its way to being closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lib import contract
from lib.kpi.closing import next_to_look_at, standings
from lib.store.signatures import Signature
from tests.spec import small

TERMS = contract.parse(small.TERMS, "small.toml")  # from 2023-02-10 to 2023-05-07


def signature(number: int, month: str, *, reopened: bool = False) -> Signature:
    """A signature that holds, or was ended."""
    at = small.NOW + timedelta(hours=number)
    ended = (at, "验收", "更正") if reopened else (None, None, None)
    return Signature(number, month, at, "验收", {}, {}, 0, "", "", "", *ended)


@pytest.mark.parametrize(
    ("today", "signed", "stages", "chosen"),
    [
        (date(2023, 2, 28), (), "running running running running", "2023-02"),
        (date(2023, 3, 1), (), "ready running running running", "2023-02"),
        (date(2023, 4, 1), (), "ready waiting running running", "2023-02"),
        (date(2023, 4, 1), ("2023-02",), "signed ready running running", "2023-03"),
        (date(2023, 3, 31), ("2023-02",), "signed running running running", "2023-02"),
        (date(2023, 5, 7), ("2023-02",), "signed ready waiting running", "2023-03"),
        (date(2023, 5, 8), ("2023-02",), "signed ready waiting waiting", "2023-03"),
        (
            date(2023, 6, 1),
            ("2023-02", "2023-03", "2023-04", "2023-05"),
            "signed signed signed signed",
            "2023-05",
        ),
    ],
)
def test_months_are_ready_in_order_once_they_are_over(
    today: date, signed: tuple[str, ...], stages: str, chosen: str
):
    every = [signature(number, month) for number, month in enumerate(signed, 1)]
    found = standings(TERMS, every, today)

    assert " ".join(each.stage for each in found) == stages
    assert str(next_to_look_at(found).month) == chosen


def test_a_month_opened_again_is_not_signed_and_keeps_what_was():
    every = [
        signature(1, "2023-02"),
        signature(2, "2023-03", reopened=True),
        signature(3, "2023-03", reopened=True),
        signature(4, "2023-04", reopened=True),
    ]
    found = standings(TERMS, every, small.TODAY)

    assert [each.stage.label for each in found] == [
        *("已签认", "可签认", "待前月签认", "待前月签认"),
    ]
    assert [[old.signature_id for old in each.earlier] for each in found] == [[], [2, 3], [4], []]
    assert [each.signature for each in found] == [every[0], None, None, None]

    again = standings(TERMS, [*every, signature(5, "2023-03")], small.TODAY)
    assert (again[1].stage.label, again[1].signature.signature_id) == ("已签认", 5)
