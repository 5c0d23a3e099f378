"""The campaign closer at hand: problems by category, days to their closing, who is left."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from lib.actions.post import post
from lib.contract import Coverage
from lib.kpi import burn_up, coverage, unreached
from lib.kpi.coverage import Closing, Problems
from lib.kpi.rows import Page
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, total
from lib.kpi.unreached import Among
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from lib.store.contracts import StoredContract

# Day, household, explained, problem, category, follow-up, closed on: all in March.
VISITS = [
    (6, "H1", "是", "药费", "医疗", "报销", 10),
    (7, "H2", "否", "学费", "教育", None, None),
    (8, "H2", "是", "床位", "医疗", "协调", 28),
    (9, "H2", "是", "漏雨", None, None, 8),
    (10, "H1", "是", None, "医疗", None, 11),
]


def row(visit: Sequence[Any]) -> dict[str, Any]:
    """A visit as a row of the office's sheet."""
    day, home, explained, problem, category, followed, closed = visit
    return {
        "日期": date(2023, 3, day),
        "服务人员": "赵一",
        "户编号": home,
        "政策宣讲": explained,
        "发现问题": problem,
        "问题类别": category,
        "跟进措施": followed,
        "办结日期": date(2023, 3, closed) if closed else None,
    }


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract with these visits."""
    stored = small.entered(engine)
    book = small.workbook({"专项行动": map(row, VISITS)})
    (done,) = post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    assert not done.plan.refusals
    return stored


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """The store, read."""
    with reading(engine) as connection:
        yield connection


def of(stored: StoredContract) -> Coverage:
    """The contract's obligation to reach every household."""
    (found,) = (each for each in stored.terms.obligation if isinstance(each, Coverage))
    return found


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 3, 5), {}),
        (date(2023, 3, 8), {"医疗": (2, 2, 0, 0), "教育": (1, 0, 0, 0)}),
        (
            date(2023, 3, 18),
            {"医疗": (2, 2, 1, 0), "教育": (1, 0, 0, 1), "": (1, 0, 1, 0)},
        ),
        (
            date(2023, 3, 19),
            {"医疗": (2, 2, 1, 1), "教育": (1, 0, 0, 1), "": (1, 0, 1, 0)},
        ),
    ],
    ids=str,
)
def test_problems_by_category_and_what_became_of_them(
    connection: Connection, stored: StoredContract, day: date, expected: Mapping[str, Any]
):
    scope = Scope(stored, day)
    found = coverage.problems_by_category(connection, scope, of(stored))

    assert list(found.items()) == [(name, Problems(*four)) for name, four in expected.items()]
    whole = coverage.problems(connection, scope, of(stored))
    assert sum(each.found for each in found.values()) == whole.found
    assert sum(each.open for each in found.values()) == whole.open


@pytest.mark.parametrize("state", ["found", "followed", "open", "overdue", "closed"])
@pytest.mark.parametrize("category", ["医疗", "教育", ""])
def test_every_number_of_a_category_is_its_rows_total(
    connection: Connection, stored: StoredContract, category: str, state: str
):
    scope, obligation = Scope(stored, date(2023, 3, 19)), of(stored)
    found = coverage.problems_by_category(connection, scope, obligation)[category]
    part = {"field": "problem_category", "value": category} if category else {}
    empty = "" if category else "problem_category"
    wanted = Selection(figure=obligation.code, state=state, kind="campaign", empty=empty, **part)

    assert total(connection, scope, wanted).value == getattr(found, state)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 3, 7), None),
        (date(2023, 3, 9), Closing(Fraction(0), 0)),  # closed before it was found
        (date(2023, 3, 10), Closing(Fraction(2), 4)),
        (date(2023, 3, 27), Closing(Fraction(2), 4)),
        (date(2023, 3, 28), Closing(Fraction(4), 20)),
    ],
    ids=str,
)
def test_days_to_close(
    connection: Connection, stored: StoredContract, day: date, expected: Closing | None
):
    assert coverage.closing(connection, Scope(stored, day), of(stored)) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 3, 5), {"是": 0, "否": 0}),
        (date(2023, 3, 7), {"是": 1, "否": 1}),
        (date(2023, 3, 31), {"是": 2, "否": 1}),
    ],
    ids=str,
)
def test_households_by_answer(
    connection: Connection, stored: StoredContract, day: date, expected: Mapping[str, int]
):
    scope, obligation = Scope(stored, day), of(stored)
    (field,) = obligation.shown_fields
    found = coverage.answers(connection, scope, obligation, field)

    assert list(found.items()) == list(expected.items())
    for value, number in found.items():
        wanted = Selection(figure=obligation.code, kind="campaign", field=field, value=value)
        assert total(connection, scope, wanted).value == number


@pytest.mark.parametrize(
    ("day", "among", "expected"),
    [
        (date(2023, 3, 5), Among(), ["H1", "H2", "H3", "H4"]),
        (date(2023, 3, 6), Among(), ["H2", "H3", "H4"]),
        (date(2023, 3, 7), Among(), ["H3", "H4"]),
        (date(2023, 3, 7), Among(locality="L2"), ["H3"]),
        (date(2023, 3, 7), Among(locality="L1"), []),
        (date(2023, 3, 7), Among(category="低保"), ["H3", "H4"]),
        (date(2023, 3, 7), Among(category="特困"), []),
        (date(2023, 3, 7), Among("L3", "低保"), ["H4"]),
    ],
    ids=str,
)
def test_households_not_reached(
    connection: Connection, stored: StoredContract, day: date, among: Among, expected: list[str]
):
    scope, obligation = Scope(stored, day), of(stored)
    found = unreached.listed(connection, scope, obligation, among)

    assert [home.code for home in found] == expected
    assert unreached.number(connection, scope, obligation, among) == len(expected)
    pages = [
        unreached.listed(connection, scope, obligation, among, Page(1, number))
        for number in range(1, len(expected) + 1)
    ]
    assert [home for page in pages for home in page] == found


def test_a_household_of_another_contract_is_nobodys(
    engine: Engine, connection: Connection, stored: StoredContract
):
    other = small.entered(engine)
    found = unreached.number(connection, Scope(other, small.END), of(other), Among())

    assert found == len(small.ROSTERS["困难家庭"])


def test_households_reached_burn_up_from_their_first_visit(
    connection: Connection, stored: StoredContract
):
    day = date(2023, 3, 10)
    found = burn_up.of_coverage(connection, Scope(stored, day), of(stored))

    assert (found.required, found.unit) == (5, "户")
    assert (found.days[0], found.days[-1]) == (small.START, small.END)
    assert found.due[-1] == found.required
    by_day = dict(zip(found.days, found.delivered, strict=False))
    assert [by_day[date(2023, 3, number)] for number in (5, 6, 7, 8, 10)] == [0, 1, 2, 2, 2]
    assert len(found.delivered) == found.days.index(day) + 1
