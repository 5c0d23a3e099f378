"""Visits person by person: who is still owed some, when last seen, in what condition."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from lib.actions.post import post
from lib.contract import Visits
from lib.kpi import elder_checks, elder_conditions
from lib.kpi.elder_checks import Owed, Owing, StillOwed
from lib.kpi.elder_conditions import Conditions, Latest
from lib.kpi.rows import Page, ledger_rows
from lib.kpi.scope import Scope
from lib.kpi.visits import VisitMonth, rows
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract

MARCH_END = date(2023, 3, 31)
ALL = Page(50)


def on_roster(code: str, place: str, enrolled: date, left: date | None = None) -> dict[str, Any]:
    """An elder of the roster."""
    return {
        "编号": code,
        "姓名": f"某{code}",
        "村(社区)": place,
        "自理能力": "全自理",
        "纳入日期": enrolled,
        "退出日期": left,
    }


# March owes E2, who comes on the 20th, and E3, who leaves on the 15th, one visit each.
ROSTERS = {
    **small.ROSTERS,
    "特困人员": {
        "E1": on_roster("E1", "东社区", date(2022, 1, 1)),
        "E2": on_roster("E2", "南村", date(2023, 3, 20)),
        "E3": on_roster("E3", "南村", date(2022, 1, 1), date(2023, 3, 15)),
        "E4": on_roster("E4", "西山村", date(2022, 1, 1)),
    },
}


def visit(month: int, day: int, elder: str, living: str, health: str, **other: str) -> small.Cells:
    """A visit to an elder."""
    return {
        "日期": date(2023, month, day),
        "服务人员": "赵一",
        "特困人员编号": elder,
        "生活状况": living,
        "健康状况": health,
        **other,
    }


VISITS = [
    visit(2, 13, "E1", "良好", "良好"),
    visit(2, 28, "E1", "较差", "较差", 居住安全="有隐患"),
    visit(3, 6, "E1", "良好", "较差"),
    visit(2, 13, "E3", "较差", "较差"),
    visit(2, 28, "E4", "一般", "一般", 照料落实="落实"),
    visit(4, 3, "E4", "较差", "较差", 居住安全="有隐患"),
]


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with these elders and visits."""
    stored = small.entered(engine, ROSTERS)
    book = small.workbook({"特困老人核查": VISITS})
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    assert not done.plan.refusals
    return stored


@pytest.fixture
def ask(engine: Engine, stored: StoredContract) -> Callable[..., Any]:
    """Asks one of the figures as of a day."""
    (visits,) = (each for each in stored.terms.obligation if isinstance(each, Visits))

    def asked(read: Callable[..., Any], *rest: object, as_of: date = MARCH_END) -> object:
        with reading(engine) as connection:
            return read(connection, Scope(stored, as_of), visits, *rest)

    return asked


def test_localities_by_month(ask):
    assert ask(elder_checks.by_place) == {
        "L1": {"2023-02": VisitMonth(1, 1, 2, 2), "2023-03": VisitMonth(1, 0, 2, 1)},
        "L2": {"2023-02": VisitMonth(1, 0, 2, 1), "2023-03": VisitMonth(2, 0, 2, 0)},
        "L3": {"2023-02": VisitMonth(1, 0, 2, 1), "2023-03": VisitMonth(1, 0, 2, 0)},
    }


OWING = [
    Owing("E4", "L3", 0, 2, date(2023, 2, 28), 31, overdue=True, gone=False),
    Owing("E2", "L2", 0, 1, None, 11, overdue=False, gone=False),
    Owing("E1", "L1", 1, 2, date(2023, 3, 6), 25, overdue=False, gone=False),
    Owing("E3", "L2", 0, 1, date(2023, 2, 13), 46, overdue=True, gone=True),
]


def test_who_was_not_seen_for_too_long_comes_first_and_who_left_last(ask):
    assert ask(elder_checks.worklist, "", ALL) == OWING
    assert ask(elder_checks.number_owing, "") == 4


def test_the_worklist_of_a_locality_and_by_pages(ask):
    assert ask(elder_checks.worklist, "L2", ALL) == [OWING[1], OWING[3]]
    assert ask(elder_checks.number_owing, "L2") == 2
    assert ask(elder_checks.worklist, "", Page(3, 1)) == OWING[:3]
    assert ask(elder_checks.worklist, "", Page(3, 2)) == OWING[3:]


def test_what_can_still_be_done_this_month_is_not_owed_to_those_who_left(ask):
    assert ask(elder_checks.still_owed) == StillOwed(visits=4, overdue=1)


@pytest.mark.parametrize(
    ("day", "visits", "overdue"),
    [
        (date(2023, 2, 10), 6, 0),
        (date(2023, 2, 28), 2, 0),
        (date(2023, 3, 14), 5, 0),  # the next day E3 can be seen for the last time
        (date(2023, 3, 15), 4, 0),
        (date(2023, 3, 30), 4, 0),  # E4 was seen 30 days ago
        (date(2023, 3, 31), 4, 1),
    ],
)
def test_what_is_still_owed_day_by_day(ask, day: date, visits: int, overdue: int):
    assert ask(elder_checks.still_owed, as_of=day) == StillOwed(visits, overdue)


def test_nobody_is_owed_a_visit_before_the_month_in_which_the_contract_begins(ask):
    before = date(2023, 1, 31)

    assert ask(elder_checks.worklist, "", ALL, as_of=before) == []
    assert ask(elder_checks.by_place, as_of=before) == {}


def test_each_elders_months(ask):
    assert ask(elder_checks.elders, "", ALL) == ["E1", "E2", "E3", "E4"]
    assert ask(elder_checks.elders, "", Page(3, 2)) == ["E4"]
    assert ask(elder_checks.elders, "L2", ALL) == ["E2", "E3"]
    assert ask(elder_checks.number_of_elders, "") == 4
    assert ask(elder_checks.number_of_elders, "L2") == 2
    assert ask(elder_checks.months_of, ("E1", "E2", "E3")) == {
        "E1": {"2023-02": Owed(2, 2), "2023-03": Owed(2, 1)},
        "E2": {"2023-03": Owed(1, 0)},
        "E3": {"2023-02": Owed(2, 1), "2023-03": Owed(1, 0)},
    }


def test_the_last_visit(ask):
    assert ask(elder_checks.last_visit, "E1") == date(2023, 3, 6)
    assert ask(elder_checks.last_visit, "E1", as_of=date(2023, 3, 5)) == date(2023, 2, 28)
    assert ask(elder_checks.last_visit, "E2") is None


def test_the_conditions_of_those_on_the_roster_as_last_seen(ask):
    assert ask(elder_conditions.conditions, "") == Conditions(
        3,
        {
            "living": {"良好": 1, "一般": 1},
            "health": {"较差": 1, "一般": 1},
            "safety": {"有隐患": 1},
            "care": {"落实": 1},
        },
    )
    assert ask(elder_conditions.conditions, "L2") == Conditions(1, {})
    assert ask(elder_conditions.conditions, "L2", as_of=date(2023, 3, 15)) == Conditions(
        1, {"living": {"较差": 1}, "health": {"较差": 1}}
    )


def test_those_last_seen_in_the_worst_condition(engine: Engine, stored: StoredContract, ask):
    (visits,) = (each for each in stored.terms.obligation if isinstance(each, Visits))
    with reading(engine) as connection:
        scope = Scope(stored, small.END)
        ids = {
            (row.elder, row.day): row.entry_id
            for row in ledger_rows(connection, rows(scope, visits))
        }

    def latest(elder: str, value: str, month: int, day: int) -> Latest:
        on = date(2023, month, day)
        return Latest(value, on, ids[elder, on])

    of_e1 = {
        "living": latest("E1", "良好", 3, 6),
        "health": latest("E1", "较差", 3, 6),
        "safety": latest("E1", "有隐患", 2, 28),
    }
    of_e4 = {
        "living": latest("E4", "较差", 4, 3),
        "health": latest("E4", "较差", 4, 3),
        "safety": latest("E4", "有隐患", 4, 3),
        "care": latest("E4", "落实", 2, 28),
    }
    assert ask(elder_conditions.in_need, "", ALL) == {"E1": of_e1}
    found = ask(elder_conditions.in_need, "", ALL, as_of=small.END)
    assert list(found.items()) == [("E4", of_e4), ("E1", of_e1)]
    assert ask(elder_conditions.in_need, "", Page(1, 2), as_of=small.END) == {"E1": of_e1}
    assert ask(elder_conditions.number_in_need, "", as_of=small.END) == 2
    assert ask(elder_conditions.number_in_need, "L1", as_of=small.END) == 1
    assert ask(elder_conditions.number_in_need, "L2") == 0
