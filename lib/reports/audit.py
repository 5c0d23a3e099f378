"""The audit log as a workbook: the lines asked for, and how the list was made."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lib.kpi import acts, audit_log
from lib.periods import local_text
from lib.store import audit
from lib.workbooks.explained import Answer, Question, explanation
from lib.workbooks.ledger import LedgerSheet, office_ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.fields import Plain
    from lib.kpi.audit_log import Asked, Line
    from lib.store.contracts import StoredContract

_HEADINGS = ("行号", "时间", "谁", "从哪里", "做了什么", "对象", "改动前", "改动后")


def workbook(
    connection: Connection, stored: StoredContract, asked: Asked, *, by: str, made_at: str, on: date
) -> Answer:
    """The .xlsx of the lines asked for, the newest first; it names accounts and nobody else."""
    lines = audit_log.listed(connection, stored.id, asked)
    newest = audit.head(connection, stored.id)
    question = Question(
        stored.terms,
        "审计记录",
        on,
        rows=len(lines),
        total=("行数", len(lines)),
        names="只有用户名",
        made=f"{made_at} {by}",
    )
    more: list[list[Plain]] = [
        ["月份", str(asked.month or "全部")],
        ["谁", asked.by or "全部"],
        ["做了什么", acts.label(asked.act) if asked.act else "全部"],
        ["对象中的字", asked.text or "不限"],
        ["审计记录最后一行", f"第 {newest.line} 行" if newest else "没有"],
        ["该行校验值", newest.hash if newest else ""],
        *_counted(lines),
    ]
    listed = LedgerSheet("审计记录", _HEADINGS, [_row(line) for line in lines])
    return Answer(office_ledger([listed, explanation(question, more)]), len(lines))


def _row(line: Line) -> list[Plain]:
    return [
        line.line_id,
        local_text(line.at),
        line.by,
        line.origin,
        acts.label(line.act),
        acts.subject(line.subject),
        acts.told(line.before),
        acts.told(line.after),
    ]


def _counted(lines: Sequence[Line]) -> list[list[Plain]]:
    """How many lines there are of each act."""
    counts = Counter(acts.label(line.act) for line in lines)
    return [[word, f"{number} 行"] for word, number in sorted(counts.items())]
