"""Rosters in the store: the current members, and every state they had before."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, or_, select, update

from lib.rosters import SHEETS, Listed, Member, Roster, RosterSheet
from lib.store.numbers import last_number
from lib.store.schema import roster_change, roster_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, ScalarSelect, Table


@dataclass(frozen=True)
class Change:
    """One member that is new (`before` None) or differs from what the store holds."""

    sheet: RosterSheet
    before: Member | None
    after: Member


def load(connection: Connection, contract_id: int) -> Roster:
    """The current rosters of a contract."""
    number = last_change(connection, contract_id)  # first: what comes meanwhile is not missed
    members = {sheet.slug: _members(connection, contract_id, sheet) for sheet in SHEETS}
    return replace(Roster.of(members), last_change=number)


def last_change(connection: Connection, contract_id: int) -> int:
    """The number of the last change of a contract's rosters; 0 before any."""
    return last_number(connection, contract_id, roster_change.c.change_id)


def listed(connection: Connection, contract_id: int, on: date) -> Listed:
    """How many the current rosters list, as `Roster.listed` counts them."""
    localities, households, elders = (
        roster_tables[name] for name in ("locality", "household", "elder")
    )
    by_category = (
        select(localities.c.category, func.count())
        .where(localities.c.contract_id == contract_id)
        .group_by(localities.c.category)
    )
    others = select(
        _number(households, contract_id),
        _number(elders, contract_id)
        .where(elders.c.enrolled_on <= on)
        .where(or_(elders.c.left_on.is_(None), elders.c.left_on >= on)),
    )
    categories = {name: number for name, number in connection.execute(by_category)}  # noqa: C416
    return Listed(categories, *connection.execute(others).one())


def _number(table: Table, contract_id: int) -> ScalarSelect[int]:
    return select(func.count()).where(table.c.contract_id == contract_id).scalar_subquery()


def _members(connection: Connection, contract_id: int, sheet: RosterSheet) -> Mapping[str, Member]:
    table = roster_tables[sheet.slug]
    columns = [table.c[field.name] for field in fields(sheet.member)]
    query = select(*columns).where(table.c.contract_id == contract_id).order_by(table.c.position)
    return {row.code: sheet.member(*row) for row in connection.execute(query)}


def apply(
    connection: Connection, contract_id: int, changes: Sequence[Change], *, at: datetime, by: str
) -> None:
    """Enter new members, bring changed ones up to date, keep the old state of each."""
    if not changes:
        return
    for sheet in SHEETS:
        _apply_sheet(connection, contract_id, [c for c in changes if c.sheet is sheet])
    last = last_change(connection, contract_id)
    history = [
        {
            "contract_id": contract_id,
            "change_id": number,
            "sheet": change.sheet.slug,
            "code": change.after.code,
            "changed_at": at,
            "changed_by": by,
            "before": _state(change.before),
            "after": _state(change.after),
        }
        for number, change in enumerate(changes, last + 1)
    ]
    connection.execute(insert(roster_change), history)


def _apply_sheet(connection: Connection, contract_id: int, changes: Sequence[Change]) -> None:
    if not changes:
        return
    table = roster_tables[changes[0].sheet.slug]
    held = select(func.count()).select_from(table).where(table.c.contract_id == contract_id)
    position = connection.execute(held).scalar_one()
    new = [change.after for change in changes if change.before is None]
    if new:
        rows = [
            {"contract_id": contract_id, "position": position + offset, **asdict(member)}
            for offset, member in enumerate(new, 1)
        ]
        connection.execute(insert(table), rows)
    for member in (change.after for change in changes if change.before is not None):
        row = update(table).where(table.c.contract_id == contract_id, table.c.code == member.code)
        connection.execute(row.values(asdict(member)))


def _state(member: Member | None) -> dict[str, str | int | None] | None:
    """The member as JSON holds it, days as text."""
    return None if member is None else {key: _plain(value) for key, value in asdict(member).items()}


def _plain(value: str | int | date | None) -> str | int | None:
    return value if value is None or isinstance(value, (str, int)) else value.isoformat()
