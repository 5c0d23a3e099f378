"""Sizes, shares and intervals against tables worked by hand and against scipy."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from lib.kpi.sampling import (
    Interval,
    Observed,
    allocation,
    estimate,
    quantile,
    sample_size,
    wilson,
)

CONFIDENCES = [Decimal(text) for text in ("0.80", "0.90", "0.95", "0.99", "0.999")]
confidences = st.sampled_from(CONFIDENCES)
strata = st.dictionaries(st.text("abcdef|", max_size=3), st.integers(0, 60), min_size=1)


@pytest.mark.parametrize("confidence", CONFIDENCES, ids=str)
def test_the_quantile_is_that_of_the_normal_distribution(confidence: Decimal):
    assert quantile(confidence) == pytest.approx(norm.ppf((1 + float(confidence)) / 2), rel=1e-12)


@pytest.mark.parametrize(
    ("population", "confidence", "margin", "size"),
    [
        (0, "0.95", "0.05", 0),
        (1, "0.95", "0.05", 1),
        (10, "0.95", "0.05", 10),
        (100, "0.95", "0.05", 80),
        (1013, "0.95", "0.05", 279),
        (1234, "0.95", "0.05", 294),
        (10**9, "0.95", "0.05", 385),
        (1234, "0.90", "0.05", 223),
        (1234, "0.99", "0.05", 432),
        (1234, "0.95", "0.10", 90),
        (1234, "0.95", "0.01", 1094),
        (3, "0.80", "0.20", 3),
    ],
)
def test_the_size_is_the_textbooks(population: int, confidence: str, margin: str, size: int):
    assert sample_size(population, Decimal(confidence), Decimal(margin)) == size


def test_a_share_that_is_known_needs_fewer():
    assert sample_size(1234, Decimal("0.95"), Decimal("0.05"), share=0.1) == 125


@given(st.integers(1, 10**6), confidences, st.integers(1, 20))
def test_the_size_is_that_of_the_formula_with_scipys_quantile(
    population: int, confidence: Decimal, percent: int
):
    margin = Decimal(percent) / 100
    unlimited = norm.ppf((1 + float(confidence)) / 2) ** 2 / 4 / float(margin) ** 2
    exact = unlimited * population / (population + unlimited - 1)
    size = sample_size(population, confidence, margin)
    assert 1 <= size <= population
    assert size in {ceil(exact - 1e-9), ceil(exact + 1e-9)}


@pytest.mark.parametrize(
    ("size", "held", "drawn"),
    [
        (5, {"a": 50, "b": 30, "c": 20}, {"a": 3, "b": 1, "c": 1}),  # 2.5, 1.5, 1: by name
        (10, {"a": 50, "b": 30, "c": 20}, {"a": 5, "b": 3, "c": 2}),
        (7, {"a": 5, "b": 5, "c": 5}, {"a": 3, "b": 2, "c": 2}),  # equal remainders, by name
        (10, {"a": 97, "b": 2, "c": 1}, {"a": 8, "b": 1, "c": 1}),  # the small ones get one each
        (2, {"a": 9, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 1}),  # more strata than asked for
        (3, {"a": 3, "b": 0}, {"a": 3}),
        (0, {}, {}),
    ],
)
def test_a_sample_is_shared_out_in_proportion(
    size: int, held: dict[str, int], drawn: dict[str, int]
):
    assert allocation(size, held) == drawn


@given(strata, st.data())
def test_every_stratum_gets_something_and_none_more_than_it_holds(held: dict[str, int], data):
    total, filled = sum(held.values()), {name for name, number in held.items() if number}
    size = data.draw(st.integers(min(total, 1), total))
    drawn = allocation(size, held)
    assert drawn.keys() == filled
    assert all(1 <= drawn[name] <= held[name] for name in filled)
    assert sum(drawn.values()) == max(size, len(filled))


@given(strata, st.integers(1, 9))
def test_a_sample_in_even_proportion_is_exact(held: dict[str, int], times: int):
    many = {name: number * times for name, number in held.items() if number}
    assert allocation(sum(held.values()), many) == {n: held[n] for n in many}


@given(st.integers(1, 400), st.data(), confidences)
def test_the_interval_is_scipys(size: int, data, confidence: Decimal):
    true = data.draw(st.integers(0, size))
    expected = binomtest(true, size).proportion_ci(float(confidence), method="wilson")
    found = wilson(true / size, size, confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("true", "untrue", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 0, 0.7225, 1.0), (9, 1, 0.5958, 0.9821), (5, 5, 0.2366, 0.7634)],
)
def test_the_interval_is_the_known_one(true: int, untrue: int, low: float, high: float):
    found = wilson(true / (true + untrue), true + untrue, Decimal("0.95"))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=6),
    st.integers(1, 5),
    confidences,
)
def test_drawn_in_proportion_the_interval_is_the_plain_one(
    drawn: list[tuple[int, int]], times: int, confidence: Decimal
):
    counts = [(max(n, true), min(n, true)) for n, true in drawn]
    found = estimate([Observed(n * times, t, n - t) for n, t in counts], confidence)
    size, true = sum(n for n, _ in counts), sum(t for _, t in counts)
    plain = binomtest(true, size).proportion_ci(float(confidence), method="wilson")
    assert found is not None
    assert (found.rate, found.size) == (Fraction(true, size), size)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (plain.low, plain.high), abs=1e-12
    )


def test_a_stratum_weighs_what_it_holds_not_what_was_drawn():
    # 90 entries, all 3 drawn are true; 10 entries, of the 2 drawn 1 is.
    found = estimate([Observed(90, 3, 0), Observed(10, 1, 1)], Decimal("0.95"))
    assert found is not None
    assert found.rate == Fraction(95, 100)
    assert found.size == 1 / (Fraction(81, 300) + Fraction(1, 200))
    assert found.untrue_about == 5


def test_what_was_not_looked_at_yet_takes_no_part():
    found = estimate([Observed(50, 4, 0), Observed(50, 0, 0)], Decimal("0.95"))
    assert found is not None
    assert (found.rate, found.size, found.population) == (1, 4, 100)
    assert estimate([Observed(50, 0, 0)], Decimal("0.95")) is None


def test_how_many_are_untrue_keeps_to_what_is_known():
    # All four were looked at: there is nothing left to guess.
    found = estimate([Observed(4, 3, 1)], Decimal("0.95"))
    assert found is not None
    assert found.interval != Interval(0.75, 0.75)
    assert (found.untrue_about, found.untrue_between) == (1, (1, 1))


def test_how_many_are_untrue_is_rounded_outwards():
    # 288 of 294: Wilson's 95 % are 0.95622 … 0.99062 of 1234, of which 6 and 288 are known.
    found = estimate([Observed(1234, 288, 6)], Decimal("0.95"))
    assert found is not None
    assert (found.untrue_about, found.untrue_between) == (25, (11, 55))
