"""The reports that can be asked for, by the word that asks for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.errors import RefusedError
from lib.kpi.scope import Scope
from lib.periods import Month, months_of
from lib.reports import acceptance_report, briefing, settlement_report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from lib.reports.document import Made
    from lib.store.contracts import StoredContract

SETTLEMENT, ACCEPTANCE, BRIEFING = "settlement", "acceptance", "briefing"
NAMES = {SETTLEMENT: "月度结算报告", ACCEPTANCE: "服务履约验收报告", BRIEFING: "简报"}


@dataclass(frozen=True)
class Report:
    """A report that there is: `what` of NAMES, as of the scope's day; `month` where it is of one.

    A month's settlement is as of its own last day, or of today while the month runs.
    """

    what: str
    scope: Scope
    month: Month | None = None

    @property
    def file_name(self) -> str:
        """The name under which it is kept."""
        return f"{NAMES[self.what]}_{self.month or self.scope.as_of}.docx"

    @property
    def facts(self) -> Mapping[str, str]:
        """What was asked for, as it stands on record."""
        day = {} if self.month else {"as_of": str(self.scope.as_of)}
        month = {"month": str(self.month)} if self.month else {}
        return {"report": self.what, **month, **day}

    def document(self, connection: Connection, made: Made) -> bytes:
        """The .docx."""
        if self.month:
            return settlement_report.document(connection, self.scope, self.month, made)
        of = {ACCEPTANCE: acceptance_report.document, BRIEFING: briefing.document}
        return of[self.what](connection, self.scope, made)


def report(
    stored: StoredContract, what: str, month: str, as_of: date | None, today: date
) -> Report:
    """The report asked for, never of days to come; RefusedError says why there is none."""
    if what not in NAMES:
        raise RefusedError(f"没有这种报告：{what}。可用：{'、'.join(NAMES)}。")
    if what != SETTLEMENT:
        return Report(what, Scope(stored, min(stored.terms.as_of(as_of, today), today)))
    scope = Scope(stored, stored.terms.as_of(None, today))
    months = {str(each): each for each in months_of(stored.terms.period)}
    if month not in months:
        raise RefusedError(f"结算报告要写明合同期内的月份，如 {next(iter(months))}。")
    if months[month].first > scope.as_of:
        raise RefusedError(f"{month} 还没有开始，没有结算报告。")
    return Report(what, scope, months[month])
