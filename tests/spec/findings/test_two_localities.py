"""One person in two localities on one day's patrol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.two_localities import TWO_LOCALITIES
from tests.spec.findings.planting import EAST, ONE, SOUTH, TWO, WEST, check, found, march, patrol

if TYPE_CHECKING:
    from sqlalchemy import Engine

BOTH = f"{ONE}、{TWO}"


def test_a_persons_day_in_two_localities(shared_engine: Engine):
    patrols = [
        patrol(march(6), ONE, EAST),  # 1: two places
        patrol(march(6), ONE, SOUTH),
        patrol(march(7), BOTH, EAST),  # 3: for one of the two
        patrol(march(7), TWO, SOUTH),
        patrol(march(8), BOTH, EAST),  # 5: for both
        patrol(march(8), BOTH, WEST),
        patrol(march(9), ONE, EAST),  # 7: two people
        patrol(march(9), TWO, SOUTH),
        patrol(march(10), ONE, EAST),  # 9: two days
        patrol(march(13), ONE, SOUTH),
        patrol(march(14), ONE, EAST),  # 11: one place
        patrol(march(14), BOTH, EAST),
        patrol(march(15), ONE, EAST),  # 13: the second is withdrawn
        patrol(march(15), ONE, SOUTH),
        patrol(march(16), ONE, EAST),  # 15: the other work is at home
    ]
    sheets = {"对象排查": patrols, "特困老人核查": [check(march(16), "E2")]}

    twice = found(shared_engine, TWO_LOCALITIES, sheets, withdrawn=[14])

    assert list(twice.items()) == [
        ("G1 2023-03-06", [1, 2]),
        ("G2 2023-03-07", [3, 4]),
        ("G1 2023-03-08", [5, 6]),
        ("G2 2023-03-08", [5, 6]),
    ]


def test_a_patrol_counts_from_its_day_on(shared_engine: Engine):
    patrols = {"对象排查": [patrol(march(7), ONE, EAST), patrol(march(7), ONE, SOUTH)]}

    assert found(shared_engine, TWO_LOCALITIES, patrols, as_of=march(6)) == {}
    assert found(shared_engine, TWO_LOCALITIES, patrols, as_of=march(7)) == {
        "G1 2023-03-07": [1, 2]
    }
