"""The list of findings as a file: every request is checked, and nobody gets more than is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.access import sees_acceptance
from lib.actions import take_out
from lib.findings import whose
from lib.findings.found import findings
from lib.kpi.cells import Eyes
from lib.kpi.scope import Scope
from lib.periods import months_of
from lib.reports.findings import workbook
from lib.store import rosters
from lib.store.engine import reading
from lib.ui.resources import office
from lib.ui.routes import FINDING_LIST
from lib.ui.sending import XLSX, Leaving, file_route, sends, takes_full_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.findings.found import Finding


def _finding_list(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The findings of a month, or of all, as a workbook; `names=full` for reviewers."""
    here, month = office(), asked.get("month", "")
    months = {str(each): each for each in months_of(here.contract.period)}
    if month not in {"", *months}:
        return None
    full = takes_full_names(viewer, asked)
    today = here.contract.as_of(None, clock.business_today())
    scope = Scope(here.stored, min(months[month].last, today) if month else today)
    made_at = clock.local_text(clock.now())
    with reading(here.engine) as connection:
        eyes = Eyes(viewer, rosters.load(connection, here.stored.id), masked=not full)
        found = _seen_by(connection, scope, viewer, month)
        made = workbook(connection, scope, found, eyes, month=month, made_at=made_at)
    taken = take_out.rows_out(viewer, {"findings": month or "all"}, made.rows, full=full)
    return Leaving(f"疑点清单_{month or scope.as_of}.xlsx", made.data, XLSX, taken)


def _seen_by(connection: Connection, scope: Scope, viewer: Viewer, month: str) -> Sequence[Finding]:
    """The findings of the month that the viewer may see."""
    found = findings(connection, scope, month=month)
    if sees_acceptance(viewer):
        return found
    return whose.among(found, whose.own_entries(connection, scope, viewer.team or ""))


send_finding_list = sends(_finding_list)
routes = (file_route(FINDING_LIST, send_finding_list),)
