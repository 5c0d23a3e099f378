"""A home visit by somebody whose other work that day was in another place nearby."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.elsewhere import ELSEWHERE
from tests.spec.findings.planting import (
    EAST,
    FAR,
    ONE,
    SOUTH,
    TWO,
    acceptance,
    archive,
    campaign,
    check,
    found,
    march,
    patrol,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_a_visit_and_other_work_in_another_locality(shared_engine: Engine):
    sheets = {
        "特困老人核查": [
            check(march(6), "E1", ONE),  # 1: and a patrol in the south
            check(march(7), "E1", ONE),  # 2: and a patrol in the same place
            check(march(8), "E1", ONE),  # 3: and others of the same kind in the south
            check(march(8), "E2", ONE),
            check(march(9), "E1", ONE),  # 5: and a patrol far away
            check(march(10), "E1", ONE),  # 6: and somebody else's in the south
            check(march(13), "E1", ONE),  # 7: and one in the south on another day
            check(march(15), "E1", f"{ONE}、{TWO}"),  # 8: and a visit of one of them in the south
            check(march(16), "E1", ONE),  # 9: and a patrol that is withdrawn
            check(march(17), "E1", ONE),  # 10: and work in no place
        ],
        "对象排查": [
            patrol(march(6), ONE, SOUTH),  # 11
            patrol(march(7), ONE, EAST),
            patrol(march(9), ONE, FAR),
            patrol(march(10), TWO, SOUTH),
            patrol(march(14), ONE, SOUTH),
            patrol(march(16), ONE, SOUTH),  # 16: withdrawn
            patrol(march(20), ONE, SOUTH),  # 17: and no visit
        ],
        "业务协办": [acceptance(march(20), "A1", ONE, EAST)],  # 18
        "专项行动": [campaign(march(15), "H2", TWO)],  # 19
        "档案管理": [archive(march(17), 1, ONE)],
    }

    assert found(shared_engine, ELSEWHERE, sheets, withdrawn=[16]) == {
        "G1 2023-03-06": [1, 11],
        "G2 2023-03-15": [8, 19],
    }
