"""The rosters page's pieces: figures beside the contract's, the import, the members."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from lib import clock
from lib.access import masked_name, sees_full_names
from lib.actions import import_rosters
from lib.actions.record_refusal import record_refusal
from lib.errors import UnreadableError
from lib.rosters import SHEETS, disagreements
from lib.store import contracts
from lib.ui import parts, reads
from lib.ui.resources import office
from lib.workbooks.reading import Workbook, read_workbook

if TYPE_CHECKING:
    from lib.access import Viewer
    from lib.actions.import_rosters import RosterImport
    from lib.rosters import Roster, RosterSheet

_READ, _DONE = "rosters_read", "rosters_done"
_PRESENT = {
    "staff": ("今日在岗", attrgetter("on_post")),
    "elder": ("今日在册", attrgetter("on_roster")),
}
_NAMES = {"staff": "name", "elder": "name", "household": "head_name"}


def figures(roster: Roster) -> None:
    """How many members each roster counts today, and where it differs from the contract."""
    parts.tiles([_tile(sheet, roster) for sheet in SHEETS])
    contract = office().contract
    for words in disagreements(contract, roster.listed(contract.start)):
        st.warning(f"与合同不一致：{words}。以合同数为分母，名册数并列显示。")


def _tile(sheet: RosterSheet, roster: Roster) -> parts.Tile:
    """Members as of today; beside them all who are listed, where some have left or are to come."""
    listed = roster.members(sheet.slug).values()
    total = f"{len(listed):,}"
    if sheet.slug not in _PRESENT:
        return parts.Tile(sheet.sheet, total)
    words, period = _PRESENT[sheet.slug]
    present = f"{sum(clock.business_today() in period(member) for member in listed):,}"
    return parts.Tile(
        sheet.sheet, present, note=words if present == total else f"{words}，名册共 {total}"
    )


def import_form(viewer: Viewer) -> None:
    """Choose a workbook, see what would change, import it."""
    done: RosterImport | None = st.session_state.pop(_DONE, None)
    if done:
        new = sum(count.new for count in done.sheets.values())
        changed = sum(count.changed for count in done.sheets.values())
        st.success(f"名册已导入：新增 {new} 条，变更 {changed} 条，旧内容已留存。")
    titles = "、".join(sheet.sheet for sheet in SHEETS)
    file = st.file_uploader(f"选择名册（.xlsx，工作表：{titles}）", type=["xlsx"])
    if file is None:
        st.session_state.pop(_READ, None)
        return
    if st.session_state.get(_READ, (None,))[0] != file.file_id:
        with st.spinner("正在读取……"):
            st.session_state[_READ] = (file.file_id, _read(viewer, file.name, file.getvalue()))
    outcome = st.session_state[_READ][1]
    if not isinstance(outcome, Workbook):
        st.error(f"文件整份退回：{outcome}")
        return
    here = office()
    planned = import_rosters.preview(here.engine, here.stored, viewer, outcome)
    _plan_view(planned)
    if planned.changes:
        if st.button(f"导入 {len(planned.changes)} 条", type="primary"):
            st.session_state[_DONE] = import_rosters.import_rosters(
                here.engine, here.stored, viewer, outcome, clock.now()
            )
            st.rerun()
    else:
        st.info("名册没有变化。")


def _read(viewer: Viewer, name: str, data: bytes) -> Workbook | str:
    """The workbook, or the sentence with which it is refused whole; the attempt is recorded."""
    here = office()
    outcome: Workbook | str
    try:
        outcome = read_workbook(name, data)
        planned = import_rosters.preview(here.engine, here.stored, viewer, outcome)
        reason = planned.refused_whole
    except UnreadableError as unreadable:
        reason = outcome = unreadable.sentence
    if reason:
        with contracts.acting(here.engine, here.stored) as connection:
            record_refusal(
                connection,
                here.stored,
                viewer,
                name=name,
                data=data,
                reason=reason,
                now=clock.now(),
            )
    return outcome


def _plan_view(planned: RosterImport) -> None:
    counts = pd.DataFrame(
        [
            {
                "名册": title,
                "新增": count.new,
                "变更": count.changed,
                "未变": count.unchanged,
                "退回": count.refused,
                "表中没有（保留）": len(count.missing),
            }
            for title, count in planned.sheets.items()
        ]
    )
    st.dataframe(counts, hide_index=True, width="stretch")
    for title, count in planned.sheets.items():
        if count.missing:
            listed = "、".join(count.missing[:20])
            more = f"等 {len(count.missing)} 个" if len(count.missing) > 20 else ""  # noqa: PLR2004
            st.warning(f"{title}：表中没有这些编号，名册里仍保留：{listed}{more}")
    if planned.problems:
        st.subheader("退回的行", anchor=False)
        st.dataframe(
            pd.DataFrame(
                {
                    "名册": [p.place.sheet for p in planned.problems],
                    "行": [p.place.row for p in planned.problems],
                    "列": [p.place.column for p in planned.problems],
                    "问题": [p.fault.sentence for p in planned.problems],
                }
            ),
            hide_index=True,
            width="stretch",
        )


def members(viewer: Viewer) -> None:
    """The members of each roster, names masked for those who need not see them."""
    for tab, sheet in zip(st.tabs([s.sheet for s in SHEETS]), SHEETS, strict=True):
        with tab:
            listed = reads.made(_columns, sheet.slug, sees_full_names(viewer))
            if listed.empty:
                st.info("名册还是空的，请先导入。")
            else:
                st.dataframe(listed, hide_index=True, width="stretch", height=420)


def _columns(slug: str, in_full: bool) -> pd.DataFrame:  # noqa: FBT001 - part of a key
    """A roster's columns as texts, names in full or masked."""
    roster = reads.roster()
    (sheet,) = (each for each in SHEETS if each.slug == slug)
    said = {"locality": lambda code: roster.localities[code].name}
    if not in_full and slug in _NAMES:
        said[_NAMES[slug]] = masked_name
    listed = roster.members(slug).values()
    return pd.DataFrame(
        {
            field.heading: [said.get(field.slug, _text)(getattr(m, field.slug)) for m in listed]
            for field in sheet.fields
        }
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
