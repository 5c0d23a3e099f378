"""One person in two kinds of work far apart on one day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from lib.findings.rule import Rule
from lib.findings.whereabouts import whereabouts

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """A person's entries of a day in several kinds and subdistricts: a finding a person and day.

    With two kinds and two subdistricts on a day, two entries always differ in both.
    """
    day = whereabouts(scope)
    return select(day.c.subject, day.c.entry_id).where(day.c.kinds, day.c.subdistricts)


FAR_LOCALITIES = Rule(
    code="far_localities",
    name="同日两地相距远",
    meaning=(
        "同一人同一天的两类工作在不同街道。可能上午、下午各去一处，也可能日期或人员写错；"
        "业务协办记的是申请人所在地，不一定到过现场。"
    ),
    threshold=lambda _: "一人一天两类以上工作，所在村（社区）分属不同街道",
    rows=rows,
)
