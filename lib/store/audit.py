"""The audit log: one line for each act, written in its transaction and linked to the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from lib.store.chain import linked
from lib.store.schema import audit_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from lib.access import Viewer


def record(
    connection: Connection,
    contract_id: int,
    *,
    at: datetime,
    viewer: Viewer,
    act: str,
    subject: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Add a line; the caller holds the contract's lock. No person's data goes into it."""
    number, previous = tail(connection, contract_id)
    facts = {
        "contract_id": contract_id,
        "line_id": number + 1,
        "at": at,
        "by": viewer.name,
        "origin": viewer.origin,
        "act": act,
        "subject": subject,
        "before": before,
        "after": after,
    }
    connection.execute(insert(audit_line).values({**facts, "hash": linked(previous, facts)}))


def tail(connection: Connection, contract_id: int) -> tuple[int, str]:
    """Number and hash of the last line; 0 and nothing before the first."""
    newest = head(connection, contract_id)
    return (newest.line, newest.hash) if newest else (0, "")


@dataclass(frozen=True)
class Head:
    """A line by its number, its hash and its moment: what is kept of it outside the database."""

    line: int
    hash: str
    at: datetime


_HEAD = (audit_line.c.line_id, audit_line.c.hash, audit_line.c.at)


def head(connection: Connection, contract_id: int) -> Head | None:
    """The head of the newest line; None before the first."""
    newest = (
        select(*_HEAD)
        .where(audit_line.c.contract_id == contract_id)
        .order_by(audit_line.c.line_id.desc())
        .limit(1)
    )
    found = connection.execute(newest).one_or_none()
    return Head(*found) if found else None


def heads(connection: Connection, contract_id: int, after: int) -> Sequence[Head]:
    """The heads of all lines after one, in order."""
    later = (audit_line.c.contract_id == contract_id, audit_line.c.line_id > after)
    query = select(*_HEAD).where(*later).order_by(audit_line.c.line_id)
    return [Head(*found) for found in connection.execute(query)]


@dataclass(frozen=True)
class Line:
    """A line as it stands in the log; `facts` are all its columns but the hash over them.

    They are None where they cannot be read: not what this program writes.
    """

    line_id: int
    facts: Mapping[str, Any] | None
    hash: str


def lines(connection: Connection, contract_id: int) -> Iterator[Line]:
    """The whole log in order, line by line."""
    of_contract = audit_line.c.contract_id == contract_id
    numbers = select(audit_line.c.line_id).where(of_contract).order_by(audit_line.c.line_id)
    every = connection.execute(numbers).scalars().all()
    for first in range(0, len(every), _AT_ONCE):
        some = every[first : first + _AT_ONCE]
        yield from _readable(connection, contract_id, some)


_AT_ONCE = 500  # lines


def _readable(connection: Connection, contract_id: int, numbers: Sequence[int]) -> Sequence[Line]:
    """Lines by their numbers, in order; one by one where not all of them can be read."""
    query = (
        select(audit_line)
        .where(audit_line.c.contract_id == contract_id, audit_line.c.line_id.in_(numbers))
        .order_by(audit_line.c.line_id)
    )
    try:
        found = connection.execute(query).mappings().all()
    except (ValueError, DBAPIError):
        if len(numbers) == 1:
            return [Line(numbers[0], None, "")]
        return [line for each in numbers for line in _readable(connection, contract_id, [each])]
    return [Line(row["line_id"], facts_of(dict(row)), row["hash"]) for row in found]


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash of a line is over, besides the hash of the line before.

    Lines of before 0007 have no origin; those after always have, be it empty.
    """
    facts = {name: value for name, value in row.items() if name != "hash"}
    if facts["origin"] is None:
        del facts["origin"]
    return facts


def number_of(connection: Connection, contract_id: int, act: str, subject: str) -> int | None:
    """The number of the last line of an act on a subject: what was done first has the smaller."""
    query = select(func.max(audit_line.c.line_id)).where(
        audit_line.c.contract_id == contract_id,
        audit_line.c.act == act,
        audit_line.c.subject == subject,
    )
    number: int | None = connection.execute(query).scalar()
    return number


def last(connection: Connection, contract_id: int, act: str) -> Mapping[str, Any] | None:
    """The last line of an act, by column."""
    query = (
        select(audit_line)
        .where(audit_line.c.contract_id == contract_id, audit_line.c.act == act)
        .order_by(audit_line.c.line_id.desc())
        .limit(1)
    )
    found = connection.execute(query).mappings().first()
    return dict(found) if found else None


def changes(
    connection: Connection, contract_id: int, acts: Sequence[str]
) -> Sequence[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    """What the lines of some acts say of before and after, in order."""
    query = (
        select(audit_line.c.before, audit_line.c.after)
        .where(audit_line.c.contract_id == contract_id, audit_line.c.act.in_(acts))
        .order_by(audit_line.c.line_id)
    )
    return [(before, after) for before, after in connection.execute(query)]
