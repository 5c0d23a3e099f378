"""Where people were on a day, by what they entered: the entries that name a locality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, select

from lib.findings.subject import named
from lib.kpi.scope import counted
from lib.logs import LOG_KINDS
from lib.store.ledger import LATEST_STAFF
from lib.store.schema import entry, entry_person, entry_version, locality

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Subquery

    from lib.kpi.scope import Scope

HOME_VISITS = tuple(slug for slug, kind in LOG_KINDS.items() if kind.at_home)
ONE_PLACE = tuple(slug for slug, kind in LOG_KINDS.items() if kind.one_place)

PERSON_DAY = (entry_person.c.staff, entry.c.day)

_LOCATED = LATEST_STAFF.join(
    locality,
    and_(
        locality.c.contract_id == entry_version.c.contract_id,
        locality.c.code == entry_version.c.locality,
    ),
)


def whereabouts(scope: Scope) -> Subquery:
    """A row for each person and entry with a place: (subject, entry_id, and of the person's day:).

    Whether there are entries of several kinds, in several localities, in several subdistricts,
    and whether one of them is a home visit. Each is a minimum or maximum over the day: a window
    in which distinct values are counted is not to be had.
    """
    visit = case((entry.c.kind.in_(HOME_VISITS), 1), else_=0)
    return (
        select(
            named(*PERSON_DAY).label("subject"),
            entry.c.entry_id,
            several(entry.c.kind).label("kinds"),
            several(entry_version.c.locality).label("localities"),
            several(locality.c.subdistrict).label("subdistricts"),
            (func.max(visit).over(partition_by=PERSON_DAY) == 1).label("home_visit"),
        )
        .select_from(_LOCATED)
        .where(counted(scope))
        .subquery("whereabouts")
    )


def several(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a person's entries of a day differ in a column."""
    return func.min(column).over(partition_by=PERSON_DAY) != func.max(column).over(
        partition_by=PERSON_DAY
    )
