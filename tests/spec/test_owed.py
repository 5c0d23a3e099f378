"""What is owed as of a day, one village after another: tables in, exact values out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from sqlalchemy import event

from lib.actions.post import post
from lib.actions.withdraw import withdraw
from lib.contract import Coverage, Visits
from lib.kpi import elder_checks, unreached
from lib.kpi.owed import Owed, owed
from lib.kpi.rows import ledger_rows
from lib.kpi.scope import Scope, counted
from lib.kpi.selection import Selection, total
from lib.kpi.unreached import Among
from lib.periods import Month
from lib.store.engine import reading
from tests.spec import small
from tests.spec.histories import AS_OF, examples, histories, played

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract
    from tests.spec.histories import Act

VISITS, HOUSEHOLDS = "elder_months", "campaign_households"
APPLICATIONS, PLACES = "new_applications", "patrol_localities"


def elder(code: str, place: str, left: date | None = None) -> dict[str, Any]:
    """An elder of the roster."""
    return {
        "编号": code,
        "姓名": f"某{code}",
        "村(社区)": place,
        "自理能力": "全自理",
        "纳入日期": date(2022, 1, 1),
        "退出日期": left,
    }


# The southern village stands first on the roster; E4 leaves on the last day of March.
ROSTERS = {
    **small.ROSTERS,
    "村(社区)": {code: small.ROSTERS["村(社区)"][code] for code in ("L2", "L1", "L3")},
    "特困人员": {
        "E1": elder("E1", "东社区"),
        "E2": elder("E2", "南村"),
        "E3": elder("E3", "南村"),
        "E4": elder("E4", "西山村", left=date(2023, 3, 31)),
        "E5": elder("E5", "西山村"),
    },
}


def visit(day: date, code: str) -> small.Cells:
    """A visit to an elder."""
    return {
        "日期": day,
        "服务人员": "赵一",
        "特困人员编号": code,
        "生活状况": "良好",
        "健康状况": "良好",
    }


def campaign(day: date, household: str) -> small.Cells:
    """A household of the campaign."""
    return {"日期": day, "服务人员": "赵一", "户编号": household, "政策宣讲": "是"}


def patrol(day: date, place: str) -> small.Cells:
    """A patrol."""
    return {"日期": day, "服务人员": "赵一", "村(社区)": place, "排查情况": "如常"}


def step(day: date, application: str, place: str, name: str = "受理") -> small.Cells:
    """A step of an application."""
    return {
        "日期": day,
        "服务人员": "赵一",
        "村(社区)": place,
        "受理编号": application,
        "申请人": "某人",
        "救助类别": "低保",
        "办理环节": name,
    }


def survey(day: date, application: str) -> small.Cells:
    """A survey of a new application."""
    return {
        "日期": day,
        "服务人员": "赵一",
        "调查类型": "新增申请",
        "受理编号": application,
        "村(社区)": "南村",
        "调查结论": "符合",
    }


LOGS = {
    "特困老人核查": [
        visit(date(2023, 3, 1), "E1"),
        visit(date(2023, 3, 14), "E1"),  # visited enough
        visit(date(2023, 3, 13), "E2"),
        visit(date(2023, 2, 20), "E3"),
        visit(date(2023, 2, 27), "E3"),  # not of this month
        visit(date(2023, 3, 28), "E3"),
        visit(date(2023, 2, 27), "E4"),
        visit(date(2023, 2, 28), "E5"),
    ],
    "专项行动": [
        campaign(date(2023, 3, 2), "H2"),
        campaign(date(2023, 3, 3), "H1"),
        campaign(date(2023, 3, 31), "H4"),
    ],
    "对象排查": [
        patrol(date(2023, 3, 6), "东社区"),
        patrol(date(2023, 2, 28), "南村"),
        patrol(date(2023, 4, 3), "西山村"),
    ],
    "业务协办": [
        step(date(2023, 3, 2), "A1", "南村"),
        step(date(2023, 3, 22), "A2", "西山村"),
        step(date(2023, 3, 27), "A3", "南村"),
        step(date(2023, 3, 27), "A4", "南村", "公示"),
        step(date(2023, 3, 29), "A5", "南村"),
    ],
    "家计调查": [survey(date(2023, 3, 6), "A1"), survey(date(2023, 3, 29), "A3")],
}


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with these rosters and logs."""
    stored = small.entered(engine, ROSTERS)
    book = small.workbook(LOGS)
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    assert not done.plan.refusals
    return stored


def asked(engine: Engine, stored: StoredContract, day: date) -> Sequence[Owed]:
    """What is owed as of a day."""
    with reading(engine) as connection:
        return owed(connection, Scope(stored, day))


MARCH_28 = [
    Owed(HOUSEHOLDS, "campaign", "L2", household="H3"),
    Owed(VISITS, "elder_check", "L2", elder="E2", since=date(2023, 3, 13), days=15),
    Owed(VISITS, "elder_check", "L2", elder="E3", since=date(2023, 3, 28), days=0),
    Owed(APPLICATIONS, "home_survey", "L2", application="A3", since=date(2023, 3, 27), days=1),
    Owed(PLACES, "patrol", "L2", since=date(2023, 2, 28), days=28),
    Owed(
        APPLICATIONS,
        "home_survey",
        "L3",
        application="A2",
        since=date(2023, 3, 22),
        days=6,
        urgent=True,
    ),
    Owed(PLACES, "patrol", "L3", days=46, urgent=True),
    Owed(HOUSEHOLDS, "campaign", "L3", household="H4"),
    Owed(VISITS, "elder_check", "L3", elder="E4", times=2, since=date(2023, 2, 27), days=29),
    Owed(VISITS, "elder_check", "L3", elder="E5", times=2, since=date(2023, 2, 28), days=28),
]


def test_one_village_after_another_the_urgent_first(engine: Engine, stored: StoredContract):
    assert asked(engine, stored, date(2023, 3, 28)) == MARCH_28


def test_who_left_is_owed_nothing_and_what_was_done_meanwhile_is_gone(
    engine: Engine, stored: StoredContract
):
    """On the month's last day E4 is gone, E5 was not seen for 31 days, A3 and H4 are done with."""
    assert asked(engine, stored, date(2023, 3, 31)) == [
        Owed(PLACES, "patrol", "L2", since=date(2023, 2, 28), days=31, urgent=True),
        Owed(HOUSEHOLDS, "campaign", "L2", household="H3"),
        Owed(VISITS, "elder_check", "L2", elder="E2", since=date(2023, 3, 13), days=18),
        Owed(VISITS, "elder_check", "L2", elder="E3", since=date(2023, 3, 28), days=3),
        Owed(APPLICATIONS, "home_survey", "L2", application="A5", since=date(2023, 3, 29), days=2),
        Owed(
            VISITS,
            "elder_check",
            "L3",
            elder="E5",
            times=2,
            since=date(2023, 2, 28),
            days=31,
            urgent=True,
        ),
        Owed(
            APPLICATIONS,
            "home_survey",
            "L3",
            application="A2",
            since=date(2023, 3, 22),
            days=9,
            urgent=True,
        ),
        Owed(PLACES, "patrol", "L3", days=49, urgent=True),
    ]


def test_what_is_withdrawn_is_owed_again(engine: Engine, stored: StoredContract):
    day = date(2023, 3, 28)
    with reading(engine) as connection:
        rows = ledger_rows(connection, counted(Scope(stored, day)))
    (number,) = (row.entry_id for row in rows if row.household == "H1")
    withdraw(engine, stored, small.ANYBODY, number, reason="记错了", now=small.NOW)

    assert asked(engine, stored, day) == [
        *MARCH_28[:5],
        Owed(HOUSEHOLDS, "campaign", "L1", household="H1"),
        *MARCH_28[5:],
    ]


def test_on_the_first_day_all_is_owed_and_nothing_urgent(engine: Engine, stored: StoredContract):
    assert [
        (each.locality, each.elder or each.household, each.times, each.days, each.urgent)
        for each in asked(engine, stored, small.START)
    ] == [
        ("L2", "H2", 1, None, False),
        ("L2", "H3", 1, None, False),
        ("L2", "E2", 2, 0, False),
        ("L2", "E3", 2, 0, False),
        ("L2", None, 1, 0, False),
        ("L1", "H1", 1, None, False),
        ("L1", "E1", 2, 0, False),
        ("L1", None, 1, 0, False),
        ("L3", "H4", 1, None, False),
        ("L3", "E4", 2, 0, False),
        ("L3", "E5", 2, 0, False),
        ("L3", None, 1, 0, False),
    ]


def test_a_contract_that_owes_nobody_anything(engine: Engine):
    stored = small.entered(engine)
    plain = stored.terms.model_copy(update={"obligation": ()})

    assert asked(engine, type(stored)(plain, stored.id), small.END) == []


def test_as_many_queries_for_many_as_for_few(engine: Engine, stored: StoredContract):
    few = small.entered(engine)
    numbers = [queries(engine, each, date(2023, 3, 28)) for each in (few, stored)]

    assert numbers[0] == numbers[1]


def queries(engine: Engine, stored: StoredContract, day: date) -> int:
    """How many questions the store is asked for what is owed."""
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    asked(engine, stored, day)
    event.remove(engine, "before_cursor_execute", count)
    return len(seen)


SHEETS = ("对象排查", "专项行动", "特困老人核查", "业务协办", "家计调查")


@given(history=histories(*SHEETS), as_of=AS_OF)
@examples(12)
def test_it_comes_to_what_the_figures_say_is_missing(
    shared_engine: Engine, history: Sequence[Act], as_of: date
):
    stored, _ = played(shared_engine, history)
    scope = Scope(stored, as_of)
    visits, campaign = (obligation(stored, measure) for measure in (Visits, Coverage))
    waiting = Selection(figure=APPLICATIONS, state="waiting")
    visited = Selection(figure=PLACES, month=str(Month.of(as_of)))
    with reading(shared_engine) as connection:
        listed = owed(connection, scope)
        found = {
            VISITS: elder_checks.still_owed(connection, scope, visits).visits,
            HOUSEHOLDS: unreached.number(connection, scope, campaign, Among()),
            APPLICATIONS: total(connection, scope, waiting).value,
            PLACES: sum(
                not total(connection, scope, replace(visited, locality=code)).value
                for code in ("L1", "L2", "L3")
            ),
        }
    assert {
        figure: sum(each.times for each in listed if each.figure == figure) for figure in found
    } == found


def obligation(stored: StoredContract, measure: type[Any]) -> Any:  # noqa: ANN401 - of that measure
    """The contract's obligation of a measure."""
    return next(each for each in stored.terms.obligation if isinstance(each, measure))
