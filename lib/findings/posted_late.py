"""Rows handed in long after their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lib.findings.rule import Rule
from lib.findings.subject import month_of, named
from lib.kpi.scope import counted
from lib.store.ledger import VERSIONS
from lib.store.schema import entry, entry_version, receipt

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """The entries of a month that a receipt brought late: a finding a receipt and month.

    It is the first version that counts: what is corrected later was there in time.
    """
    most = scope.contract.thresholds.late_posting_days
    late = func.days_between(entry.c.day, func.business_day(receipt.c.posted_at)) > most
    return (
        select(
            named(receipt.c.receipt_id, month_of(entry.c.day)).label("subject"), entry.c.entry_id
        )
        .select_from(VERSIONS)
        .where(counted(scope), entry_version.c.version == 1, late)
    )


POSTED_LATE = Rule(
    code="posted_late",
    name="逾期补录",
    meaning="工作过了很久才录入，同一回执、同一月份的合为一条。可能是补录，也可能凭记忆填写或事后编造。",
    threshold=lambda limits: f"录入日比工作日期晚 {limits.late_posting_days} 天以上（不含）",
    rows=rows,
)
