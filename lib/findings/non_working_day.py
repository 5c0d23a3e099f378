"""Work on a day on which nobody works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String, cast, select

from lib.findings.rule import Rule
from lib.kpi.scope import counted
from lib.store.schema import calendar_day, entry

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """The entries of each day that is no working day: a finding a day."""
    return (
        select(cast(entry.c.day, String).label("subject"), entry.c.entry_id)
        .select_from(entry.join(calendar_day, calendar_day.c.day == entry.c.day))
        .where(counted(scope), ~calendar_day.c.is_working)
    )


NON_WORKING_DAY = Rule(
    code="non_working_day",
    name="非工作日服务",
    meaning="周末或节假日记了工作。可能是加班，也可能日期写错。",
    threshold=lambda _: "法定节假日和调休以国务院办公厅公布的安排为准",
    rows=rows,
)
