"""A month's workbook uploaded every evening as it grows: each row is in the ledger once (§3)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from lib.access import Role, Viewer
from lib.actions.post import Outcome, post, preview
from lib.actions.withdraw import withdraw
from lib.store import schema
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.store.contracts import StoredContract
    from lib.workbooks.reading import Workbook

LEAD = Viewer("甲", Role.TEAM_LEAD, "一组")
EVENINGS = range(1, 31)
SEEN_ANEW, WRONG, TURNED, WITHDRAWN, VANISHED = 12, 10, 20, 18, 24

# What each evening's receipt says: added, corrected, unchanged, refused.
RECEIPTS = {
    1: (2, 0, 0, 0),
    2: (1, 0, 2, 0),
    3: (3, 0, 3, 0),
    4: (1, 0, 6, 0),
    5: (2, 0, 7, 0),
    6: (2, 0, 9, 0),
    7: (2, 0, 11, 0),
    8: (1, 0, 13, 0),
    9: (3, 0, 14, 0),
    # A name that nobody has; the next day it is mended.
    10: None,
    11: (3, 0, 17, 0),
    # What was seen on the 5th is put right.
    12: (2, 1, 19, 0),
    13: (2, 0, 22, 0),
    14: (1, 0, 24, 0),
    15: (3, 0, 25, 0),
    16: (1, 0, 28, 0),
    17: (2, 0, 29, 0),
    # The patrol of the 8th is withdrawn on the page, and stands in the file until the 24th.
    18: (2, 0, 31, 0),
    19: (2, 0, 33, 0),
    # From now on the newest row stands first.
    20: (1, 0, 35, 0),
    21: (3, 0, 36, 0),
    22: (1, 0, 39, 0),
    23: (2, 0, 40, 0),
    24: (2, 0, 41, 0),
    25: (2, 0, 43, 0),
    26: (1, 0, 45, 0),
    27: (3, 0, 46, 0),
    28: (1, 0, 49, 0),
    29: (2, 0, 50, 0),
    # The file of the evening before once more.
    30: None,
}


@pytest.fixture
def stored(engine: Engine) -> StoredContract:
    """The small contract in a store of its own."""
    return small.entered(engine)


def days_through(evening: int) -> list[date]:
    """The days that the workbook of an evening holds; that of the 30th is the 29th's."""
    return [date(2023, 3, day) for day in range(1, min(evening, 29) + 1)]


def patrol(day: date, evening: int) -> dict[str, Any]:
    """What was seen in a village on a day, as the workbook of an evening has it."""
    anew = day.day == 5 and evening >= SEEN_ANEW
    wrong = day.day == WRONG == evening
    return {
        "日期": day,
        "服务人员": "赵依依" if wrong else "赵一",
        "村(社区)": "西山村",
        "走访户数": 3,
        "排查情况": "一户漏雨" if anew else "一切如常",
    }


def visit(day: date) -> dict[str, Any]:
    """A visit to an elder, every other day."""
    return {
        "日期": day,
        "服务人员": "钱二丰、赵一",
        "特困人员编号": f"E{day.day % 3 + 1}",
        "生活状况": "良好",
        "健康状况": "一般",
    }


def case(day: date) -> dict[str, Any]:
    """An application, every third day."""
    return {
        "日期": day,
        "服务人员": "钱二丰",
        "村(社区)": "南村",
        "受理编号": f"A{day.day:02}",
        "申请人": "示申",
        "救助类别": "低保",
        "办理环节": "受理",
    }


def workbook(evening: int) -> Workbook:
    """The month's workbook as it is on an evening."""
    days = days_through(evening)
    order = -1 if evening >= TURNED else 1
    gone = 8 if evening >= VANISHED else None
    return small.workbook(
        {
            "业务协办": [case(day) for day in days if day.day % 3 == 0][::order],
            "对象排查": [patrol(day, evening) for day in days if day.day != gone][::order],
            "特困老人核查": [visit(day) for day in days if day.day % 2][::order],
        },
        "三月.xlsx",
        data=f"the workbook of the {len(days)}th".encode(),
    )


def moment(evening: int) -> datetime:
    """The evening of a day in March, in Beijing."""
    return datetime(2023, 3, evening, 11, tzinfo=UTC)


def uploaded(engine: Engine, stored: StoredContract, evening: int) -> tuple[int, ...] | None:
    """What the receipt of an evening's upload says; None when there was nothing to write."""
    [done] = post(
        engine,
        stored,
        LEAD,
        [workbook(evening)],
        today=date(2023, 3, evening),
        now=moment(evening),
    )
    receipt = done.receipt
    if receipt is None:
        return None
    return receipt.added, receipt.corrected, receipt.unchanged, receipt.refused


def withdraw_patrol(engine: Engine, stored: StoredContract, day: int) -> None:
    """Withdraw the patrol of a day in March."""
    entry = schema.entry.c
    with reading(engine) as connection:
        entry_id = connection.scalar(
            select(entry.entry_id).where(
                entry.contract_id == stored.id,
                entry.kind == "patrol",
                entry.day == date(2023, 3, day),
            )
        )
    assert entry_id is not None
    withdraw(engine, stored, LEAD, entry_id, reason="记错了村", now=moment(WITHDRAWN))


def counted(engine: Engine, table: str) -> int | None:
    """How many rows a table of the store holds."""
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(schema.metadata.tables[table]))


def posted_every_evening(engine: Engine, stored: StoredContract) -> dict[int, Any]:
    """The receipts of thirty uploads; one row is withdrawn on the way."""
    receipts = {}
    for evening in EVENINGS:
        if evening == WITHDRAWN:
            withdraw_patrol(engine, stored, day=8)
        receipts[evening] = uploaded(engine, stored, evening)
    return receipts


def test_thirty_uploads_write_what_was_new_each_evening(engine: Engine, stored: StoredContract):
    assert posted_every_evening(engine, stored) == RECEIPTS


def test_thirty_uploads_leave_each_row_once(engine: Engine, stored: StoredContract):
    posted_every_evening(engine, stored)
    at_once = small.entered(engine)
    uploaded(engine, at_once, 30)

    ledger, last = small.ledger_of(engine, stored), small.ledger_of(engine, at_once)
    withdrawn = ("patrol", '["2023-03-08","L3",["G1"]]')
    corrected = ("patrol", '["2023-03-05","L3",["G1"]]')
    assert ledger.pop(withdrawn)[1:] == (1, False)
    assert ledger.pop(corrected) == (last.pop(corrected)[0], 2, True)
    assert ledger == last
    assert len(ledger) == 29 + 15 + 9 - 2


def test_thirty_uploads_keep_no_more_than_they_write(engine: Engine, stored: StoredContract):
    posted_every_evening(engine, stored)

    tables = ("entry", "entry_version", "receipt", "upload_file", "withdrawal")
    assert {table: counted(engine, table) for table in tables} == {
        "entry": 53,
        "entry_version": 54,
        "receipt": 28,
        "upload_file": 28,
        "withdrawal": 1,
    }


def test_the_last_workbook_is_known_to_be_uploaded(engine: Engine, stored: StoredContract):
    posted_every_evening(engine, stored)

    [plan] = preview(engine, stored, LEAD, [workbook(30)], date(2023, 3, 30))

    assert plan.earlier is not None
    assert plan.earlier.posted_at == moment(29)
    assert plan.counts == {
        Outcome.NEW: 0,
        Outcome.CORRECTED: 0,
        Outcome.UNCHANGED: 52,
        Outcome.REFUSED: 0,
    }
