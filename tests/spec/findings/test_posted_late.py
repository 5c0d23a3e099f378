"""Rows handed in more than so many days after their day, where the services are delivered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from lib.findings.posted_late import POSTED_LATE
from tests.spec.findings.planting import Posting, check, found, march, patrol

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Midnight in Shanghai is at 16:00 in UTC: on the 13th, and on the 14th there.
LAST_MOMENT = datetime(2023, 3, 13, 15, 59, 59, tzinfo=UTC)
TOO_LATE = datetime(2023, 3, 13, 16, 0, tzinfo=UTC)


def test_rows_of_a_receipt_that_came_late(shared_engine: Engine):
    in_time = Posting(
        {"对象排查": [patrol(march(6)), patrol(march(7)), patrol(march(8))]}, LAST_MOMENT
    )
    late = Posting(
        {
            "对象排查": [
                patrol(march(6), 排查情况="另有一户"),  # there in time; corrected now
                patrol(march(7)),
                patrol(date(2023, 2, 28)),  # 4: of another month
            ],
            "特困老人核查": [
                check(march(6), "E1"),  # 5: eight days ago
                check(march(3), "E2"),
                check(march(7), "E1"),  # 7: seven days ago
                check(march(2), "E3"),  # 8: withdrawn
            ],
        },
        TOO_LATE,
    )

    assert found(shared_engine, POSTED_LATE, in_time, late, withdrawn=[8], late_posting_days=7) == {
        "2 2023-02": [4],
        "2 2023-03": [6, 5],
    }
