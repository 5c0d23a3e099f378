"""The pieces of the page of territories: each team's load, what the ledger suggests, the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from lib import clock
from lib.actions import territories
from lib.errors import RefusedError
from lib.kpi.presence import busiest
from lib.store import territories as stored_territories
from lib.ui import acts, parts, pieces, reads
from lib.ui.parts import Tile
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.kpi.presence import Presence
    from lib.kpi.scope import Scope
    from lib.rosters import Roster

_SAID, _TABLE, _SAVE = "territories_said", "territories_table", "territories_save"
_TEAM = "小组"
_NOBODY = "未分工"


@dataclass(frozen=True)
class Known:
    """The rosters, which team looks after which locality, and which is busiest in it."""

    roster: Roster
    teams: Mapping[str, str]
    busiest: Mapping[str, Presence]

    @property
    def suggested(self) -> Mapping[str, str]:
        """The busiest teams of the localities that are nobody's."""
        return {
            code: each.team
            for code, each in self.busiest.items()
            if code not in self.teams and each.team in self.roster.teams
        }


def known() -> Known:
    """What is known at this moment."""
    return _known(_day())


def _day() -> date:
    return office().contract.as_of(None, clock.business_today())


def _known(day: date) -> Known:
    return Known(reads.roster(), reads.of(_teams, reads.ANY_DAY), reads.of(busiest, day))


def _teams(connection: Connection, scope: Scope) -> Mapping[str, str]:
    return stored_territories.load(connection, scope.contract_id)


def said() -> None:
    """What the last act did, or why it was not done."""
    acts.told(_SAID)


def loads() -> None:
    """What each team looks after: localities, elders and households."""
    pieces.kept(_loads, _day())


def _loads(day: date) -> None:
    found = _known(day)
    parts.tiles([_load(found, team) for team in (*found.roster.teams, None)])


def _load(found: Known, team: str | None) -> Tile:
    roster = found.roster
    places = {code for code in roster.localities if found.teams.get(code) == team}
    elders = sum(each.locality in places for each in roster.elders.values())
    homes = sum(each.locality in places for each in roster.households.values())
    note = f"特困老人 {elders:,} · 困难家庭 {homes:,}"
    return Tile(team or _NOBODY, str(len(places)), "个村（社区）", note)


def suggestion(viewer: Viewer, found: Known) -> None:
    """What the ledger suggests for the localities that are nobody's, taken over by a button."""
    given = found.suggested
    if not given:
        return
    number = Counter(given.values())
    words = "、".join(f"{team} {number[team]} 个" for team in found.roster.teams if number[team])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<p class="summary">还有 {len(given)} 个村（社区）没有分工，但台账里已有记录；'
            f"按各村记录最多的小组建议（{escape(words)}），点了才算数。</p>"
        )
        if st.button("采用建议"):
            _assign(viewer, given)


def table(viewer: Viewer, found: Known) -> None:
    """Every locality with its team, to be changed in place; saved by a button."""
    st.caption("点“小组”一格来改，改完按保存。未分工的村（社区）出现在每个组的待办清单里。")
    teams = [_NOBODY, *dict.fromkeys([*found.roster.teams, *found.teams.values()])]
    key = f"{_TABLE} {st.session_state.get(_TABLE, 0)}"
    frame = reads.made(_frame, _day())
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        width="stretch",
        height=620,
        disabled=[heading for heading in frame.columns if heading != _TEAM],
        column_config={
            _TEAM: st.column_config.SelectboxColumn(_TEAM, options=teams, required=True)
        },
    )
    changes = _changes(found, key)
    save = f"保存 {len(changes)} 处改动"
    if st.button(save, type="primary", disabled=not changes, key=_SAVE):
        _assign(viewer, changes)


def _frame(day: date) -> pd.DataFrame:
    found = _known(day)
    roster = found.roster
    elders = Counter(each.locality for each in roster.elders.values())
    homes = Counter(each.locality for each in roster.households.values())
    return pd.DataFrame(
        {
            "街道": place.subdistrict,
            "村（社区）": place.name,
            _TEAM: found.teams.get(code, _NOBODY),
            "台账建议": _suggested(found.busiest.get(code)),
            "特困老人": elders[code],
            "困难家庭": homes[code],
        }
        for code, place in roster.localities.items()
    )


def _suggested(most: Presence | None) -> str:
    return f"{most.team}（{most.entries:,} 条记录）" if most else "—"


def _changes(found: Known, key: str) -> Mapping[str, str | None]:
    """The teams that were chosen anew, by locality: nothing else the browser says is taken."""
    codes = list(found.roster.localities)
    edited: Mapping[int, Mapping[str, str]] = st.session_state[key]["edited_rows"]
    chosen = {
        codes[row]: None if cells[_TEAM] == _NOBODY else cells[_TEAM]
        for row, cells in edited.items()
        if 0 <= row < len(codes) and _TEAM in cells
    }
    return {code: team for code, team in chosen.items() if found.teams.get(code) != team}


def _assign(viewer: Viewer, teams: Mapping[str, str | None]) -> None:
    """Give the localities to the teams, keep what came of it, and draw the page anew."""
    here = office()
    try:
        number = territories.assign(here.engine, here.stored, viewer, teams, clock.now())
        st.session_state[_SAID] = (True, f"已保存 {number} 个村（社区）的分工。")
    except RefusedError as refusal:
        st.session_state[_SAID] = (False, refusal.sentence)
    st.session_state[_TABLE] = st.session_state.get(_TABLE, 0) + 1
    st.rerun()
