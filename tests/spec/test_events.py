"""Each event held: whether it counts, why not, and what is shown of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib.actions.post import post
from lib.contract import Events
from lib.kpi.events import listed
from lib.kpi.scope import Scope
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Engine


def training(day: date, filed_on: date | None, place: str | None = None):
    """A training session."""
    return {
        "日期": day,
        "服务人员": "赵一",
        "主题": "政策",
        "地点": place,
        "方案备案日期": filed_on,
        "培训类别": "信息平台培训",
        "廉政教育": "是",
        "街道专管员人数": 2,
        "协理员人数": 30,
    }


ROWS = [
    training(date(2023, 3, 6), date(2023, 3, 6), "会议室"),
    training(date(2023, 3, 7), date(2023, 3, 8)),
    training(date(2023, 3, 8), None),
    training(small.END, date(2023, 3, 8)),
]


def test_an_event_shows_the_columns_asked_for_as_texts(engine: Engine):
    stored = small.entered(engine)
    book = small.workbook({"业务培训": ROWS})
    post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    obligation = next(each for each in stored.terms.obligation if isinstance(each, Events))
    with reading(engine) as connection:
        scope = Scope(stored, date(2023, 4, 1))
        found = listed(connection, scope, obligation, ("place", "assistants"))
        declared = listed(connection, scope, obligation)

    assert [(event.day.day, event.filed_on, event.reason, event.shown) for event in found] == [
        (6, "2023-03-06", "", ("会议室", "30")),
        (7, "2023-03-08", "方案 2023-03-08 才备案，晚于当日", ("", "30")),
        (8, None, "方案未备案", ("", "30")),
    ]
    assert [event.shown for event in declared] == [("信息平台培训", "是")] * 3
