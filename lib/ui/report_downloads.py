"""Reports that pages link to: who asks is looked up at each request, and every one is on record."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from lib import clock
from lib.access import sees_acceptance
from lib.actions import take_out
from lib.errors import RefusedError
from lib.reports.document import Made
from lib.reports.kinds import report
from lib.store.engine import reading
from lib.ui.resources import office
from lib.ui.routes import REPORT
from lib.ui.sending import DOCX, asker, download, not_found, takes_full_names, viewer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from lib.reports.kinds import Report


async def send_report(request: Request) -> Response:
    """The report `what`, of a `month` or `as_of` a day; names in full as in a ledger."""
    return await run_in_threadpool(_report, asker(request), dict(request.query_params))


def _report(token: str, asked: Mapping[str, str]) -> Response:
    viewer, found = viewer_of(token), _asked_for(asked)
    if viewer is None or not sees_acceptance(viewer) or found is None:
        return not_found()
    here, now = office(), clock.now()
    full = takes_full_names(viewer, asked, found.facts)
    if not full:
        take_out.record_report(here.engine, here.stored, viewer, found.facts, now)
    with reading(here.engine) as connection:
        data = found.document(connection, Made(now, viewer.name, full))
    return download(found.file_name, data, DOCX)


def _asked_for(asked: Mapping[str, str]) -> Report | None:
    """The report of an address; None where there is none."""
    try:
        as_of = date.fromisoformat(asked["as_of"]) if asked.get("as_of") else None
        what, month = asked.get("what", ""), asked.get("month", "")
        return report(office().stored, what, month, as_of, clock.business_today())
    except (ValueError, RefusedError):
        return None


routes = (Route(REPORT, send_report),)
