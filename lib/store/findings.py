"""What was said of findings, in the store: acts are added, never changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from lib.store.numbers import last_number
from lib.store.schema import finding_act

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Act:
    """One thing said of a finding: explained, confirmed or dismissed, of the rows in `basis`."""

    act_id: int
    state: str
    note: str
    basis: str
    at: datetime
    by: str


def acts(connection: Connection, contract_id: int) -> Mapping[tuple[str, str], Sequence[Act]]:
    """Everything said of findings, the oldest first, by rule and subject."""
    query = (
        select(finding_act)
        .where(finding_act.c.contract_id == contract_id)
        .order_by(finding_act.c.act_id)
    )
    found: defaultdict[tuple[str, str], list[Act]] = defaultdict(list)
    for row in connection.execute(query):
        act = Act(row.act_id, row.state, row.note, row.basis, row.at, row.by)
        found[row.rule, row.subject].append(act)
    return found


def add(
    connection: Connection, contract_id: int, rule: str, subject: str, facts: Mapping[str, object]
) -> int:
    """Say something of a finding, under the number given back; the caller holds the lock."""
    number = last_number(connection, contract_id, finding_act.c.act_id) + 1
    identity = {"contract_id": contract_id, "act_id": number, "rule": rule, "subject": subject}
    connection.execute(insert(finding_act).values({**identity, **facts}))
    return number
