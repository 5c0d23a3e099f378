"""A person's numbers of a month that end in 0 or 5 more often than counted ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.round_numbers import ROUND_NUMBERS
from tests.spec.findings.planting import ONE, TWO, april, archive, found, march, publicity

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_too_many_round_numbers_of_a_person_and_month(shared_engine: Engine):
    sheets = {
        "档案管理": [
            archive(march(6), 10),  # 1: three of four are round, and a 0
            archive(march(7), 25),
            archive(march(8), 5),
            archive(march(9), 7),
            archive(march(10), 0),
            *(archive(march(day), 10, TWO) for day in (6, 7, 8)),  # 6: three, and one withdrawn
            archive(march(9), 20, TWO),
            *(archive(april(day), 10) for day in (10, 11)),  # 10: two of four
            *(archive(april(day), 11) for day in (12, 13)),
        ],
        "政策宣传": [
            publicity(march(6), 50, 100, TWO),  # 14: four of four, in two rows
            publicity(march(7), 30, 15, TWO),
            publicity(april(6), 50, 100, ONE),  # 16: three of five
            publicity(april(7), 30, 16, ONE),
            publicity(april(10), 0, 3, ONE),
        ],
    }

    assert found(
        shared_engine,
        ROUND_NUMBERS,
        sheets,
        withdrawn=[9],
        round_number_share=0.6,
        round_number_rows=4,
    ) == {"G1 archive_work 2023-03": [1, 2, 3], "G2 publicity 2023-03": [14, 15]}
