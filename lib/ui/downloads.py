"""Files that pages link to: every request is checked, nothing lives under an address for all."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib import clock
from lib.access import may_upload
from lib.actions import evidence, take_out
from lib.actions.take_out import Names, Taken
from lib.contract import Coverage
from lib.kpi.cells import Eyes
from lib.kpi.scope import Scope
from lib.kpi.selection import parse
from lib.kpi.unreached import parse as among_asked
from lib.reports import prefilled, unreached
from lib.reports.ledger import ledger
from lib.store import rosters
from lib.store.engine import reading
from lib.ui import links
from lib.ui.links import number_in
from lib.ui.resources import blobs, desk, office
from lib.ui.routes import (
    EVIDENCE,
    FILE,
    LEDGER,
    MARKED,
    MENDED,
    PREFILLED,
    TEMPLATE,
    UNREACHED,
)
from lib.ui.sending import BYTES, XLSX, Leaving, file_route, sends, takes_full_names
from lib.workbooks.explained import Question, explanation
from lib.workbooks.marking import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer

_LOST = "图片现在取不出来。请稍后再试；若一直这样，请告诉管理员。"


def _ledger(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The entries that the address selects, as a workbook; `names=full` for reviewers."""
    here = office()
    as_of = here.contract.as_of(_day(asked.get("as_of", "")), clock.business_today())
    with reading(here.engine) as connection:
        roster = rosters.load(connection, here.stored.id)
    wanted = parse(asked, here.contract, roster)
    if wanted is None:
        return None
    full = takes_full_names(viewer, asked)
    eyes = Eyes(viewer, roster, masked=not full)
    with reading(here.engine) as connection:
        made = ledger(connection, Scope(here.stored, as_of), wanted, eyes, _now())
    subject = wanted.parts() or {"ledger": "all"}
    taken = take_out.rows_out(viewer, subject, made.rows, full=full)
    return Leaving(f"台账_{as_of}.xlsx", made.data, XLSX, taken)


def _unreached(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The households that an obligation has not reached, as a workbook; names as in a ledger."""
    here = office()
    as_of = here.contract.as_of(_day(asked.get("as_of", "")), clock.business_today())
    figure = asked.get("figure", "")
    found = (o for o in here.contract.obligation if isinstance(o, Coverage) and o.code == figure)
    obligation = next(found, None)
    with reading(here.engine) as connection:
        among = among_asked(asked, rosters.load(connection, here.stored.id))
    if obligation is None or among is None:
        return None
    full = takes_full_names(viewer, asked)
    with reading(here.engine) as connection:
        made = unreached.workbook(
            connection,
            Scope(here.stored, as_of),
            obligation,
            among,
            full_names=full,
            by=viewer.name,
            made_at=_now(),
        )
    subject = {"unreached": figure, **among.parts()}
    taken = take_out.rows_out(viewer, subject, made.rows, full=full, own=False)
    return Leaving(f"未走访家庭_{as_of}.xlsx", made.data, XLSX, taken)


def _prefilled(viewer: Viewer, _asked: Mapping[str, str]) -> Leaving | None:
    """The workbook of the viewer's own team, whom and what it still has to see filled in."""
    if not may_upload(viewer) or viewer.team is None:
        return None
    here = office()
    as_of = here.contract.as_of(None, clock.business_today())
    with reading(here.engine) as connection:
        made = prefilled.workbook(connection, Scope(here.stored, as_of), viewer, _now())
    act, names = "fetch_template", Names.NONE
    if made.names_somebody:
        act, names = "export_own_names", Names.OWN
    taken = Taken(act, f"prefilled={viewer.team} as_of={as_of}", made.rows, names)
    return Leaving(f"待办日志_{viewer.team}_{as_of}.xlsx", made.data, XLSX, taken)


def _template(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The empty workbook, with the sheets that the address names."""
    here = office()
    slugs = [slug for slug in here.contract.kinds if slug in links.listed_in(asked.get("kinds"))]
    if not may_upload(viewer) or viewer.team is None or not slugs:
        return None
    as_of = here.contract.as_of(None, clock.business_today())
    with reading(here.engine) as connection:
        data = prefilled.blank(connection, Scope(here.stored, as_of), viewer, slugs, _now())
    taken = Taken("fetch_template", f"kinds={'.'.join(slugs)}", 0, Names.NONE)
    return Leaving(f"工作日志模板_{viewer.team}.xlsx", data, XLSX, taken)


def _file(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The original file of a receipt."""
    here, number = office(), number_in(asked.get("receipt", ""))
    if number is None:
        return None
    found = take_out.original_file(here.engine, here.stored, viewer, number, clock.now())
    return Leaving(*found, BYTES) if found else None


def _evidence(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """A photo, or its thumbnail, to be shown; a scan as a file."""
    here = office()
    number, size = number_in(asked.get("id", "")), asked.get("size", "full")
    if number is None or size not in _SIZES:
        return None
    found = evidence.fetch(
        here.engine,
        here.stored,
        viewer,
        blobs(),
        number,
        thumbnail=size == "thumb",
        now=clock.now(),
    )
    return _shown(number, *found) if found else None


def _shown(number: int, media_type: str, data: bytes) -> Leaving:
    """Evidence for its viewer alone, and nothing in it may act; a photo is shown, not kept."""
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'",
    }
    if media_type != evidence.PDF:
        headers["Content-Disposition"] = "inline"
    return Leaving(f"{number}.pdf", data, media_type, headers=headers)


def _marked(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """An upload's own file, mended as on the page, what is still wrong marked in it."""
    return _handed_in(viewer, asked, "待改", with_faults=True)


def _mended(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """An upload's own file, mended as on the page."""
    return _handed_in(viewer, asked, "已改", with_faults=False)


def _handed_in(
    viewer: Viewer, asked: Mapping[str, str], word: str, *, with_faults: bool
) -> Leaving | None:
    number = number_in(asked.get("upload", ""))
    plan = desk().plan(viewer, number, _PATIENCE) if number else None
    if plan is None:
        return None
    refusals = plan.refusals if with_faults else ()
    question = Question(
        office().contract,
        f"{plan.workbook.name}：{_WORDS[word]}",
        clock.business_today(),
        rows=len(plan.rows),
        total=("标出的问题", len(refusals)),
        names="原文件中的姓名",
        made=f"{_now()} {viewer.name}",
    )
    data = marked(plan.workbook.data, refusals, plan.workbook.mends, explanation(question).rows)
    name = plan.workbook.name.rpartition(".")[0] or plan.workbook.name
    taken = Taken("fetch_upload", plan.sha256, len(plan.rows))
    return Leaving(f"{name}_{word}.xlsx", data, XLSX, taken)


_WORDS = {"待改": "按页面改过的格已写入，仍要改的格已标出", "已改": "按页面改过的格已写入"}
_PATIENCE = 60.0  # seconds for a plan to be made, where there is none
_SIZES = ("thumb", "full")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _now() -> str:
    """When it is, as officials read it."""
    return clock.local_text(clock.now())


send_ledger = sends(_ledger)
send_unreached = sends(_unreached)
send_prefilled = sends(_prefilled)
send_template = sends(_template)
send_file = sends(_file)
send_evidence = sends(_evidence, _LOST)
send_marked = sends(_marked)
send_mended = sends(_mended)

routes = (
    file_route(LEDGER, send_ledger),
    file_route(FILE, send_file),
    file_route(UNREACHED, send_unreached),
    file_route(EVIDENCE, send_evidence),
    file_route(PREFILLED, send_prefilled),
    file_route(TEMPLATE, send_template),
    file_route(MARKED, send_marked),
    file_route(MENDED, send_mended),
)
