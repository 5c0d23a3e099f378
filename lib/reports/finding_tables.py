"""Findings in a report: how many of each rule stand where, and those that were confirmed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lib.findings.found import State
from lib.kpi.rows import ledger_rows
from lib.logs import LOG_KINDS
from lib.reports.document import Column, Note, Paragraph, Table, numbers
from lib.reports.words import NONE
from lib.store import rosters
from lib.store.schema import entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.findings.found import Finding
    from lib.kpi.rows import LedgerRow
    from lib.kpi.scope import Scope
    from lib.reports.document import Block
    from lib.rosters import Locality

_SAID = (
    "已认定疑点涉及的人天列为“存疑”，尚未认定或排除的列为“待核”；"
    "两者均与完成数并列，不从完成数中扣除。"
)


def blocks(
    connection: Connection, scope: Scope, found: Sequence[Finding], *, full_names: bool
) -> Iterator[Block]:
    """The paragraphs and tables of a chapter on these findings."""
    if not found:
        yield Paragraph("按合同文件载明的规则逐条核对日志，未发现疑点。")
        return
    states = Counter(each.state for each in found)
    told = "，".join(f"{state.label} {states[state]} 项" for state in State)
    yield Paragraph(f"按合同文件载明的规则逐条核对日志，共发现疑点 {len(found)} 项：{told}。")
    yield by_rule(scope, found)
    yield Note(_SAID)
    confirmed = [each for each in found if each.state is State.CONFIRMED]
    if confirmed:
        yield _listed(connection, scope, confirmed, full_names=full_names)


def by_rule(scope: Scope, found: Sequence[Finding]) -> Table:
    """A row for each rule that found something."""
    limits = scope.contract.thresholds
    rules = {each.rule.code: each.rule for each in found}
    rows = [
        [rule.name, rule.threshold(limits), *(str(count) for count in _counts(found, code))]
        for code, rule in rules.items()
    ]
    states = [state.label for state in State]
    return Table("疑点", [Column("规则", 5), Column("界限", 8), *numbers(2, *states)], rows)


def _counts(found: Sequence[Finding], code: str) -> list[int]:
    states = Counter(each.state for each in found if each.rule.code == code)
    return [states[state] for state in State]


def _listed(
    connection: Connection, scope: Scope, confirmed: Sequence[Finding], *, full_names: bool
) -> Table:
    """The entries in confirmed findings, a row each; staff by code, or by name when asked for."""
    ids = {row.entry_id for each in confirmed for row in each.rows}
    places = rosters.load(connection, scope.contract_id).localities
    of_these = (entry.c.contract_id == scope.contract_id) & entry.c.entry_id.in_(ids)
    entries = {row.entry_id: row for row in ledger_rows(connection, of_these)}
    rows = [
        [each.rule.name, *_told(entries[row.entry_id], places, full_names=full_names)]
        for each in confirmed
        for row in each.rows
    ]
    columns = [Column("规则", 5), Column("日期", 4), Column("项目", 4)]
    return Table("已认定疑点涉及的记录", [*columns, Column("服务人员", 5), Column("对象", 4)], rows)


def _told(row: LedgerRow, places: Mapping[str, Locality], *, full_names: bool) -> list[str]:
    people = (f"{code} {name}" if full_names else code for code, name in row.people.items())
    place = places[row.locality].name if row.locality else NONE
    subject = row.elder or row.household or row.application or place
    return [row.day.isoformat(), LOG_KINDS[row.kind].sheet, "、".join(people), subject]
