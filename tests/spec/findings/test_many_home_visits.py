"""More home visits by one person on a day than are plausible, whatever their kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.many_home_visits import MANY_HOME_VISITS
from tests.spec.findings.planting import (
    ONE,
    TWO,
    campaign,
    check,
    found,
    march,
    patrol,
    review,
    survey,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_more_visits_on_a_day_than_the_threshold(shared_engine: Engine):
    sheets = {
        "特困老人核查": [
            check(march(6), "E1"),  # 1: four visits of three kinds
            check(march(6), "E2"),
            check(march(7), "E1"),  # 3: three visits, and a patrol
            check(march(7), "E2"),
            check(march(8), "E1", f"{ONE}、{TWO}"),  # 5: four of one, three of the other
            check(march(8), "E2", f"{ONE}、{TWO}"),
            check(march(9), "E1"),  # 7: four, one of them withdrawn
            check(march(9), "E2"),
            check(march(9), "E3"),
        ],
        "专项行动": [
            campaign(march(6), "H1"),  # 10
            campaign(march(7), "H1"),
            campaign(march(8), "H1", f"{ONE}、{TWO}"),
            campaign(march(8), "H2", TWO),
            campaign(march(9), "H1"),  # 14: withdrawn
        ],
        "家计调查": [
            survey(march(6), "A1"),  # 15
            review(march(10), "H1"),
        ],
        "对象排查": [patrol(march(7))],
    }

    assert found(
        shared_engine,
        MANY_HOME_VISITS,
        sheets,
        withdrawn=[14],
        home_visits_per_person_day=3,
    ) == {"G1 2023-03-06": [1, 2, 10, 15], "G2 2023-03-08": [5, 6, 12, 13]}
