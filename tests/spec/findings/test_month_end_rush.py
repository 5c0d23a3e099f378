"""More than a share of a month's visits to elders in its last days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.findings.month_end_rush import MONTH_END_RUSH
from tests.spec import small
from tests.spec.findings.planting import TWO, april, campaign, check, found, march

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

SHEETS = {
    "特困老人核查": [
        # February, of which the last three days begin with the 26th: two of five are 40 %.
        *(check(date(2023, 2, day), "E1") for day in (13, 14, 25)),
        *(check(date(2023, 2, day), "E1") for day in (26, 28)),
        # 6: March, from the 29th: two of four, whoever is seen by whomever.
        check(march(6), "E1"),
        check(march(28), "E2"),
        check(march(29), "E1", TWO),
        check(march(31), "E2"),
        # 10: April, from the 28th: of three, one in the last days is withdrawn.
        check(april(6), "E1"),
        check(april(7), "E2"),
        check(april(28), "E1"),
        # 13: May ends with the contract, on the 7th.
        check(date(2023, 5, 4), "E1"),
        check(date(2023, 5, 5), "E2"),
    ],
    "专项行动": [campaign(date(2023, 2, 28), "H1")],
}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (march(30), {}),
        (march(31), {"2023-03": [8, 9]}),
        (date(2023, 5, 6), {"2023-03": [8, 9]}),
        (small.END, {"2023-03": [8, 9], "2023-05": [14]}),
    ],
    ids=str,
)
def test_a_month_that_is_over(
    shared_engine: Engine, as_of: date, expected: Mapping[str, Sequence[int]]
):
    assert (
        found(
            shared_engine,
            MONTH_END_RUSH,
            SHEETS,
            withdrawn=[12],
            as_of=as_of,
            rush_share=0.40,
            rush_last_days=3,
        )
        == expected
    )


def test_without_the_obligation_there_is_no_rush(shared_engine: Engine):
    terms = small.without_obligations()

    assert found(shared_engine, MONTH_END_RUSH, SHEETS, terms=terms) == {}
