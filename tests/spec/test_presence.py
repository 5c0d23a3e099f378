"""Which team works where: the busiest of each locality, of two alike the first by name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.kpi.presence import Presence, busiest
from lib.kpi.scope import Scope
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract


def patrol(day: int, people: str, place: str) -> small.Cells:
    """A patrol in March."""
    return {
        "日期": date(2023, 3, day),
        "服务人员": people,
        "村(社区)": place,
        "排查情况": "如常",
    }


LOGS = {
    "对象排查": [
        patrol(1, "赵一、钱二丰", "东社区"),  # two people, one entry of the first team
        patrol(2, "孙三", "东社区"),
        patrol(6, "孙三、李四", "东社区"),
        patrol(2, "赵一", "南村"),
        patrol(3, "赵一、孙三", "西山村"),  # both teams'
        patrol(20, "孙三", "南村"),
        patrol(21, "孙三", "南村"),
    ]
}
FIRST, SECOND = "一组", "二组"


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with these patrols."""
    stored = small.entered(engine)
    post(engine, stored, small.ANYBODY, [small.workbook(LOGS)], today=small.TODAY, now=small.NOW)
    return stored


def found(engine: Engine, stored: StoredContract, day: int) -> Mapping[str, Presence]:
    """The busiest teams as of a day in March."""
    with reading(engine) as connection:
        return busiest(connection, Scope(stored, date(2023, 3, day)))


def test_the_team_with_most_entries_there(engine: Engine, stored: StoredContract):
    assert found(engine, stored, 19) == {
        "L1": Presence(SECOND, 2),
        "L2": Presence(FIRST, 1),
        "L3": Presence(FIRST, 1),
    }
    assert found(engine, stored, 21)["L2"] == Presence(SECOND, 2)
    assert found(engine, stored, 1) == {"L1": Presence(FIRST, 1)}


def test_what_is_withdrawn_is_nobodys(engine: Engine, stored: StoredContract):
    withdraw(engine, stored, small.ANYBODY, 2, reason="记错了", now=small.NOW)

    assert found(engine, stored, 19)["L1"] == Presence(FIRST, 1)
