"""A day with more than so many times a person's usual entries of a kind, and many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.pace_jump import PACE_JUMP
from tests.spec.findings.planting import ONE, TWO, archive, found, march

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy import Engine

    from tests.spec.small import Cells

STEPS = ("收集", "整理", "归纳", "上报", "备查", "归档")


def work(day: date, entries: int, people: str = ONE) -> Iterator[Cells]:
    """So many entries of a day."""
    return (archive(day, 1, people, step) for step in STEPS[:entries])


def jumps(engine: Engine, *days: Iterator[Cells], withdrawn: tuple[int, ...] = ()) -> dict:
    """What is found of these days, where at least four entries are more than twice the usual."""
    sheets = {"档案管理": [row for day in days for row in day]}
    return dict(found(engine, PACE_JUMP, sheets, withdrawn=withdrawn, pace_times=2, pace_rows=4))


def test_a_day_of_many_times_the_usual(shared_engine: Engine):
    days = (
        work(march(6), 1),
        work(march(7), 2),  # 2: the median of the others, which are 1, 2 and 2
        work(march(8), 2),
        work(march(9), 5),  # 6: more than twice that
        work(march(6), 2, TWO),  # 11: another's usual
        work(march(7), 4, TWO),  # 13: just twice that
        work(march(8), 2, TWO),
    )

    assert jumps(shared_engine, *days) == {"G1 2023-03-09 archive_work": [6, 7, 8, 9, 10]}


def test_the_usual_is_the_median_of_the_other_days(shared_engine: Engine):
    # Of 1 and 3 the upper one is the usual: 6 is no more than twice that.
    even = (work(march(6), 1), work(march(7), 3), work(march(8), 6))
    # Of 1, 1 and 3 it is 1.
    odd = (
        work(march(6), 1, TWO),
        work(march(7), 1, TWO),
        work(march(8), 3, TWO),
        work(march(9), 4, TWO),  # 16
    )

    assert jumps(shared_engine, *even, *odd) == {"G2 2023-03-09 archive_work": [16, 17, 18, 19]}


def test_few_entries_only_days_and_withdrawn_ones_are_no_jump(shared_engine: Engine):
    few = (work(march(6), 1), work(march(7), 1), work(march(8), 3))
    only = (work(march(6), 6, TWO),)
    withdrawn = (
        work(march(9), 1, "李四"),
        work(march(10), 1, "李四"),
        work(march(13), 4, "李四"),  # 14, of which the last is withdrawn
    )

    assert jumps(shared_engine, *few, *only, *withdrawn, withdrawn=(17,)) == {}
