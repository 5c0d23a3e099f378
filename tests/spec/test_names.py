"""Who sees which names in full: by role, by territory, and by whom a team has entries about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib.access import Role, Viewer
from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.kpi.names import Met, Names, as_seen_by
from lib.kpi.scope import Scope
from lib.store import rosters, territories
from lib.store.engine import reading, writing
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

FIRST, SECOND = (
    Viewer(name, Role.TEAM_LEAD, team) for name, team in (("lead1", "一组"), ("lead2", "二组"))
)
DAY = date(2023, 3, 6)
LOGS = {
    "特困老人核查": [
        {
            "日期": DAY,
            "服务人员": people,
            "特困人员编号": code,
            "生活状况": "良好",
            "健康状况": "良好",
        }
        for code, people in (("E1", "赵一"), ("E2", "赵一、孙三"))
    ],
    "专项行动": [{"日期": DAY, "服务人员": "孙三", "户编号": "H3", "政策宣讲": "是"}],
}


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract; the second team looks after the eastern community."""
    stored = small.entered(engine)
    post(engine, stored, small.ANYBODY, [small.workbook(LOGS)], today=small.TODAY, now=small.NOW)
    with writing(engine) as connection:
        territories.assign(connection, stored.id, {"L1": "二组"}, at=small.NOW, by="管理员")
    return stored


def seen(engine: Engine, stored: StoredContract, viewer: Viewer) -> Names:
    """The names that a viewer sees, asked as of a day before any of the entries."""
    with reading(engine) as connection:
        return as_seen_by(connection, Scope(stored, small.START), viewer)


def shown(engine: Engine, stored: StoredContract, viewer: Viewer) -> list[str]:
    """Every elder's and household's name as the viewer sees it."""
    names = seen(engine, stored, viewer)
    with reading(engine) as connection:
        roster = rosters.load(connection, stored.id)
    return [
        *map(names.of_elder, roster.elders.values()),
        *map(names.of_household, roster.households.values()),
    ]


FULL = ["周大", "吴大", "郑大", "王甲", "冯乙", "陈丙", "褚丁"]
MASKED = [f"{name[0]}*" for name in FULL]


@pytest.mark.parametrize(
    ("viewer", "names"),
    [
        (Viewer("reviewer", Role.REVIEWER), FULL),
        (Viewer("leader", Role.LEADER), MASKED),
        (Viewer("admin", Role.ADMIN), MASKED),
        (FIRST, ["周大", "吴大", *MASKED[2:]]),
        (SECOND, ["周大", "吴大", "郑*", "王甲", "冯*", "陈丙", "褚*"]),
        (Viewer("lead3", Role.TEAM_LEAD, "三组"), MASKED),
    ],
    ids=lambda each: each.name if isinstance(each, Viewer) else "",
)
def test_each_sees(engine: Engine, stored: StoredContract, viewer: Viewer, names: list[str]):
    assert shown(engine, stored, viewer) == names


def test_a_withdrawn_entry_shows_nobody(engine: Engine, stored: StoredContract):
    withdraw(engine, stored, small.ANYBODY, 1, reason="记错了", now=small.NOW)

    assert seen(engine, stored, FIRST).met == Met(elders=frozenset({"E2"}))


def test_another_contracts_entries_show_nobody(engine: Engine, stored: StoredContract):
    other = small.entered(engine)

    assert seen(engine, other, SECOND) == Names(SECOND, {}, Met())


def test_a_place_is_given_away_and_taken_back(engine: Engine, stored: StoredContract):
    with writing(engine) as connection:
        given = {"L1": "一组", "L2": "二组"}
        territories.assign(connection, stored.id, given, at=small.NOW, by="管理员")
        assert territories.load(connection, stored.id) == given
        territories.assign(connection, stored.id, {"L1": None}, at=small.NOW, by="管理员")
        assert territories.load(connection, stored.id) == {"L2": "二组"}
        territories.assign(connection, stored.id, {}, at=small.NOW, by="管理员")
        assert territories.load(connection, stored.id) == {"L2": "二组"}
