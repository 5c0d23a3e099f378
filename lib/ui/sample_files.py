"""A sample's sheet as a file: checked at every request, names in full on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.access import sees_acceptance
from lib.actions import take_out
from lib.kpi.cells import Eyes
from lib.kpi.samples import one
from lib.kpi.scope import Scope
from lib.reports import sample_sheet
from lib.store import rosters
from lib.store.engine import reading
from lib.ui.links import number_in
from lib.ui.resources import office
from lib.ui.routes import SAMPLE_SHEET
from lib.ui.sending import XLSX, Leaving, file_route, sends, takes_full_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer


def _sheet(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """A sample's items to take along, as a workbook; `names=full` for reviewers."""
    here, number = office(), number_in(asked.get("id", ""))
    if not sees_acceptance(viewer) or not number:
        return None
    with reading(here.engine) as connection:
        sample = one(connection, here.stored.id, number)
        roster = rosters.load(connection, here.stored.id)
    if sample is None:
        return None
    full = takes_full_names(viewer, asked)
    eyes = Eyes(viewer, roster, masked=not full)
    scope = Scope(here.stored, here.contract.end)
    made_at = clock.local_text(clock.now())
    with reading(here.engine) as connection:
        made = sample_sheet.workbook(connection, scope, sample, eyes, made_at)
    taken = take_out.rows_out(viewer, {"sample": str(number)}, made.rows, full=full)
    return Leaving(f"抽查表_{number}.xlsx", made.data, XLSX, taken)


send_sample_sheet = sends(_sheet)
routes = (file_route(SAMPLE_SHEET, send_sample_sheet),)
