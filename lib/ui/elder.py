"""The pieces of the page about one elder: who it is, the months, the visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.contract import Visits
from lib.kpi import elder_checks, selection
from lib.kpi.cells import Eyes
from lib.kpi.rows import LedgerRow, Page, ledger_rows, number_of
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection
from lib.logs import LOG_KINDS
from lib.periods import Month
from lib.store.engine import reading
from lib.ui import links, matrix, navigation, paging, parts, reads
from lib.ui.elder_checks import month_names
from lib.ui.elder_lists import begun, month_cell
from lib.ui.links import Link
from lib.ui.matrix import Row
from lib.ui.navigation import NotFoundError
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.fields import Field
    from lib.rosters import Elder, Roster

_A_PAGE = 50
_QUICK_ENTRY = "logs/quick_entry"


def page(viewer: Viewer, day: date) -> None:
    """The elder whom the address names."""
    roster = reads.roster()
    code = st.query_params.get("code", "")
    if code not in roster.elders:
        raise NotFoundError
    found = roster.elders[code]
    name = reads.names(viewer, day).of_elder(found)
    st.subheader(f"{code} {name}", anchor=False)
    _facts(found, roster, day)
    obligations = [each for each in office().contract.obligation if isinstance(each, Visits)]
    if not obligations:
        st.info("本合同没有约定定期入户核查。")
    for obligation in obligations:
        _standing(obligation, found, day)
        if navigation.may_open(viewer, _QUICK_ENTRY):
            address = links.to("quick_entry", kind=obligation.kind, elder=code)
            parts.ways((f"记一次{LOG_KINDS[obligation.kind].sheet}", address))
        _months(obligation, code, day)
        _timeline(viewer, obligation, roster, code, day)


def _facts(found: Elder, roster: Roster, day: date) -> None:
    place = roster.localities[found.locality]
    until = f"至 {found.left_on}" if found.left_on else "起"
    reason = f"（{found.left_reason}）" if found.left_reason else ""
    address = links.to("locality", code=found.locality, as_of=day)
    parts.facts([("自理能力", found.self_care), ("在册", f"{found.enrolled_on} {until}{reason}")])
    st.html(f'<p class="summary">住在 {Link(place.name, address).markup}</p>')


def _standing(obligation: Visits, found: Elder, day: date) -> None:
    """How long ago the last visit was, and what is still to be done this month."""
    last = reads.of(elder_checks.last_visit, day, obligation, found.code)
    limit = office().contract.thresholds.not_seen_days
    seen = f"上次访视 {last}，距今 {(day - last).days} 天" if last else "尚未访过"
    todo = _to_do(obligation, found, day)
    if last and (day - last).days > limit and todo:
        st.warning(f"{seen}，已超过 {limit} 天。{todo}")
    else:
        st.info(f"{seen}。{todo}")


def _to_do(obligation: Visits, found: Elder, day: date) -> str:
    """What is still to be done this month, empty where nothing is."""
    months = reads.of(elder_checks.months_of, day, obligation, (found.code,))[found.code]
    owed = months.get(str(Month.of(day)))
    if owed is None or owed.done == owed.owed or (found.left_on and found.left_on <= day):
        return ""
    left = reads.overview(day).workdays.left_in(Month.of(day))
    return f"本月还须访 {owed.owed - owed.done} 次，剩 {left} 个工作日。"


def _months(obligation: Visits, code: str, day: date) -> None:
    found = reads.of(elder_checks.months_of, day, obligation, (code,))[code]
    names = begun(day)
    if found:
        cells = [month_cell(obligation, day, code, month, found) for month in names]
        matrix.matrix("逐月访视次数", "逐月", month_names(names), [Row(obligation.unit, cells)])


def _timeline(viewer: Viewer, obligation: Visits, roster: Roster, code: str, day: date) -> None:
    """The visits, newest first."""
    here = office()
    wanted = Selection(figure=obligation.code, elder=code)
    chosen = selection.condition(Scope(here.stored, day), wanted)
    with reading(here.engine) as connection:
        number = number_of(connection, chosen)
        number_asked = paging.asked("page", number, _A_PAGE)
        rows = ledger_rows(connection, chosen, Page(_A_PAGE, number_asked))
    st.subheader(f"{obligation.name}：{number} 条记录", anchor=False)
    if not rows:
        st.info(f"截至 {day} 没有访视记录。")
        return
    fields = _told(obligation)
    eyes = Eyes(viewer, roster)
    parts.listing([_visit(eyes, row, fields) for row in rows])
    paging.ways("elder", "page", number_asked, number, _A_PAGE)


def _visit(eyes: Eyes, row: LedgerRow, fields: Sequence[Field]) -> Mapping[str, str | Link]:
    cells = eyes.cells(row)
    return {
        "日期": Link(str(row.day), links.to("entry", id=row.entry_id)),
        "服务人员": eyes.people(row),
        **{field.heading: str(cells[field.heading] or "—") for field in fields},
    }


def _told(obligation: Visits) -> Sequence[Field]:
    """The columns that say what a visit found: all that an entry keeps among its details."""
    elsewhere = {"day", "people", "locality", "elder"}
    fields = LOG_KINDS[obligation.kind].fields
    return [field for field in fields if field.stored and field.slug not in elsewhere]
