"""What people read: reports and ledgers, as members of the archive, names in full."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lib.kpi.cells import Eyes
from lib.kpi.selection import Selection
from lib.logs import kinds_of
from lib.reports.archive.zipped import Member, Step
from lib.reports.document import Made
from lib.reports.kinds import ACCEPTANCE, BRIEFING, SETTLEMENT, report
from lib.reports.ledger import ledger
from lib.store import rosters
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lib.logs.kind import LogKind
    from lib.reports.archive.wanted import Wanted
    from lib.reports.kinds import Report


def reports(wanted: Wanted) -> Sequence[Step]:
    """A step for each month's settlement, one for the acceptance report, one for the briefing."""
    day = wanted.scope.as_of
    asked = [(SETTLEMENT, str(month)) for month in wanted.months] + [
        (ACCEPTANCE, ""),
        (BRIEFING, ""),
    ]
    found = [report(wanted.stored, what, month, day, wanted.today) for what, month in asked]
    return [Step(_words(each), partial(_report, each)) for each in found]


def _words(found: Report) -> str:
    return found.file_name.rpartition(".")[0].replace("_", " ")


def _report(found: Report, wanted: Wanted) -> Iterator[Member]:
    """A report in the official layout."""
    made = Made(wanted.made_at, wanted.viewer.name, full_names=True)
    with reading(wanted.engine) as connection:
        data = found.document(connection, made)
    yield Member(f"报告/{found.file_name}", [data])


def ledgers(wanted: Wanted) -> Sequence[Step]:
    """A step for each kind of the contract."""
    kinds = kinds_of(wanted.stored.terms)
    return [Step(f"{kind.sheet}台账", partial(_ledger, kind)) for kind in kinds]


def _ledger(kind: LogKind, wanted: Wanted) -> Iterator[Member]:
    """A kind's workbook, in the office's own headings."""
    with reading(wanted.engine) as connection:
        eyes = Eyes(wanted.viewer, rosters.load(connection, wanted.stored.id))
        asked = Selection(kind=kind.slug)
        made = ledger(connection, wanted.scope, asked, eyes, wanted.made_text)
    yield Member(f"台账/{kind.sheet}.xlsx", [made.data])
