"""Files that pages link to: every request is checked, nothing lives under an address for all."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from lib import clock
from lib.access import may_upload
from lib.actions import evidence, take_out
from lib.contract import Coverage
from lib.errors import StoreError
from lib.kpi.cells import Eyes
from lib.kpi.scope import Scope
from lib.kpi.selection import parse
from lib.kpi.unreached import parse as among_asked
from lib.reports import prefilled, unreached
from lib.reports.ledger import ledger
from lib.store import rosters
from lib.store.engine import reading
from lib.ui.links import number_in
from lib.ui.resources import blobs, desk, office
from lib.ui.routes import (
    EVIDENCE,
    FILE,
    LEDGER,
    MARKED,
    MENDED,
    PREFILLED,
    UNREACHED,
)
from lib.ui.sending import (
    HEADERS,
    XLSX,
    asker,
    download,
    not_found,
    takes_full_names,
    viewer_of,
)
from lib.workbooks.marking import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_LOG = logging.getLogger(__name__)
_LOST = "图片现在取不出来。请稍后再试；若一直这样，请告诉管理员。"


async def send_ledger(request: Request) -> Response:
    """The entries that the address selects, as a workbook; `names=full` on record."""
    return await run_in_threadpool(_ledger, asker(request), dict(request.query_params))


async def send_unreached(request: Request) -> Response:
    """The households that an obligation has not reached, as a workbook; names as in a ledger."""
    return await run_in_threadpool(_unreached, asker(request), dict(request.query_params))


async def send_prefilled(request: Request) -> Response:
    """The workbook of the viewer's own team, whom and what it still has to see filled in."""
    return await run_in_threadpool(_prefilled, asker(request))


async def send_file(request: Request) -> Response:
    """The original file of a receipt."""
    return await run_in_threadpool(_file, asker(request), dict(request.query_params))


async def send_evidence(request: Request) -> Response:
    """A photo, or its thumbnail, to be shown; a scan as a file."""
    return await run_in_threadpool(_evidence, asker(request), dict(request.query_params))


async def send_marked(request: Request) -> Response:
    """An upload's own file, mended as on the page, what is still wrong marked in it."""
    asked = dict(request.query_params)
    return await run_in_threadpool(_handed_in, asker(request), asked, "待改", with_faults=True)


async def send_mended(request: Request) -> Response:
    """An upload's own file, mended as on the page."""
    asked = dict(request.query_params)
    return await run_in_threadpool(_handed_in, asker(request), asked, "已改", with_faults=False)


def _ledger(token: str, asked: Mapping[str, str]) -> Response:
    viewer, here = viewer_of(token), office()
    if viewer is None:
        return not_found()
    as_of = here.contract.as_of(_day(asked.get("as_of", "")), clock.business_today())
    with reading(here.engine) as connection:
        roster = rosters.load(connection, here.stored.id)
    wanted = parse(asked, here.contract, roster)
    if wanted is None:
        return not_found()
    full = takes_full_names(viewer, asked, wanted.parts() or {"ledger": "all"})
    eyes = Eyes(viewer, roster, masked=not full)
    made_at = clock.local_text(clock.now())
    with reading(here.engine) as connection:
        data = ledger(connection, Scope(here.stored, as_of), wanted, eyes, made_at)
    return download(f"台账_{as_of}.xlsx", data, XLSX)


def _unreached(token: str, asked: Mapping[str, str]) -> Response:
    viewer, here = viewer_of(token), office()
    if viewer is None:
        return not_found()
    as_of = here.contract.as_of(_day(asked.get("as_of", "")), clock.business_today())
    figure = asked.get("figure", "")
    found = (o for o in here.contract.obligation if isinstance(o, Coverage) and o.code == figure)
    obligation = next(found, None)
    with reading(here.engine) as connection:
        among = among_asked(asked, rosters.load(connection, here.stored.id))
    if obligation is None or among is None:
        return not_found()
    subject = {"unreached": figure, **among.parts()}
    full = takes_full_names(viewer, asked, subject)
    made_at = clock.local_text(clock.now())
    with reading(here.engine) as connection:
        data = unreached.workbook(
            connection,
            Scope(here.stored, as_of),
            obligation,
            among,
            full_names=full,
            by=viewer.name,
            made_at=made_at,
        )
    return download(f"未走访家庭_{as_of}.xlsx", data, XLSX)


def _prefilled(token: str) -> Response:
    viewer, here = viewer_of(token), office()
    if viewer is None or not may_upload(viewer) or viewer.team is None:
        return not_found()
    as_of = here.contract.as_of(None, clock.business_today())
    with reading(here.engine) as connection:
        made = prefilled.workbook(connection, Scope(here.stored, as_of), viewer)
    if made.names_somebody:
        subject = f"prefilled={viewer.team} as_of={as_of}"
        take_out.record_own_names(here.engine, here.stored, viewer, subject, clock.now())
    return download(f"待办日志_{viewer.team}_{as_of}.xlsx", made.data, XLSX)


def _file(token: str, asked: Mapping[str, str]) -> Response:
    viewer, here = viewer_of(token), office()
    number = number_in(asked.get("receipt", ""))
    if viewer is None or number is None:
        return not_found()
    found = take_out.original_file(here.engine, here.stored, viewer, number, clock.now())
    if found is None:
        return not_found()
    name, data = found
    return download(name, data, "application/octet-stream")


def _evidence(token: str, asked: Mapping[str, str]) -> Response:
    viewer, here = viewer_of(token), office()
    number, size = number_in(asked.get("id", "")), asked.get("size", "full")
    if viewer is None or number is None or size not in _SIZES:
        return not_found()
    try:
        found = evidence.fetch(
            here.engine,
            here.stored,
            viewer,
            blobs(),
            number,
            thumbnail=size == "thumb",
            now=clock.now(),
        )
    except StoreError as lost:
        _LOG.error("cannot send evidence %s: %s", number, lost.sentence)
        return Response(_LOST, status_code=503, media_type="text/plain", headers=HEADERS)
    if found is None:
        return not_found()
    media_type, data = found
    return _shown(media_type, data, f"{number}.pdf" if media_type == evidence.PDF else "")


def _shown(media_type: str, data: bytes, file_name: str) -> Response:
    """Evidence for its viewer alone, and nothing in it may act; a file where it has a name."""
    headers = {
        **HEADERS,
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{file_name}"' if file_name else "inline",
        "Content-Security-Policy": "default-src 'none'",
    }
    return Response(data, media_type=media_type, headers=headers)


def _handed_in(token: str, asked: Mapping[str, str], word: str, *, with_faults: bool) -> Response:
    viewer, number = viewer_of(token), number_in(asked.get("upload", ""))
    plan = desk().plan(viewer, number, _PATIENCE) if viewer and number else None
    if viewer is None or plan is None:
        return not_found()
    refusals = plan.refusals if with_faults else ()
    data = marked(plan.workbook.data, refusals, plan.workbook.mends)
    here = office()
    take_out.record_upload(here.engine, here.stored, viewer, plan.sha256, clock.now())
    name = plan.workbook.name.rpartition(".")[0] or plan.workbook.name
    return download(f"{name}_{word}.xlsx", data, XLSX)


_PATIENCE = 60.0  # seconds for a plan to be made, where there is none


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_SIZES = ("thumb", "full")

routes = (
    Route(LEDGER, send_ledger),
    Route(FILE, send_file),
    Route(UNREACHED, send_unreached),
    Route(EVIDENCE, send_evidence),
    Route(PREFILLED, send_prefilled),
    Route(MARKED, send_marked),
    Route(MENDED, send_mended),
)
