"""What posting an upload would do: how many rows, the button, old beside new, and what to know."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.actions import reasons
from lib.actions.frozen import CLOSED_MONTH
from lib.actions.plan import Outcome
from lib.actions.post_upload import Asked
from lib.logs import LOG_KINDS
from lib.logs.cells import cells
from lib.problems import Problem
from lib.ui import parts, reads, upload
from lib.ui.fault_groups import row_words
from lib.ui.resources import desk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lib.access import Viewer
    from lib.actions.plan import Plan, PlannedRow
    from lib.rosters import Roster
    from lib.ui.upload_desk import Standing

# Why a row that was posted is wrong, as team leads say it; anything else is written out.
REASONS = ("当时填错", "漏填补上", "核实后改正", "名册有变更")
_NOTES = {
    Outcome.NEW: "将写入台账",
    Outcome.CORRECTED: "保留旧版，以新的为准",
    Outcome.UNCHANGED: "已在台账，跳过",
    Outcome.REFUSED: "在下面改，或改好文件再传",
}
_CORRECTIONS_OPEN, _CORRECTIONS_SHOWN = 8, 300


def counts(standing: Standing) -> None:
    """How many rows posting would add, correct, skip and refuse."""
    plan = _plan(standing)
    parts.tiles([parts.Tile(o.label, f"{n:,}", "行", _NOTES[o]) for o, n in plan.counts.items()])
    earlier = plan.earlier
    if earlier and standing.upload.receipt_id is None:
        when = clock.local_text(earlier.posted_at)
        st.info(f"同一份文件已于 {when} 由 {earlier.posted_by} 上传，回执 {earlier.number}。")
    closed = sum(problem.fault.rule == CLOSED_MONTH for problem in plan.refusals)
    if closed:
        st.info(
            f"退回的行里有 {closed:,} 行在已签认封存的月份，与台账不同或台账里没有。"
            "这些行不用改，台账以签认的为准。"
        )


def post_form(viewer: Viewer, standing: Standing) -> None:
    """Post what can be posted, in the background; a reason is asked for where rows are corrected.

    A second click finds that the first has begun. The button's key lets a click count that was made
    when other numbers stood on it: what is posted is looked at anew, and the receipt says it.
    """
    plan, upload_id = _plan(standing), standing.upload.upload_id
    _restoring(plan, upload_id)
    number = plan.counts[Outcome.NEW] + plan.counts[Outcome.CORRECTED]
    if not plan.changes_something:
        if standing.upload.receipt_id is None:
            st.info("没有需要过账的新内容。")
        return
    reason = _reason(plan, upload_id) if plan.counts[Outcome.CORRECTED] else ""
    post, key = f"过账 {number:,} 行", f"post_{upload_id}"
    if st.button(post, type="primary", help=_summed(plan), key=key):
        if reason is None:
            st.error("请先选一个更正原因，或写明原因，再过账。")
            return
        desk().post(viewer, upload_id, Asked(reason, upload.restored(upload_id)))
        st.rerun()


def _plan(standing: Standing) -> Plan:
    if standing.plan is None:
        msg = "an upload at work has no plan yet"
        raise ValueError(msg)
    return standing.plan


def _summed(plan: Plan) -> str:
    counted = plan.counts
    refused = counted[Outcome.REFUSED]
    rest = f"，退回的 {refused} 行改好后再过账" if refused else ""
    return f"新增 {counted[Outcome.NEW]} 行，更正 {counted[Outcome.CORRECTED]} 行{rest}"


def _restoring(plan: Plan, upload_id: int) -> None:
    """Whether rows that were withdrawn, and stand in the file as they were, count again."""
    if not plan.set_aside:
        return
    before = upload.restored(upload_id)
    said = f"有 {plan.set_aside} 行以前撤回过，文件里还是原样"
    st.warning(f"{said}，这次会重新计入。" if before else f"{said}，不再计入。")
    wanted = st.checkbox("这些行重新计入", value=before, key=f"restore_{upload_id}_{before}")
    if wanted != before:
        upload.restore(upload_id, wanted)
        st.rerun()


def _reason(plan: Plan, upload_id: int) -> str | None:
    """Why rows are corrected; None while that is not said."""
    chosen = st.pills(
        f"更正 {plan.counts[Outcome.CORRECTED]:,} 行的原因（写进回执）",
        REASONS,
        key=f"reason_{upload_id}",
        wrap=True,
        persist_state="session",
    )
    written = st.text_input(
        "其他原因",
        key=f"reason_text_{upload_id}",
        max_chars=reasons.LIMIT,
        placeholder="或在这里写明原因",
        label_visibility="collapsed",
        persist_state="session",
    )
    return (written or "").strip() or chosen


def corrections(plan: Plan) -> None:
    """Each row that is corrected: the entry in words, and its changed cells, old and new."""
    rows = [row for row in plan.rows if row.outcome is Outcome.CORRECTED]
    if not rows:
        return
    st.subheader(f"更正 {len(rows):,} 行：原来 → 现在", anchor=False)
    roster = reads.roster()
    lines = [_correction(row, roster) for row in rows[:_CORRECTIONS_SHOWN]]
    parts.listing(lines[:_CORRECTIONS_OPEN])
    if lines[_CORRECTIONS_OPEN:]:
        with st.expander(f"另外 {len(rows) - _CORRECTIONS_OPEN:,} 行"):
            parts.listing(lines[_CORRECTIONS_OPEN:])
            if len(rows) > len(lines):
                st.caption(f"只列出前 {len(lines)} 行，过账的是全部 {len(rows):,} 行。")


def _correction(row: PlannedRow, roster: Roster) -> Mapping[str, str]:
    changes = [f"{name}：{old} → {new}" for name, old, new in row.differences(roster)]
    return {
        "行": f"“{row.checked.place.sheet}”第 {row.checked.place.row} 行",
        "记录": _entry_words(row, roster),
        "改动": "；".join(changes) or "内容不变，撤回后重新计入",
    }


def _entry_words(row: PlannedRow, roster: Roster) -> str:
    """What makes the row this entry and no other, in words."""
    kind, entry = LOG_KINDS[row.checked.kind], row.checked.entry
    if entry is None:
        return ""
    said = cells(kind, entry, roster)
    headings = (kind.by_slug[slug].heading for slug in kind.key_fields)
    return " · ".join(said[heading] for heading in headings if heading in said)


def remarks(plan: Plan) -> None:
    """What else is to be known of the file; it keeps nothing from being posted."""
    if plan.remarks:
        st.subheader("提示（不影响过账）", anchor=False)
        parts.problems(_grouped(plan.remarks))


def _grouped(said: Sequence[Problem]) -> Sequence[str]:
    """One line for what is said of many rows, the rows counted up in it."""
    rows: defaultdict[Problem, list[int]] = defaultdict(list)
    for remark in said:
        alike = Problem(replace(remark.place, row=0), replace(remark.fault, found=""))
        rows[alike].append(remark.place.row)
    return [f"{alike}{row_words(numbers)}" for alike, numbers in rows.items()]
