"""Entries changed after their month was over, where the services are delivered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lib.findings.late_correction import LATE_CORRECTION
from tests.spec.findings.planting import Posting, april, found, march, patrol

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Midnight in Shanghai is at 16:00 in UTC.
FIRST = datetime(2023, 3, 20, 1, tzinfo=UTC)
IN_MARCH = datetime(2023, 3, 31, 15, 59, 59, tzinfo=UTC)
IN_APRIL = datetime(2023, 3, 31, 16, 0, tzinfo=UTC)
NEW = "另有一户"


def test_rows_of_a_receipt_that_corrects_too_late(shared_engine: Engine):
    days = [march(6), march(7), march(8), march(9)]
    postings = [
        Posting({"对象排查": [patrol(day) for day in days]}, FIRST),
        Posting({"对象排查": [patrol(march(6), 排查情况=NEW)]}, IN_MARCH),
        Posting(
            {
                "对象排查": [
                    patrol(march(7), 排查情况=NEW),
                    patrol(march(8)),  # unchanged
                    patrol(march(9), 排查情况=NEW),  # withdrawn then
                    patrol(march(10)),  # late, but no correction
                    patrol(april(1)),
                ]
            },
            IN_APRIL,
        ),
        Posting(
            {"对象排查": [patrol(march(6), 排查情况="再更正"), patrol(april(1), 排查情况=NEW)]},
            datetime(2023, 4, 30, 1, tzinfo=UTC),
        ),
    ]

    assert found(shared_engine, LATE_CORRECTION, *postings, withdrawn=[4]) == {
        "3 2023-03": [2],
        "4 2023-03": [1],
    }
