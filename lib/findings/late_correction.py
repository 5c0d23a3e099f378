"""Entries changed after the month in which they lie was over."""

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
    """The entries of a month that a receipt changed after it: a finding a receipt and month."""
    month = month_of(entry.c.day)
    posted = month_of(func.business_day(receipt.c.posted_at))
    return (
        select(named(receipt.c.receipt_id, month).label("subject"), entry.c.entry_id)
        .select_from(VERSIONS)
        .where(counted(scope), entry_version.c.version > 1, posted > month)
        .distinct()
    )


LATE_CORRECTION = Rule(
    code="late_correction",
    name="月后更正",
    meaning="当月已过又改了记录，同一回执、同一月份的合为一条。可能是核对后纠错，也可能为凑数而改。",
    threshold=lambda _: "记录所在月份结束以后的更正、撤销和重新计入",
    rows=rows,
)
