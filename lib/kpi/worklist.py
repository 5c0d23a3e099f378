"""A worklist's sums: what is owed by when, what a working day must bring, and place by place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING

from lib.contract import Cases, Coverage, LocalityMonths, Visits
from lib.periods import Month

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from lib.contract import Contract, Obligation
    from lib.kpi.owed import Owed
    from lib.kpi.workdays import Workdays

OWING = (Coverage, Visits, Cases, LocalityMonths)  # the measures that owe visits


@dataclass(frozen=True)
class Due:
    """What an obligation still owes, and to how many it is urgent.

    `left` are the working days that it is spread over: those to come of the month for what is owed
    each month, those of the contract for what is owed once. None where each is owed at once.
    """

    obligation: Obligation
    owed: int
    urgent: int
    left: Sequence[date] | None

    @property
    def per_day(self) -> Fraction | None:
        """What each working day must bring from now on; None when none is left, or all is due."""
        return Fraction(self.owed, len(self.left)) if self.left else None

    def by(self, week: Sequence[date]) -> int | None:
        """What must be done by the end of a week to keep pace: its share of the working days.

        None when no working day is left.
        """
        if self.left is None:
            return self.owed
        if not self.left:
            return None
        return ceil(Fraction(self.owed * len(set(week) & set(self.left)), len(self.left)))


@dataclass(frozen=True)
class Trip:
    """All that is owed in one locality, by its code; None for what lies nowhere."""

    locality: str | None
    owed: tuple[Owed, ...]

    @property
    def urgent(self) -> int:
        """To how many it is urgent."""
        return sum(each.urgent for each in self.owed)

    @property
    def times(self) -> Mapping[str, int]:
        """How much of it each obligation owes, by code."""
        return times(self.owed)


def times(owed: Iterable[Owed]) -> Mapping[str, int]:
    """How much each obligation owes, by code."""
    found: Counter[str] = Counter()
    for each in owed:
        found[each.figure] += each.times
    return found


def of_team(owed: Iterable[Owed], teams: Mapping[str, str], team: str) -> Sequence[Owed]:
    """What is owed in the places of a team and in those of nobody; `teams` by locality code."""
    return [each for each in owed if teams.get(each.locality or "") in {team, None}]


def by_team(owed: Iterable[Owed], teams: Mapping[str, str]) -> Mapping[str, Mapping[str, int]]:
    """How much each obligation owes, by the team of the place; under "" in those of nobody."""
    found: dict[str, list[Owed]] = {}
    for each in owed:
        found.setdefault(teams.get(each.locality or "", ""), []).append(each)
    return {team: times(listed) for team, listed in found.items()}


def next_week(days: Workdays) -> Sequence[date]:
    """The working days to come of the week in which the next one lies; none after the last."""
    left = [day for day in days.working if day > days.as_of]
    return [day for day in left if day.isocalendar()[:2] == left[0].isocalendar()[:2]]


def dues(contract: Contract, owed: Iterable[Owed], days: Workdays) -> Sequence[Due]:
    """What every obligation that owes visits owes, 0 included, in the contract's order."""
    listed = list(owed)
    whole = times(listed)
    urgent = Counter(each.figure for each in listed if each.urgent)
    return [
        Due(each, whole.get(each.code, 0), urgent[each.code], _left(each, days))
        for each in contract.obligation
        if isinstance(each, OWING)
    ]


def _left(obligation: Obligation, days: Workdays) -> Sequence[date] | None:
    left = [day for day in days.working if day > days.as_of]
    match obligation:
        case Cases():
            return None
        case Coverage():
            return left
        case _:
            return [day for day in left if Month.of(day) == Month.of(days.as_of)]


def trips(owed: Iterable[Owed]) -> Sequence[Trip]:
    """What is owed, locality by locality, in its order."""
    grouped = groupby(owed, key=lambda each: each.locality)
    return [Trip(code, tuple(listed)) for code, listed in grouped]


def pressing(found: Iterable[Trip]) -> Sequence[Trip]:
    """The trips with the most that is urgent first, of those alike where most is to be done."""
    somewhere = [trip for trip in found if trip.locality]
    return sorted(somewhere, key=lambda trip: (-trip.urgent, -sum(trip.times.values())))
