"""A notice where an application is answered that nothing opened yet (spec §3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lib.contract import Cases, Condition
from lib.logs import LOG_KINDS
from lib.logs.entry import member
from lib.problems import Fault, Problem, Severity
from lib.store import ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.actions.plan import Plan, PlannedRow
    from lib.logs.entry import Entry
    from lib.store.contracts import StoredContract


def noticed(connection: Connection, stored: StoredContract, plans: Sequence[Plan]) -> list[Plan]:
    """The plans, with a notice at each row whose application is not in the ledger yet."""
    unopened = _unopened(connection, stored, [entry for plan in plans for entry in plan.entries])
    return [_noticed(plan, unopened) for plan in plans]


def _unopened(
    connection: Connection, stored: StoredContract, entries: Sequence[Entry]
) -> Mapping[str, Condition]:
    """Applications answered in these entries that nothing opened yet, here or in the ledger."""
    unopened: dict[str, Condition] = {}
    for cases in stored.terms.obligation:
        if not isinstance(cases, Cases):
            continue
        answered = _applications(entries, cases.answered)
        if not answered:
            continue
        condition = cases.opened
        opened = _applications(entries, condition) | ledger.applications(
            connection,
            stored.id,
            kind=condition.kind,
            field=condition.field,
            value=condition.value,
        )
        unopened |= dict.fromkeys(answered - opened, cases.answered)
    return unopened


def _applications(entries: Iterable[Entry], condition: Condition) -> set[str]:
    """The applications of the entries for which a condition holds."""
    kind, said = condition.kind, member(condition.field, condition.value)
    of_kind = (entry for entry in entries if entry.kind == kind)
    return {e.application for e in of_kind if e.application and said in e.details_text}


def _noticed(plan: Plan, unopened: Mapping[str, Condition]) -> Plan:
    if not unopened:
        return plan
    return replace(plan, rows=tuple(_noticed_row(row, unopened) for row in plan.rows))


def _noticed_row(row: PlannedRow, unopened: Mapping[str, Condition]) -> PlannedRow:
    entry = row.entry
    if entry is None or entry.application is None:
        return row
    answered = unopened.get(entry.application)
    if answered is None or not _applications([entry], answered):
        return row
    column = LOG_KINDS[entry.kind].by_slug["application"].heading
    sentence = "此受理编号尚无受理记录，先过账，待受理记录入账后计入"
    fault = Fault("unopened", sentence, entry.application, severity=Severity.NOTICE)
    problem = Problem(replace(row.checked.place, column=column), fault)
    return row._replace(problems=(*row.problems, problem))
