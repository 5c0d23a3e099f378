"""Trips promised, taken back, and those not made: tables in, exact values out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from lib.access import Role, Viewer
from lib.actions.post import post
from lib.actions.promises import plan
from lib.actions.withdraw import withdraw
from lib.errors import NotPermittedError, RefusedError
from lib.kpi.scope import Scope
from lib.kpi.unkept import unkept
from lib.periods import end_of
from lib.store import promises
from lib.store.engine import reading
from lib.store.promises import Promise
from lib.store.schema import audit_line
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

FIRST, SECOND = "一组", "二组"
LATER = end_of(small.TODAY)
LEAD, OTHER_LEAD = Viewer("lead1", Role.TEAM_LEAD, FIRST), Viewer("lead2", Role.TEAM_LEAD, SECOND)


def march(day: int) -> date:
    """A day in March."""
    return date(2023, 3, day)


def patrol(day: int, people: str, place: str) -> small.Cells:
    """A patrol in March."""
    return {"日期": march(day), "服务人员": people, "村(社区)": place, "排查情况": "如常"}


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract, its ledger empty."""
    return small.entered(engine)


def planned(
    engine: Engine, stored: StoredContract, viewer: Viewer, day: int, *places: str, today: int = 1
) -> int:
    """Plan a day in March; how many trips that changed."""
    return plan(engine, stored, viewer, march(day), places, today=march(today), now=small.NOW)


def posted(engine: Engine, stored: StoredContract, *patrols: small.Cells) -> None:
    """Post patrols; none may be refused."""
    book = small.workbook({"对象排查": patrols})
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    assert not done.plan.refusals


def missing(engine: Engine, stored: StoredContract, day: int) -> Sequence[Promise]:
    """The trips not made as of a day in March."""
    with reading(engine) as connection:
        return unkept(connection, Scope(stored, march(day)))


def ahead(
    engine: Engine, stored: StoredContract, day: int, before: datetime = LATER
) -> Sequence[Promise]:
    """The trips promised for a day in March and after it, promised before a moment."""
    with reading(engine) as connection:
        return promises.ahead(connection, stored.id, march(day), before)


def test_a_plan_is_kept_changed_and_the_same_again_is_nothing(
    engine: Engine, stored: StoredContract
):
    assert planned(engine, stored, LEAD, 7, "L2", "L1") == 2
    assert planned(engine, stored, LEAD, 7, "L1", "L2") == 0
    assert planned(engine, stored, LEAD, 7, "L1", "L3") == 2
    assert planned(engine, stored, OTHER_LEAD, 7, "L1") == 1
    assert planned(engine, stored, LEAD, 8, "L2") == 1
    assert ahead(engine, stored, 7) == [
        Promise(FIRST, march(7), "L1"),
        Promise(SECOND, march(7), "L1"),
        Promise(FIRST, march(7), "L3"),
        Promise(FIRST, march(8), "L2"),
    ]
    assert planned(engine, stored, LEAD, 7) == 2
    assert ahead(engine, stored, 7) == [
        Promise(SECOND, march(7), "L1"),
        Promise(FIRST, march(8), "L2"),
    ]
    assert ahead(engine, stored, 9) == []


def test_on_an_earlier_day_a_trip_was_not_promised_yet(engine: Engine, stored: StoredContract):
    planned(engine, stored, LEAD, 7, "L1")
    assert ahead(engine, stored, 1, before=small.NOW) == []
    assert len(ahead(engine, stored, 1, before=small.NOW + timedelta(seconds=1))) == 1


def test_each_change_leaves_one_line(engine: Engine, stored: StoredContract):
    for places in (("L1",), ("L1",), ("L2", "L1")):
        planned(engine, stored, LEAD, 7, *places)
    query = select(audit_line.c.by, audit_line.c.subject, audit_line.c.before, audit_line.c.after)
    with reading(engine) as connection:
        lines = connection.execute(query.where(audit_line.c.act == "promise_trips")).all()
    assert [tuple(line) for line in lines] == [
        ("lead1", "一组 2023-03-07", {"localities": []}, {"localities": ["L1"]}),
        ("lead1", "一组 2023-03-07", {"localities": ["L1"]}, {"localities": ["L1", "L2"]}),
    ]


@pytest.mark.parametrize(
    ("day", "today"),
    [
        (march(6), march(7)),
        (date(2023, 2, 9), date(2023, 2, 1)),
        (date(2023, 5, 8), march(7)),
        (small.END, date(2023, 5, 8)),
    ],
)
def test_only_days_to_come_within_the_contract(
    engine: Engine, stored: StoredContract, day: date, today: date
):
    with pytest.raises(RefusedError):
        plan(engine, stored, LEAD, day, ["L1"], today=today, now=small.NOW)


@pytest.mark.parametrize(
    ("day", "today"),
    [(march(7), march(7)), (small.START, date(2023, 2, 1)), (small.END, small.END)],
)
def test_the_first_and_last_day_that_can_be_planned(
    engine: Engine, stored: StoredContract, day: date, today: date
):
    assert plan(engine, stored, LEAD, day, ["L1"], today=today, now=small.NOW) == 1


def test_what_was_promised_cannot_be_taken_back_once_the_day_is_over(
    engine: Engine, stored: StoredContract
):
    planned(engine, stored, LEAD, 7, "L1")
    with pytest.raises(RefusedError):
        planned(engine, stored, LEAD, 7, today=8)
    assert missing(engine, stored, 8) == [Promise(FIRST, march(7), "L1")]


@pytest.mark.parametrize("code", ["L9", "", "'"])
def test_a_place_on_no_roster_is_refused(engine: Engine, stored: StoredContract, code: str):
    with pytest.raises(RefusedError):
        planned(engine, stored, LEAD, 7, "L1", code)
    assert ahead(engine, stored, 1) == []


@pytest.mark.parametrize(
    "viewer",
    [
        Viewer("leader", Role.LEADER),
        Viewer("reviewer", Role.REVIEWER),
        Viewer("admin", Role.ADMIN),
        small.ADMINISTRATOR,
    ],
    ids=lambda viewer: viewer.name,
)
def test_nobody_but_a_lead_promises(engine: Engine, stored: StoredContract, viewer: Viewer):
    with pytest.raises(NotPermittedError):
        planned(engine, stored, viewer, 7, "L1")


def test_a_trip_is_made_by_an_entry_of_the_team_there_on_the_day_or_later(
    engine: Engine, stored: StoredContract
):
    planned(engine, stored, LEAD, 7, "L1", "L2", "L3")
    posted(
        engine,
        stored,
        patrol(7, "赵一、孙三", "东社区"),
        patrol(9, "赵一", "南村"),
        patrol(6, "赵一", "西山村"),  # before the day
        patrol(8, "孙三", "西山村"),  # the other team
    )
    assert missing(engine, stored, 7) == []
    assert [each.locality for each in missing(engine, stored, 8)] == ["L2", "L3"]
    assert [each.locality for each in missing(engine, stored, 9)] == ["L3"]


def test_a_withdrawn_entry_made_no_trip(engine: Engine, stored: StoredContract):
    planned(engine, stored, LEAD, 7, "L1")
    posted(engine, stored, patrol(7, "赵一", "东社区"))
    assert missing(engine, stored, 8) == []
    withdraw(engine, stored, small.ANYBODY, 1, reason="记错了", now=small.NOW)
    assert missing(engine, stored, 8) == [Promise(FIRST, march(7), "L1")]


def test_a_place_promised_again_stands_once_with_the_first_day_still_open(
    engine: Engine, stored: StoredContract
):
    for day in (6, 8, 10):
        planned(engine, stored, LEAD, day, "L1")
    planned(engine, stored, OTHER_LEAD, 8, "L1")
    posted(engine, stored, patrol(7, "赵一", "东社区"))
    assert missing(engine, stored, 31) == [
        Promise(FIRST, march(8), "L1"),
        Promise(SECOND, march(8), "L1"),
    ]


def test_another_contract_knows_nothing_of_it(engine: Engine, stored: StoredContract):
    other = small.entered(engine)
    planned(engine, stored, LEAD, 7, "L1")
    posted(engine, other, patrol(7, "赵一", "东社区"))
    assert missing(engine, other, 8) == []
    assert missing(engine, stored, 8) == [Promise(FIRST, march(7), "L1")]
