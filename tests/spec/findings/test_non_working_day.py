"""Work on a day on which nobody works, by the announced calendar."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib.findings.non_working_day import NON_WORKING_DAY
from tests.spec.findings.planting import ONE, TWO, april, check, found, march, patrol

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_weekends_and_holidays_but_no_made_up_workdays(shared_engine: Engine):
    sheets = {
        "对象排查": [
            patrol(march(10), ONE),  # 1: a Friday
            patrol(march(11), ONE),  # 2: a Saturday
            patrol(march(13), ONE),  # 3: a Monday
            patrol(april(5), ONE),  # 4: a holiday
            patrol(april(23), ONE),  # 5: a Sunday that is a workday
            patrol(date(2023, 5, 6), ONE),  # 6: a Saturday that is a workday
            patrol(march(12), ONE),  # 7: a Sunday, withdrawn
        ],
        "特困老人核查": [check(march(11), "E1", TWO)],  # 8: the same Saturday
    }

    assert found(shared_engine, NON_WORKING_DAY, sheets, withdrawn=[7]) == {
        "2023-03-11": [2, 8],
        "2023-04-05": [4],
    }
