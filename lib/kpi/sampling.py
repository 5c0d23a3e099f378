"""How large a sample must be, how it is shared out, and what it says of all it was drawn from.

Pure arithmetic over counts. Sources: Cochran, *Sampling Techniques*, 3rd ed. (1977); Wilson,
“Probable inference, the law of succession, and statistical inference”, JASA 22 (1927); Kish,
*Survey Sampling* (1965).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

_LIKELIEST = 0.5  # the share of untrue entries for which a sample must be largest


def quantile(confidence: Decimal) -> float:
    """How many standard deviations around the mean hold this part of a normal distribution."""
    return NormalDist().inv_cdf((1 + float(confidence)) / 2)


def sample_size(
    population: int, confidence: Decimal, margin: Decimal, share: float = _LIKELIEST
) -> int:
    """How many of a population must be drawn for a share to be known within ± margin.

    n₀ = z²p(1−p)/e², n = n₀ / (1 + (n₀ − 1)/N), rounded up (Cochran 1977, sections 4.4 and 4.5: the
    finite-population correction); never more than there are, at least one where there are any.
    """
    if population == 0:
        return 0
    unlimited = quantile(confidence) ** 2 * share * (1 - share) / float(margin) ** 2
    size = ceil(unlimited / (1 + (unlimited - 1) / population))
    return min(max(size, 1), population)


def allocation(size: int, strata: Mapping[str, int]) -> Mapping[str, int]:
    """How many are drawn of each stratum, given how many it holds; empty strata get none.

    In proportion to what the strata hold (Cochran 1977, section 5.5), whole numbers by the largest
    remainder, among equal ones by the strata's names. A stratum whose share is less than one gets
    one, and the others share what is left; so with more strata than `size` more than `size` are
    drawn. `size` is at most what all strata hold, and so no stratum gets more than it holds.
    """
    filled = {name: held for name, held in strata.items() if held}
    single = _less_than_one(size, filled)
    rest = {name: held for name, held in filled.items() if name not in single}
    shared = _shared(size - len(single), rest) if rest else {}
    return {name: 1 if name in single else shared[name] for name in filled}


def _less_than_one(size: int, strata: Mapping[str, int]) -> frozenset[str]:
    """The strata whose share is less than one, once each of these has got one."""
    single: frozenset[str] = frozenset()
    while True:
        rest = {name: held for name, held in strata.items() if name not in single}
        left, total = size - len(single), sum(rest.values())
        small = frozenset(name for name, held in rest.items() if left * held < total)
        if not small:
            return single
        single |= small


def _shared(size: int, strata: Mapping[str, int]) -> Mapping[str, int]:
    """The size in proportion, whole numbers by the largest remainder."""
    total = sum(strata.values())
    exact = {name: Fraction(size * held, total) for name, held in strata.items()}
    whole = {name: floor(share) for name, share in exact.items()}
    left = size - sum(whole.values())
    by_remainder = sorted(strata, key=lambda name: (whole[name] - exact[name], name))
    return {name: whole[name] + (name in by_remainder[:left]) for name in strata}


@dataclass(frozen=True)
class Interval:
    """From where to where, both within 0 and 1."""

    low: float
    high: float


def wilson(share: float, size: float, confidence: Decimal) -> Interval:
    """The score interval of a share seen in a sample (Wilson 1927); `size` need not be whole.

    Unlike the textbook's p ± z·s it stays within 0 and 1, and says something where all or none of
    the sample are of a kind.
    """
    z = quantile(confidence)
    centre = share + z * z / (2 * size)
    half = z * sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    scale = 1 + z * z / size
    low, high = (centre - half) / scale, (centre + half) / scale
    return Interval(0.0 if share == 0 else max(low, 0.0), 1.0 if share == 1 else min(high, 1.0))


@dataclass(frozen=True)
class Observed:
    """A stratum: how many entries it holds, and of those looked at how many were true or not."""

    population: int
    true: int
    untrue: int

    @property
    def decided(self) -> int:
        """How many were found to be one or the other."""
        return self.true + self.untrue


@dataclass(frozen=True)
class Estimate:
    """What a sample says of the entries it was drawn from: the part that is true.

    `size` is the effective number of entries looked at; `population` all entries, of which `true`
    and `untrue` are known to be so.
    """

    rate: Fraction
    interval: Interval
    size: Fraction
    population: int
    true: int
    untrue: int

    @property
    def untrue_about(self) -> int:
        """About how many of the population are untrue."""
        return round((1 - self.rate) * self.population)

    @property
    def untrue_between(self) -> tuple[int, int]:
        """Between how many: the interval rounded outwards, within what is known for certain."""
        fewest = floor((1 - self.interval.high) * self.population)
        most = ceil((1 - self.interval.low) * self.population)
        return max(fewest, self.untrue), min(most, self.population - self.true)


def estimate(strata: Collection[Observed], confidence: Decimal) -> Estimate | None:
    """The part of all entries that is true, as far as strata were looked at; None before any was.

    The strata's shares weighted by what they hold (Cochran 1977, section 5.3), W = N_h/N over the
    strata with a result; Wilson's interval for the effective size (Σw)²/Σw² (Kish 1965, section
    11.7), w = W/n_h an entry's weight. Drawn in proportion, all weights are alike, and that is the
    plain number of entries and the plain interval.
    """
    seen = [each for each in strata if each.decided]
    if not seen:
        return None
    held = sum(each.population for each in seen)
    rate = sum(Fraction(s.population, held) * Fraction(s.true, s.decided) for s in seen)
    squares = sum(Fraction(s.population, held) ** 2 / s.decided for s in seen)
    return Estimate(
        rate=Fraction(rate),
        interval=wilson(float(rate), float(1 / squares), confidence),
        size=Fraction(1 / squares),
        population=sum(each.population for each in strata),
        true=sum(each.true for each in strata),
        untrue=sum(each.untrue for each in strata),
    )
