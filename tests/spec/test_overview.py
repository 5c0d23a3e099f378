"""What leadership is told in words: the headline, and what needs attention first."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from lib import contract
from lib.actions.post import post
from lib.kpi.figures import Status
from lib.kpi.overview import headline, overview, worst
from lib.kpi.scope import Scope
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.kpi.overview import Overview
    from lib.store.contracts import StoredContract

TRAINED = {
    "日期": date(2023, 3, 6),
    "服务人员": "赵一",
    "主题": "政策",
    "方案备案日期": date(2023, 3, 1),
    "培训类别": "信息平台培训",
    "廉政教育": "是",
    "街道专管员人数": 2,
    "协理员人数": 30,
}


def without_quotas() -> contract.Contract:
    """The small contract with none of its person-days."""
    return contract.parse(
        re.sub(
            r"^(people_per_day|days|person_days|plan) = .*\n", "", small.TERMS, flags=re.MULTILINE
        ),
        "small.toml",
    )


def seen(engine: Engine, stored: StoredContract, day: date) -> Overview:
    """The overview as of a day."""
    with reading(engine) as connection:
        return overview(connection, Scope(stored, day))


def test_without_quotas_the_headline_speaks_of_the_other_obligations(engine: Engine):
    stored = small.entered(engine, terms=without_quotas())
    book = small.workbook({"业务培训": [TRAINED]})
    post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)

    said = headline(seen(engine, stored, small.END))

    assert said == "滞后：专项行动入户、特困老人月访、业务培训；合同期已满。"


@pytest.mark.parametrize(
    ("held", "day", "words"),
    [
        ([6], date(2023, 3, 6), "各项均未到期；合同还剩 42 个工作日。"),
        ([6], small.END, "滞后：业务培训；合同期已满。"),
        ([6, 7], date(2023, 3, 7), "各项均已完成；合同还剩 41 个工作日。"),
        ([6, 7], small.END, "各项均已完成；合同期已满。"),
    ],
)
def test_of_trainings_alone_the_headline_says_how_they_stand(
    engine: Engine, held: list[int], day: date, words: str
):
    terms = without_quotas()
    trainings = tuple(each for each in terms.obligation if isinstance(each, contract.Events))
    stored = small.entered(engine, terms=terms.model_copy(update={"obligation": trainings}))
    rows = [TRAINED | {"日期": date(2023, 3, number)} for number in held]
    book = small.workbook({"业务培训": rows})
    post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)

    assert headline(seen(engine, stored, day)) == words


def test_what_is_done_beside_what_is_not_due_yet_is_no_contract_that_is_done(engine: Engine):
    terms = without_quotas()
    (training,) = (each for each in terms.obligation if isinstance(each, contract.Events))
    once, more = (
        training.model_copy(update={"code": code, "required": required})
        for code, required in (("once", 1), ("more", 2))
    )
    stored = small.entered(engine, terms=terms.model_copy(update={"obligation": (once, more)}))
    book = small.workbook({"业务培训": [TRAINED]})
    post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)

    found = seen(engine, stored, date(2023, 3, 6))

    assert [line.status for line in found.lines] == [Status.DONE, Status.NOT_DUE]
    assert worst(found) is Status.ON_TRACK
    assert headline(found) == "各项均正常；合同还剩 42 个工作日。"


@pytest.mark.parametrize(("day", "left", "urgent"), [(24, 5, True), (23, 6, True), (22, 7, False)])
def test_missing_visits_are_urgent_in_the_last_days_of_a_month(
    engine: Engine, day: int, left: int, urgent
):
    found = seen(engine, small.entered(engine), date(2023, 3, day))

    (visits,) = (item for item in found.attention if "月访" in item.sentence)
    assert f"本月还剩 {left} 个工作日" in visits.sentence
    assert visits.urgent == urgent
