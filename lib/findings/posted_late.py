"""Rows handed in long after their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from lib.findings.rule import Rule
from lib.findings.subject import month_of, named
from lib.kpi.scope import counted
from lib.store.schema import entry, entry_version, receipt

if TYPE_CHECKING:
    from sqlalchemy import Select

    from lib.kpi.scope import Scope


def rows(scope: Scope) -> Select[tuple[str, int]]:
    """The entries of a month that a receipt brought late: a finding a receipt and month.

    It is the first version that counts: what is corrected later was there in time. Which receipt
    brought it is asked entry by entry: joined, PostgreSQL takes half a minute for a year's entries
    as long as it has not yet counted them.
    """
    brought_by = (
        select(entry_version.c.receipt_id)
        .where(
            entry_version.c.contract_id == entry.c.contract_id,
            entry_version.c.entry_id == entry.c.entry_id,
            entry_version.c.version == 1,
        )
        .scalar_subquery()
    )
    new = (
        select(entry.c.entry_id, entry.c.day, brought_by.label("receipt_id"))
        .where(counted(scope))
        .subquery()
    )
    of_it = and_(
        receipt.c.contract_id == scope.contract_id, receipt.c.receipt_id == new.c.receipt_id
    )
    most = scope.contract.thresholds.late_posting_days
    return (
        select(named(receipt.c.receipt_id, month_of(new.c.day)).label("subject"), new.c.entry_id)
        .select_from(new.join(receipt, of_it))
        .where(func.days_between(new.c.day, func.business_day(receipt.c.posted_at)) > most)
    )


POSTED_LATE = Rule(
    code="posted_late",
    name="逾期补录",
    meaning=(
        "工作过了很久才录入，同一回执、同一月份的合为一条。可能是补录，也可能凭记忆填写或事后编造。"
    ),
    threshold=lambda limits: f"录入日期比工作日期晚了超过 {limits.late_posting_days} 天",
    rows=rows,
)
