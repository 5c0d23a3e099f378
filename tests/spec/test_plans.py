"""What a posting reads does not grow with the contract: the plans of its statements on SQLite.

It plans without statistics, so an empty store's plans are those of a full one.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from lib.actions.post import post
from lib.store.engine import reading
from tests.spec import small

if TYPE_CHECKING:
    from sqlalchemy import Engine

# All rows of a contract, or of all contracts, in a table that grows with every row posted; the
# greatest number of a contract is read from the end of an index.
WHOLE = re.compile(
    r"SCAN (entry|entry_version|entry_person)\b"
    r"|SEARCH (entry|entry_version|entry_person) USING .*\(contract_id=\?\)"
)
BOOK = {
    "对象排查": [
        {"日期": date(2023, 3, 6), "服务人员": "赵一", "村(社区)": "东社区", "排查情况": "走访"}
    ]
}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_posting_reads_no_more_than_its_days(engine: Engine):
    stored = small.entered(engine)
    asked: dict[str, object] = {}

    def keep(*heard: object) -> None:
        asked[str(heard[2])] = heard[3]

    event.listen(engine, "before_cursor_execute", keep)
    book = small.workbook(BOOK)
    post(engine, stored, small.ANYBODY, [book], today=small.TODAY, now=small.NOW)
    event.remove(engine, "before_cursor_execute", keep)

    with reading(engine) as connection:
        plans = {
            statement: [
                row.detail
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            ]
            for statement, values in asked.items()
            if statement.startswith(("SELECT", "WITH", "INSERT", "DELETE", "UPDATE"))
            and "max(entry.entry_id)" not in statement
        }
    assert any("entry_person" in statement for statement in plans)
    assert [s for s, plan in plans.items() if any(map(WHOLE.match, plan))] == []
