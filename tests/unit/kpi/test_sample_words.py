"""What is said of samples, to the letter."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from lib.kpi import sample_words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2023, 2, 1), date(2023, 2, 28), "2023-02"),
        (date(2024, 2, 1), date(2024, 2, 28), "2024-02-01 至 2024-02-28"),
        (date(2023, 2, 10), date(2023, 2, 28), "2023-02-10 至 2023-02-28"),
        (date(2023, 2, 1), date(2023, 3, 31), "2023-02-01 至 2023-03-31"),
        (date(2023, 2, 1), date(2023, 2, 1), "2023-02-01"),
    ],
)
def test_days_are_called_a_month_where_they_are_one(first: date, last: date, words: str):
    assert sample_words.days(first, last) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Fraction(1), "100.0%"),
        (Fraction(2999, 3000), "99.9%"),
        (Fraction(979, 1000), "97.9%"),
        (0.5, "50.0%"),
        (Fraction(0), "0.0%"),
    ],
)
def test_only_all_is_called_all(value: Fraction | float, words: str):
    assert sample_words.share(value) == words


@pytest.mark.parametrize(
    ("value", "words"), [("0.95", "95%"), ("0.999", "99.9%"), ("0.05", "5%"), ("0.2", "20%")]
)
def test_what_was_asked_for_is_said_as_it_was(value: str, words: str):
    assert sample_words.percent(Decimal(value)) == words


def test_all_items_of_the_contract_are_called_that():
    every = ("patrol", "publicity")
    assert sample_words.kinds(every, every) == "全部项目"
    assert sample_words.kinds(("patrol",), every) == "对象排查"
