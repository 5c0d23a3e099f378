"""A home visit by somebody whose other work that day was in another place nearby."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import not_, select

from lib.findings.rule import Rule
from lib.findings.whereabouts import whereabouts

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """A person's entries of a day with a home visit, in several kinds and localities.

    A finding a person and day; those of several subdistricts are left to `far_localities`.
    """
    day = whereabouts(scope)
    return select(day.c.subject, day.c.entry_id).where(
        day.c.home_visit, day.c.kinds, day.c.localities, not_(day.c.subdistricts)
    )


ELSEWHERE = Rule(
    code="elsewhere",
    name="入户当天另有他处工作",
    meaning="入户的人当天在同一街道的另一个村（社区）还有别类工作。可能顺路，也可能入户时不在场。",
    threshold=lambda _: "一人一天有入户，另一类工作在同街道的另一个村（社区）",
    rows=rows,
)
