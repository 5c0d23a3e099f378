"""The same person in two kinds of work in two subdistricts on one day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.far_localities import FAR_LOCALITIES
from tests.spec.findings.planting import (
    EAST,
    FAR,
    ONE,
    SOUTH,
    TWO,
    acceptance,
    archive,
    check,
    found,
    march,
    patrol,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_two_kinds_of_work_far_apart(shared_engine: Engine):
    sheets = {
        "对象排查": [
            patrol(march(6), ONE, EAST),  # 1: and an elder far away
            patrol(march(7), ONE, EAST),  # 2: and an elder in the same subdistrict
            patrol(march(8), ONE, EAST),  # 3: and another of the same kind far away
            patrol(march(8), ONE, FAR),
            patrol(march(9), TWO, EAST),  # 5: somebody else is far away
            patrol(march(10), ONE, EAST),  # 6: and far away, on the next working day
            patrol(march(14), ONE, EAST),  # 7: and far away, which is withdrawn
            patrol(march(15), f"{ONE}、{TWO}", SOUTH),  # 8: and one of them far away
            patrol(march(16), ONE, EAST),  # 9: and work in no place
        ],
        "特困老人核查": [
            check(march(6), "E9", ONE),  # 10
            check(march(7), "E2", ONE),
            check(march(9), "E9", ONE),
            check(march(13), "E9", ONE),
            check(march(14), "E9", ONE),  # 14: withdrawn
        ],
        "业务协办": [acceptance(march(15), "A1", TWO, FAR)],  # 15
        "档案管理": [archive(march(16), 1, ONE)],
    }

    assert found(shared_engine, FAR_LOCALITIES, sheets, withdrawn=[14]) == {
        "G1 2023-03-06": [1, 10],
        "G2 2023-03-15": [8, 15],
    }
