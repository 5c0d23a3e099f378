"""The form of quick entry: what is typed is kept, checked, shown again before it counts, posted.

What is typed is kept in the store at every change, and what was posted is read from there: a lost
connection or a reload loses neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions import drafts, post, reasons
from lib.actions.plan import Outcome
from lib.errors import RefusedError
from lib.fields import Choice, Field, Text
from lib.kpi import recent
from lib.logs.columns import DAY, SUBJECTS
from lib.periods import Period
from lib.problems import Fault
from lib.ui import entered, entry_asked, form, links, parts, reads
from lib.ui.choosable import Choosable
from lib.ui.entered import Done
from lib.ui.form import Form
from lib.ui.resources import office
from lib.workbooks.form import form_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from lib.access import Viewer
    from lib.actions.frozen import Frozen
    from lib.actions.plan import Plan, PlannedRow
    from lib.logs.kind import LogKind
    from lib.rosters import Roster
    from lib.store.ledger import Held
    from lib.ui.entry_asked import Asked
    from lib.ui.form import Written

    Cells = Mapping[str, Written]

_DESK, _FORMS = "quick_entry_desk", "quick_entry_forms"
REASON = Field("reason", "原因", Text(limit=reasons.LIMIT), required=True)


@dataclass
class _Desk:
    """The form on the page and how far it is.

    `begun` is what it held at first, `kept` what it holds, `saved` what the store has of that.
    `tried` is what was pressed for and not posted: as long as it stands, the page says why.
    """

    slot: str
    name: str
    choosable: Choosable
    begun: Cells
    kept: Cells
    saved: Cells | None = None
    restored_at: datetime | None = None
    tried: Cells | None = None
    masked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Sitting:
    """Who is entering what, at which form."""

    viewer: Viewer
    roster: Roster
    asked: Asked
    desk: _Desk
    closed: Frozen

    @property
    def kind(self) -> LogKind:
        """The kind that is entered."""
        return self.asked.kind

    def typed(self) -> Cells:
        """What the form says now, the reason left out; it is kept for what is not drawn."""
        desk = self.desk
        desk.kept = form.typed(desk.name, desk.kept, (*self.asked.columns, REASON))
        own = {slug: cell for slug, cell in desk.kept.items() if slug != REASON.slug}
        return {**own, **self.asked.fixed}

    def planned(self) -> Plan:
        """What posting the form would do now."""
        here, today = office(), clock.business_today()
        book = form_workbook(self.kind, self.typed())
        return post.preview(here.engine, here.stored, self.viewer, [book], today)[0]

    def put_away(self) -> None:
        """Let go of the draft, and begin anew.

        The store comes first: with a visitor gone, the run ends at the next touch of the session.
        """
        here = office()
        drafts.put_away(here.engine, here.stored, self.viewer, self.desk.slot)
        st.session_state.pop(_DESK, None)

    def go_on(self, cells: Cells, outcome: Done) -> None:
        """Say what came of it, and make ready for the next entry of the kind."""
        self.put_away()
        entered.done(outcome)
        if not self.asked.entry:
            entry_asked.go_on_from(self.kind, cells)
        st.query_params.from_dict({"kind": self.kind.slug})


def entry_form(viewer: Viewer, roster: Roster, asked: Asked) -> None:
    """The form that is asked for, filled as far as it is known, and what its press brings."""
    today = clock.business_today()
    if today < office().contract.start:
        st.info(f"合同从 {office().contract.start} 开始，到时再录入。")
        return
    closed = reads.frozen()
    over = asked.entry.day if asked.entry else office().contract.as_of(None, today)
    if over in closed:
        st.info(closed.sentence([over]))
        if asked.entry:
            parts.ways(("打开这条记录", links.to("entry", id=asked.entry.entry_id)))
        return
    sitting = _Sitting(viewer, roster, asked, _desk(viewer, roster, asked, today), closed)
    desk = sitting.desk
    desk.masked |= form.mask_typed(desk.name, (*asked.columns, REASON))
    plan = sitting.planned() if sitting.typed() == desk.tried else None
    drawn = _form(sitting, plan, today)
    _introduction(sitting)
    _columns(drawn, sitting)
    _keep(sitting)
    _ways(drawn, sitting, plan)


def _desk(viewer: Viewer, roster: Roster, asked: Asked, today: date) -> _Desk:
    """The form on the page; a new one for another address, or when the page was left."""
    desk: _Desk | None = st.session_state.get(_DESK)
    if desk and desk.slot == asked.slot and form.key(desk.name, DAY) in st.session_state:
        return desk
    here = office()
    mine = drafts.own(here.engine, here.stored, viewer)
    draft = next((each for each in mine if each.slot == asked.slot), None)
    cells = draft.cells if draft else entry_asked.beginning(viewer, asked, today)
    kept = {**cells, **asked.fixed}
    number = st.session_state.get(_FORMS, 0) + 1
    choosable = Choosable(viewer, roster, asked.kind, office().contract.as_of(None, today))
    new = _Desk(asked.slot, f"{asked.slot}.{number}", choosable, kept, kept)
    if draft:
        new.saved, new.restored_at = kept, draft.saved_at
    st.session_state[_FORMS], st.session_state[_DESK] = number, new
    return new


def _introduction(sitting: _Sitting) -> None:
    """Say that an entry is corrected, and that the form goes on where it was left."""
    if sitting.asked.entry:
        words = sitting.kind.key_words
        st.info(f"更正一条{sitting.kind.sheet}。{words}决定是哪一条；要改它们请撤回后重录。")
    if sitting.desk.restored_at:
        at = clock.local_text(sitting.desk.restored_at)[5:]
        st.info(f"继续上次没提交的（{at}）。")


def _form(sitting: _Sitting, plan: Plan | None, today: date) -> Form:
    contract, desk = office().contract, sitting.desk
    latest = contract.as_of(None, today)
    day = date.fromisoformat(str(desk.kept.get(DAY.slug, latest)))
    return Form(
        desk.name,
        desk.kept,
        desk.choosable,
        day,
        _days(sitting, latest),
        locked=sitting.asked.locked,
        notes={} if sitting.asked.entry else _closed(sitting) | _last_time(sitting, latest),
        faults=_faults(sitting, plan),
    )


def _days(sitting: _Sitting, latest: date) -> Period:
    """The days to choose from: those of open months, unless the form began on another."""
    start = office().contract.start
    first = sitting.closed.first_open(start, latest)
    begun = str(sitting.desk.begun.get(DAY.slug, latest))
    return Period(first if str(first) <= begun else start, latest)


def _closed(sitting: _Sitting) -> dict[str, str]:
    """What is said beside the day: up to which month everything is closed."""
    last = sitting.closed.last
    return {DAY.slug: f"{last} 及以前已封存"} if last else {}


def _last_time(sitting: _Sitting, latest: date) -> dict[str, str]:
    """What the same questions were answered last time, to be seen and not to be copied."""
    kind, cells = sitting.kind, sitting.desk.kept
    subject = next((slug for slug in SUBJECTS if slug in kind.key_fields & cells.keys()), None)
    if subject is None:
        return {}
    last = reads.of(recent.last_about, latest, kind.slug, subject, str(cells[subject]))
    held = last.details if last else {}
    judged = [each.slug for each in kind.fields if isinstance(each.type, Choice)]
    return {slug: f"上次：{held[slug]}" for slug in judged if slug in held}


_MASKED = "身份证号码已打码，请不要填写。"


def _faults(sitting: _Sitting, plan: Plan | None) -> Mapping[str, Sequence[str]]:
    """What is wrong with what each column holds, in a workbook's words."""
    faults = {slug: [_MASKED] for slug in sitting.desk.masked}
    slugs = {column.heading: column.slug for column in sitting.kind.fields}
    for problem in plan.refusals if plan else ():
        if problem.place.column:
            faults.setdefault(slugs[problem.place.column], []).append(problem.fault.sentence)
    return faults


def _columns(drawn: Form, sitting: _Sitting) -> None:
    """What must be filled stands first, all else is folded."""
    asked = sitting.asked
    needed = asked.kind.needed({slug: str(cell) for slug, cell in sitting.typed().items()})
    columns = [
        replace(each, required=each.required or each.slug in needed) for each in asked.columns
    ]
    first = [
        each
        for each in columns
        if each.required or each.slug in asked.given or each.slug in asked.locked
    ]
    for column in first:
        form.ask(drawn, column)
    rest = [column for column in columns if column not in first]
    if rest:
        opened = any(each.slug in {**sitting.desk.begun, **drawn.faults} for each in rest)
        with st.expander(f"更多：{'、'.join(each.heading for each in rest)}", expanded=opened):
            for column in rest:
                form.ask(drawn, column)


def _keep(sitting: _Sitting) -> None:
    """Keep what was typed in the store, when that has not got it."""
    sitting.typed()
    desk, here = sitting.desk, office()
    known = desk.begun if desk.saved is None else desk.saved
    if desk.kept != known:
        drafts.keep(here.engine, here.stored, sitting.viewer, desk.slot, desk.kept, clock.now())
        desk.saved = desk.kept


def _ways(drawn: Form, sitting: _Sitting, plan: Plan | None) -> None:
    """The buttons: submit, or confirm what would change; put the draft away."""
    desk, row = sitting.desk, _row(plan)
    if row and row.held and row.outcome is not Outcome.REFUSED:
        _confirmation(drawn, sitting, row, row.held)
    else:
        with st.container(gap="xsmall"):
            _refusal(plan)
        if st.button("提交", type="primary", width="stretch", key=f"{desk.name}.submit"):
            _pressed(sitting)
    # Always there: what appears at a first tap moves the page, and shuts a list just opened.
    st.caption(f"{_UNSAVED if desk.saved is None else _SAVED}，断线或刷新后可以继续。")
    if st.button("放弃草稿，重新填写", type="tertiary", key=f"{desk.name}.away"):
        sitting.put_away()
        st.rerun()


_UNSAVED, _SAVED = "填写的内容会随时保存", "填写的内容已存为草稿"


def _row(plan: Plan | None) -> PlannedRow | None:
    """The form's only row; None when nothing stands in it."""
    return next(iter(plan.rows), None) if plan else None


def _refusal(plan: Plan | None) -> None:
    """Why nothing was posted: what is wrong with the whole, and with which columns."""
    if plan is None:
        return
    columns = dict.fromkeys(each.place.column for each in plan.refusals if each.place.column)
    if columns:
        st.error(f"没有提交，请先改好：{'、'.join(columns)}。")
    for problem in plan.refusals:
        if not problem.place.column:
            st.error(problem.fault.sentence)
    if plan.refusal:
        st.error(plan.refusal)


def _pressed(sitting: _Sitting) -> None:
    """Post what is new; keep on the page what is wrong, or is to be confirmed."""
    sitting.desk.tried = cells = sitting.typed()
    entered.done(None)
    row = _row(sitting.planned())
    if row and row.outcome is Outcome.NEW:
        if sitting.asked.entry:
            words = sitting.kind.key_words
            raise RefusedError(f"{words}与原来不同，已是另一条，请撤回后重录。")
        _post(sitting)
    elif row and row.outcome is Outcome.UNCHANGED and row.held and row.held.effective:
        sitting.go_on(cells, Done(row.held.entry_id))
    st.rerun()


def _post(sitting: _Sitting, *, reason: str = "", restore: bool = False) -> None:
    """Post the form, and go on to the next one; when it is refused now, the page says why."""
    here, cells = office(), sitting.typed()
    (done,) = post.post(
        here.engine,
        here.stored,
        sitting.viewer,
        [form_workbook(sitting.kind, cells)],
        today=clock.business_today(),
        now=clock.now(),
        reason=reason,
        restore=restore,
    )
    row = _row(done.plan)
    if row and row.outcome is not Outcome.REFUSED:
        remarks = [each.fault.sentence for each in done.plan.remarks]
        entry_id = row.held.entry_id if row.held else None
        sitting.go_on(cells, Done(entry_id, done.receipt, remarks))


def _confirmation(drawn: Form, sitting: _Sitting, row: PlannedRow, held: Held) -> None:
    """What the ledger holds beside what is to count from now on; it counts when that is pressed."""
    if not sitting.asked.entry:
        words = sitting.kind.key_words
        st.warning(f"台账里已有这一条（{words}相同），请核对后再确认。")
        parts.ways(("打开已有的那一条", links.to("entry", id=held.entry_id)))
    if not held.effective:
        st.warning("这一条已被撤回，不再计入；确认后重新计入。")
    corrects = row.outcome is Outcome.CORRECTED
    if corrects:
        changed = row.differences(sitting.roster)
        parts.facts([(name, f"原来“{old}”，现在“{new}”") for name, old, new in changed])
    form.ask(drawn, REASON)
    word = "确认更正" if corrects else "重新计入"
    if st.button(word, type="primary", width="stretch", key=f"{sitting.desk.name}.confirm"):
        sitting.typed()
        reason = REASON.read(sitting.desk.kept.get(REASON.slug))
        if isinstance(reason, Fault):
            st.error(reason.sentence)
            return
        _post(sitting, reason=str(reason), restore=not held.effective)
        st.rerun()
