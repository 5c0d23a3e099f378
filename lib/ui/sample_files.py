"""A sample's sheet as a file: checked at every request, names in full on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from lib import clock
from lib.access import sees_acceptance
from lib.kpi.cells import Eyes
from lib.kpi.samples import one
from lib.kpi.scope import Scope
from lib.reports import sample_sheet
from lib.store import rosters
from lib.store.engine import reading
from lib.ui.links import number_in
from lib.ui.resources import office
from lib.ui.routes import SAMPLE_SHEET
from lib.ui.sending import XLSX, asker, download, not_found, takes_full_names, viewer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response


async def send_sample_sheet(request: Request) -> Response:
    """A sample's items to take along, as a workbook; `names=full` on record."""
    return await run_in_threadpool(_sheet, asker(request), dict(request.query_params))


def _sheet(token: str, asked: Mapping[str, str]) -> Response:
    viewer, here = viewer_of(token), office()
    number = number_in(asked.get("id", ""))
    if viewer is None or not sees_acceptance(viewer) or not number:
        return not_found()
    with reading(here.engine) as connection:
        sample = one(connection, here.stored.id, number)
        roster = rosters.load(connection, here.stored.id)
    if sample is None:
        return not_found()
    full = takes_full_names(viewer, asked, {"sample": str(number)})
    eyes = Eyes(viewer, roster, masked=not full)
    scope = Scope(here.stored, here.contract.end)
    with reading(here.engine) as connection:
        made_at = clock.local_text(clock.now())
        data = sample_sheet.workbook(connection, scope, sample, eyes, made_at)
    return download(f"抽查表_{number}.xlsx", data, XLSX)


routes = (Route(SAMPLE_SHEET, send_sample_sheet),)
