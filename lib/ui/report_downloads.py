"""Reports that pages link to: who asks is looked up at each request, and every one is on record."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lib import clock
from lib.access import sees_acceptance
from lib.actions import take_out
from lib.errors import RefusedError
from lib.reports.document import Made
from lib.reports.kinds import report
from lib.store.engine import reading
from lib.ui.resources import office
from lib.ui.routes import REPORT
from lib.ui.sending import DOCX, Leaving, file_route, sends, takes_full_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer
    from lib.reports.kinds import Report


def _report(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The report `what`, of a `month` or `as_of` a day; names in full as in a ledger."""
    found = _asked_for(asked)
    if not sees_acceptance(viewer) or found is None:
        return None
    here, full = office(), takes_full_names(viewer, asked)
    with reading(here.engine) as connection:
        data = found.document(connection, Made(clock.now(), viewer.name, full))
    return Leaving(found.file_name, data, DOCX, take_out.report_out(found.facts, full=full))


def _asked_for(asked: Mapping[str, str]) -> Report | None:
    """The report of an address; None where there is none."""
    try:
        as_of = date.fromisoformat(asked["as_of"]) if asked.get("as_of") else None
        what, month = asked.get("what", ""), asked.get("month", "")
        return report(office().stored, what, month, as_of, clock.business_today())
    except (ValueError, RefusedError):
        return None


send_report = sends(_report)
routes = (file_route(REPORT, send_report),)
