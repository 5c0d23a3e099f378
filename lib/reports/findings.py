"""The findings of a month as a workbook: each of them, their rows, and how the list was made."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lib.findings.doubt import in_doubt
from lib.findings.found import State
from lib.kpi.rows import numbered
from lib.logs import LOG_KINDS
from lib.periods import Month, local_text
from lib.store.chain import digest
from lib.store.ledger import receipt_number
from lib.workbooks.explained import Answer, Question, explanation
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from lib.fields import Plain
    from lib.findings.doubt import Doubt
    from lib.findings.found import Finding
    from lib.kpi.cells import Eyes
    from lib.kpi.rows import LedgerRow
    from lib.kpi.scope import Scope
    from lib.store.findings import Act

_FINDINGS = ("类型", "编号", "首日", "末日", "记录数", "状态", "经办", "时间", "内容", "其他经过")
_ROWS = ("类型", "编号", "日期", "项目", "服务人员", "村(社区)", "内容", "过账时间", "回执号")


def workbook(
    connection: Connection,
    scope: Scope,
    found: Sequence[Finding],
    eyes: Eyes,
    *,
    month: str,
    made_at: str,
) -> Answer:
    """The .xlsx of these findings of a month (empty: of all), names as `eyes` see them."""
    numbers = [row.entry_id for each in found for row in each.rows]
    said = numbered(connection, scope.contract_id, numbers)
    byline = (scope.contract.name, eyes.viewer.name)
    listed = [_line(eyes, each) for each in found]
    rows = [_row(eyes, each, said[row.entry_id]) for each in found for row in each.rows]
    doubts = in_doubt(connection, scope, Month.parse(month) if month else None, found)
    question = Question(
        scope.contract,
        f"{month or '各月'}疑点清单",
        scope.as_of,
        rows=len(rows),
        total=("待核和存疑人天", round(sum(_days_in_doubt(doubts)), 4)),
        names="按角色遮盖" if eyes.masked else "全名",
        made=f"{made_at} {eyes.viewer.name}",
    )
    of_month: list[list[Plain]] = [["月份", month or "全部"]]
    more = [*of_month, *_counted(found), *_doubts(scope, doubts), *_rules(scope, found)]
    sheets = [
        LedgerSheet("疑点", _FINDINGS, listed, f"{month or '各月'}疑点清单", byline),
        LedgerSheet("记录", _ROWS, rows, f"{month or '各月'}疑点所涉记录", byline),
        explanation(question, more),
    ]
    return Answer(office_ledger(sheets), len(rows))


def _line(eyes: Eyes, finding: Finding) -> list[Plain]:
    """A finding's cells: what it is, how it stands, who said what last and besides."""
    state = finding.state.label
    return [
        finding.rule.name,
        finding.subject,
        finding.rows[0].day,
        finding.rows[-1].day,
        len(finding.rows),
        f"{state}（记录有变化）" if finding.has_changed else state,
        *_told(eyes, finding),
    ]


def _told(eyes: Eyes, finding: Finding) -> list[Plain]:
    """Who said what last and when, and in a cell of their own all other acts."""
    act = finding.last
    if act is None:
        return ["", "", "", ""]
    others = "\n".join(_said(eyes, each) for each in finding.acts if each is not act)
    return [act.by, local_text(act.at), eyes.said(act.note), others]


def _said(eyes: Eyes, act: Act) -> str:
    """One thing said of a finding, in a line."""
    return f"{local_text(act.at)} {act.by} {State(act.state).label}：{eyes.said(act.note)}"


def _row(eyes: Eyes, finding: Finding, row: LedgerRow) -> list[Plain]:
    """An entry of a finding, as far as all kinds have the same to say."""
    return [
        finding.rule.name,
        finding.subject,
        row.day,
        LOG_KINDS[row.kind].sheet,
        eyes.people(row),
        eyes.place(row),
        eyes.told(row),
        local_text(row.posted_at),
        receipt_number(row.receipt_id, row.posted_at),
    ]


def _days_in_doubt(doubts: Mapping[str, Doubt]) -> Iterator[float]:
    """The person-days of each item that are not decided, or confirmed to be wrong."""
    return (float(each.undecided + each.confirmed) for each in doubts.values())


def _counted(found: Sequence[Finding]) -> list[list[Plain]]:
    """How many findings stand how, and a hash over all of it."""
    counts = Counter(each.state for each in found)
    whole = digest([[each.rule.code, each.subject, each.basis, str(each.state)] for each in found])
    states: list[list[Plain]] = [[state.label, counts[state]] for state in State]
    return [
        ["疑点数", len(found)],
        *states,
        ["校验值（SHA-256）", whole],
    ]


def _doubts(scope: Scope, doubts: Mapping[str, Doubt]) -> list[list[Plain]]:
    """The person-days in doubt, item by item."""
    lines: list[list[Plain]] = []
    for item in scope.contract.item:
        if item.code in doubts:
            each = doubts[item.code]
            lines.append([f"{item.name}：待核人天", round(float(each.undecided), 4)])
            lines.append([f"{item.name}：存疑人天", round(float(each.confirmed), 4)])
    return [*lines, ["人天的处理", "不从完成数中扣除，列在旁边；同一条记录只算一次"]]


def _rules(scope: Scope, found: Sequence[Finding]) -> list[list[Plain]]:
    """What each of the rules means, and where it begins."""
    rules = {each.rule.code: each.rule for each in found}
    limits = scope.contract.thresholds
    return [
        [f"规则：{rule.name}", f"{rule.meaning}界线：{rule.threshold(limits)}"]
        for rule in rules.values()
    ]
