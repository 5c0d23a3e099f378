"""The same answers in many home visits of one person on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.identical_answers import IDENTICAL_ANSWERS
from tests.spec.findings.planting import (
    ONE,
    TWO,
    acceptance,
    campaign,
    check,
    found,
    march,
    patrol,
    review,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

BOTH = f"{ONE}、{TWO}"
ELDERS = ("E1", "E2", "E3")


def test_visits_of_a_day_that_are_answered_alike(shared_engine: Engine):
    sheets = {
        "特困老人核查": [
            *(check(march(6), elder) for elder in ELDERS),  # 1: three alike
            check(march(6), "E9", 生活状况="一般"),  # 4: and one that is not
            *(check(march(7), elder) for elder in ELDERS[:2]),  # 5: two
            check(march(7), "E3", 备注="腿伤未愈"),  # 7: and other words
            *(check(march(8), elder, BOTH) for elder in ELDERS[:2]),  # 8: three of one of them
            check(march(8), "E3", TWO),
            *(check(march(9), elder) for elder in ELDERS[:2]),  # 11: the third on another day
            check(march(10), "E3"),
            *(check(march(14), elder) for elder in ELDERS),  # 14: one is withdrawn
        ],
        "专项行动": [
            campaign(march(9), "H3"),  # 17: the third is of another kind
            *(campaign(march(15), home, 家庭困难情况="缺劳力") for home in ("H1", "H2", "H3")),
        ],
        "家计调查": [
            *(review(march(16), home) for home in ("H1", "H2")),  # 21: three, of two households
            review(march(16), "H1", 调查类型="动态管理"),
            *(review(march(17), home, 家庭人口=number) for number, home in HOMES),  # 24: numbers
            *(review(march(20), home) for home in ("H1", "H2")),  # 27: and one of another type
            review(march(20), "H3", 调查类型="动态管理"),
        ],
        "业务协办": [acceptance(march(20), number) for number in ("A1", "A2", "A3")],
        "对象排查": [patrol(march(20), place=place) for place in ("东社区", "南村", "西山村")],
    }

    assert found(
        shared_engine, IDENTICAL_ANSWERS, sheets, withdrawn=[16], identical_answer_rows=3
    ) == {
        "G1 2023-03-06 elder_check": [1, 2, 3],
        "G2 2023-03-08 elder_check": [8, 9, 10],
        "G1 2023-03-15 campaign": [18, 19, 20],
        "G1 2023-03-17 home_survey": [24, 25, 26],
        "G1 2023-03-20 home_survey": [27, 28, 29],
    }


HOMES = ((1, "H1"), (2, "H2"), (3, "H3"))  # figures may differ where the answers do not
