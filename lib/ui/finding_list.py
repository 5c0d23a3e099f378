"""The list of findings as a file: every request is checked, and nobody gets more than is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from lib import clock
from lib.access import sees_acceptance
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
from lib.ui.sending import XLSX, asker, download, not_found, takes_full_names, viewer_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection
    from starlette.requests import Request
    from starlette.responses import Response

    from lib.access import Viewer
    from lib.findings.found import Finding


async def send_finding_list(request: Request) -> Response:
    """The findings of a month, or of all, as a workbook; `names=full` on record."""
    return await run_in_threadpool(_finding_list, asker(request), dict(request.query_params))


def _finding_list(token: str, asked: Mapping[str, str]) -> Response:
    viewer, here = viewer_of(token), office()
    month = asked.get("month", "")
    months = {str(each): each for each in months_of(here.contract.period)}
    if viewer is None or month not in {"", *months}:
        return not_found()
    full = takes_full_names(viewer, asked, {"findings": month or "all"})
    today = here.contract.as_of(None, clock.business_today())
    scope = Scope(here.stored, min(months[month].last, today) if month else today)
    made_at = clock.local_text(clock.now())
    with reading(here.engine) as connection:
        eyes = Eyes(viewer, rosters.load(connection, here.stored.id), masked=not full)
        found = _seen_by(connection, scope, viewer, month)
        data = workbook(connection, scope, found, eyes, month=month, made_at=made_at)
    return download(f"疑点清单_{month or scope.as_of}.xlsx", data, XLSX)


def _seen_by(connection: Connection, scope: Scope, viewer: Viewer, month: str) -> Sequence[Finding]:
    """The findings of the month that the viewer may see."""
    found = findings(connection, scope, month=month)
    if sees_acceptance(viewer):
        return found
    return whose.among(found, whose.own_entries(connection, scope, viewer.team or ""))


routes = (Route(FINDING_LIST, send_finding_list),)
