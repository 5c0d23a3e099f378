"""What the own team's lead can do with an entry: correct, withdraw, count again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_record, may_see_file
from lib.actions import restore, withdraw
from lib.errors import RefusedError
from lib.store.ledger import receipt_number
from lib.ui import acts, effects, links, parts, reads
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Callable

    from lib.access import Viewer
    from lib.kpi.effects import Effect
    from lib.kpi.versions import Version
    from lib.rosters import Roster


@dataclass(frozen=True)
class _Act:
    """An act on one entry, in words, and the functions that foresee it and do it."""

    label: str
    will: str
    common: tuple[str, ...]
    foreseen: Callable[..., Effect]
    do: Callable[..., object]


_ACTS = {
    "withdraw": _Act(
        "撤回这条",
        "不再计入",
        ("录错了", "重复录入", "当天没有开展", "人员或地点不对"),
        withdraw.foreseen,
        withdraw.withdraw,
    ),
    "restore": _Act(
        "重新计入",
        "重新计入",
        ("撤回有误", "已核实属实"),
        restore.foreseen,
        restore.restore,
    ),
}


def offered(viewer: Viewer, newest: Version, roster: Roster) -> None:
    """The acts on an entry, given by its newest version, for its own team's lead.

    Of a closed month there are none, which everybody is told.
    """
    closed = reads.frozen().sentence([newest.day])
    if closed:
        st.info(closed)
        return
    if not may_record(viewer, newest.people, roster):
        return
    # Also when somebody else has done it by now: then that is said.
    act = _ACTS.get(acts.looked_at())
    if act:
        _look_at(viewer, newest, act)
        return
    possible = "restore" if newest.withdrawn_at else "withdraw"
    with st.container(horizontal=True, vertical_alignment="center"):
        acts.way(possible, f"{_ACTS[possible].label}…")
        parts.ways(("更正这条", links.to("quick_entry", entry=newest.entry_id)))


def _look_at(viewer: Viewer, newest: Version, act: _Act) -> None:
    """Say what the act will do, ask why, and do it."""
    here, scope, entry_id = office(), effects.scope_now(), newest.entry_id
    shown = acts.seen_before(f"entry_{entry_id}", str(newest.version))
    st.subheader(act.label, anchor=False)
    try:
        with st.spinner("正在核对……"):
            effect = act.foreseen(here.engine, scope, viewer, entry_id, clock.now())
    except RefusedError as refusal:
        acts.refused(refusal.sentence)
        return
    st.info(f"此条将{act.will}：{effects.words(effect)}。内容、来源和原因都留在台账里，仍可查阅。")
    effects.moved(effect, scope.as_of)
    acts.ask(
        f"确认{act.label}",
        act.common,
        lambda reason: act.do(
            here.engine,
            here.stored,
            viewer,
            entry_id,
            reason=reason,
            now=clock.now(),
            shown=int(shown),
        ),
    )


def receipt_way(viewer: Viewer, version: Version) -> None:
    """The way to the receipt that brought a version, for those who may see it."""
    if may_see_file(viewer, version.team):
        number = receipt_number(version.receipt_id, version.posted_at)
        parts.ways((f"回执 {number}", links.to("receipt", id=version.receipt_id)))
