"""Events such as trainings: held, and of those counted because their plan was filed in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, String, and_, case, cast, func, select

from lib.kpi.scope import of_kind
from lib.store.ledger import LATEST
from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.contract import Events
    from lib.kpi.scope import Scope


@dataclass(frozen=True)
class Event:
    """One event held; `filed_on` None when its plan was never filed."""

    entry_id: int
    day: date
    filed_on: str | None
    counts: bool
    shown: tuple[str, ...]  # "" for an empty cell

    @property
    def reason(self) -> str:
        """Why it does not count, empty when it does."""
        if self.counts:
            return ""
        return f"方案 {self.filed_on} 才备案，晚于当日" if self.filed_on else "方案未备案"


def rows(scope: Scope, events: Events) -> ColumnElement[bool]:
    """The entries behind the events that count."""
    return and_(of_kind(scope, events.kind), _filed_in_time(events))


def held_rows(scope: Scope, events: Events) -> ColumnElement[bool]:
    """The entries behind all events held."""
    return of_kind(scope, events.kind)


def _filed_in_time(events: Events) -> ColumnElement[bool]:
    """ISO days compare as text, on both stores alike."""
    filed_on = entry_version.c.details[events.filed_field].as_string()
    return func.coalesce(filed_on <= cast(entry.c.day, String), False)


def held_and_counted(connection: Connection, scope: Scope, events: Events) -> tuple[int, int]:
    """Events held, and those of them that count."""
    counts = func.coalesce(func.sum(case((_filed_in_time(events), 1), else_=0)), 0)
    query = select(func.count(), counts).select_from(LATEST).where(held_rows(scope, events))
    held, counted = connection.execute(query).one()
    return held, int(counted)


def listed(
    connection: Connection, scope: Scope, events: Events, columns: Sequence[str] | None = None
) -> Sequence[Event]:
    """Every event held, in order of days, and whether it counts.

    What is shown of it are the columns asked for, or those that the contract names, as texts.
    """
    names = events.shown_fields if columns is None else columns
    details = entry_version.c.details
    query = (
        select(
            entry.c.entry_id,
            entry.c.day,
            details[events.filed_field].as_string(),
            _filed_in_time(events),
            *(details[field].as_string() for field in names),
        )
        .select_from(LATEST)
        .where(held_rows(scope, events))
        .order_by(entry.c.day, entry.c.entry_id)
    )
    return [
        Event(entry_id, day, filed_on, bool(counts), tuple(_text(value) for value in shown))
        for entry_id, day, filed_on, counts, *shown in connection.execute(query)
    ]


def _text(value: object) -> str:
    """A detail as text on both stores: SQLite gives a number as it is."""
    return "" if value is None else str(value)
