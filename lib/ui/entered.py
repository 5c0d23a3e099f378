"""What came of quick entry: the receipt, today's entries, and the drafts not yet posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import streamlit as st

from lib import clock
from lib.actions import drafts
from lib.kpi import recent
from lib.kpi.cells import Eyes
from lib.logs import LOG_KINDS, kinds_of
from lib.periods import BUSINESS_ZONE
from lib.ui import evidence, links, parts, reads, scripts
from lib.ui.links import Link
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.kpi.rows import LedgerRow
    from lib.kpi.scope import Scope
    from lib.rosters import Roster
    from lib.store.drafts import Draft
    from lib.store.ledger import Receipt

_DONE = "quick_entry_done"


@dataclass
class Done:
    """What came of a press: a receipt, or (None) the entry that was there already.

    `remarks` are sentences; the page is moved up to it once, when it is `fresh`.
    """

    entry_id: int | None
    receipt: Receipt | None = None
    remarks: Sequence[str] = ()
    fresh: bool = True


def done(outcome: Done | None) -> None:
    """Let the page say from now on what came of a press; None: nothing."""
    st.session_state[_DONE] = outcome


def today(viewer: Viewer) -> Sequence[LedgerRow]:
    """What the viewer entered on forms today, newest first."""
    midnight = datetime.combine(clock.business_today(), time(), BUSINESS_ZONE)
    return reads.of(_entered_since, reads.ANY_DAY, viewer.name, midnight)


def _entered_since(
    connection: Connection, scope: Scope, account: str, moment: datetime
) -> Sequence[LedgerRow]:
    return recent.entered_since(connection, scope.contract_id, account, moment)


def receipt(viewer: Viewer, roster: Roster, rows: Sequence[LedgerRow]) -> None:
    """What came of the last press: number, what was entered in words, where it can be changed."""
    outcome: Done | None = st.session_state.get(_DONE)
    if outcome is None:
        return
    if outcome.receipt:
        word = "已更正" if outcome.receipt.corrected else "已记入台账"
        st.success(f"{word}，回执 {outcome.receipt.number}。可以接着记下一条。")
    else:
        st.info("这一条已在台账，没有重复计算。")
    for row in rows:
        if outcome.receipt and row.receipt_id == outcome.receipt.receipt_id:
            outcome.entry_id = row.entry_id
            _facts(Eyes(viewer, roster), row)
    for sentence in outcome.remarks:
        st.info(sentence)
    if outcome.entry_id:
        _ways(outcome.entry_id)
        with st.expander("给这条加照片"):
            evidence.pictures(viewer, entry_id=outcome.entry_id)
    if outcome.fresh:
        outcome.fresh = False
        number = outcome.receipt.number if outcome.receipt else ""
        # Another number makes it another element, whose script runs.
        st.html(f"<i hidden>{number}</i>{scripts.TO_THE_TOP}", unsafe_allow_javascript=True)


def _facts(eyes: Eyes, row: LedgerRow) -> None:
    words = "，".join(f"{heading} {value}" for heading, value in eyes.cells(row).items() if value)
    st.html(f'<p class="summary">{escape(words)}</p>')


def _ways(entry_id: int) -> None:
    parts.ways(
        ("打开这条记录（撤回也在那里）", links.to("entry", id=entry_id)),
        ("更正", links.to("quick_entry", entry=entry_id)),
    )


def listing(viewer: Viewer, roster: Roster, rows: Sequence[LedgerRow]) -> None:
    """Today's entries, each a way to its entry and to correcting it."""
    if not rows:
        return
    st.subheader(f"今天录入的 {len(rows)} 条", anchor=False)
    eyes = Eyes(viewer, roster)
    parts.listing([_line(eyes, row) for row in rows])


_TOLD = 3


def _line(eyes: Eyes, row: LedgerRow) -> Mapping[str, str | Link]:
    kind, cells = LOG_KINDS[row.kind], eyes.cells(row)
    own = [column for column in kind.fields if column.slug in row.details]
    told = [f"{column.heading}：{cells[column.heading]}" for column in own[:_TOLD]]
    about = row.elder or row.household or row.application or eyes.place(row)
    return {
        "录入": clock.local_text(row.posted_at)[-5:],
        "日期": Link(str(row.day), links.to("entry", id=row.entry_id)),
        "项目": kind.sheet,
        "内容": "；".join(filter(None, (about, *told))),
        "改": Link("更正", links.to("quick_entry", entry=row.entry_id)),
    }


def offers(viewer: Viewer, slot: str) -> None:
    """The viewer's drafts of other forms than the one on the page."""
    here = office()
    others = [each for each in drafts.own(here.engine, here.stored, viewer) if each.slot != slot]
    named = [(_draft(each), f"quick_entry?{each.slot}") for each in others if _is_ours(each)]
    if named:
        words = " · ".join(Link(text, address).markup for text, address in named)
        st.html(f'<p class="summary">继续上次没提交的：{words}</p>')


def _is_ours(draft: Draft) -> bool:
    """Whether there still is such a form."""
    asked = parse_qs(draft.slot)
    known = {kind.slug for kind in kinds_of(office().contract)}
    return "entry" in asked or asked.get("kind", [""])[0] in known


def _draft(draft: Draft) -> str:
    """Which form it is, whom it is about, and when it was kept."""
    asked = {name: values[0] for name, values in parse_qs(draft.slot).items()}
    kind = LOG_KINDS.get(asked.pop("kind", ""))
    word = kind.sheet if kind else "更正记录"
    at = clock.local_text(draft.saved_at)[5:]
    return " ".join((word, *asked.values(), f"（{at}）"))
