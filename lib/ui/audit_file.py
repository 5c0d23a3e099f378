"""The audit log as a file, for those who may look acts up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib import clock
from lib.access import sees_audit
from lib.actions import take_out
from lib.actions.take_out import Names, Taken
from lib.kpi.acts import LABELS
from lib.kpi.audit_log import Asked
from lib.periods import Month
from lib.reports.audit import workbook
from lib.store.engine import reading
from lib.ui.resources import office
from lib.ui.routes import AUDIT_LINES
from lib.ui.sending import XLSX, Leaving, file_route, sends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lib.access import Viewer


def _audit_lines(viewer: Viewer, asked: Mapping[str, str]) -> Leaving | None:
    """The lines of a `month` and an `act`, or of all, as a workbook."""
    wanted = _asked(asked)
    if not sees_audit(viewer) or wanted is None:
        return None
    here, now = office(), clock.now()
    made_at, today = clock.local_text(now), clock.business_today()
    with reading(here.engine) as connection:
        made = workbook(connection, here.stored, wanted, by=viewer.name, made_at=made_at, on=today)
    facts = {"audit": str(wanted.month or "all"), **({"act": wanted.act} if wanted.act else {})}
    subject = " ".join(f"{name}={value}" for name, value in facts.items())
    taken = Taken(take_out.EXPORT, subject, made.rows, Names.NONE)
    return Leaving(f"审计记录_{today}.xlsx", made.data, XLSX, taken)


def _asked(asked: Mapping[str, str]) -> Asked | None:
    """What an address asks for; None where there is no such thing."""
    month, act = asked.get("month", ""), asked.get("act", "")
    try:
        found = Month.parse(month) if month else None
    except ValueError:
        return None
    return Asked(found, act=act) if act in {"", *LABELS} else None


send_audit_lines = sends(_audit_lines)
routes = (file_route(AUDIT_LINES, send_audit_lines),)
