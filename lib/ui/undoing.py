"""Undoing a receipt on its page: what it will do is shown first, then a reason is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from lib import clock
from lib.access import may_undo
from lib.actions import frozen, undo
from lib.actions.undo import Why
from lib.errors import RefusedError
from lib.kpi import versions
from lib.kpi.cells import Eyes
from lib.logs.entry import Source
from lib.store.engine import reading
from lib.store.ledger import receipt_number
from lib.ui import acts, effects, paging, parts, reads, receipt
from lib.ui.parts import Tile
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lib.access import Viewer
    from lib.actions.undo import Left, Undoing
    from lib.kpi.versions import Version
    from lib.store.ledger import Receipt

    T = TypeVar("T")

_ACT = "undo"
_COMMON = ("传错了文件", "整份内容有误", "重复上传")
_PAGE = 20
_NOTE = (
    "撤销本身不能再撤销。要让撤回的内容重新计入，请重新上传原文件并勾选“重新计入”，"
    "或者打开单条记录点“重新计入”。"
)


def is_looked_at(viewer: Viewer, of: Receipt) -> bool:
    """Whether undoing the receipt is being looked at, by somebody who may."""
    return acts.looked_at() == _ACT and may_undo(viewer, of.team)


def way(viewer: Viewer, of: Receipt, undone: Receipt | None) -> None:
    """The way to undo the receipt, for its own team's lead, unless it is one or is undone.

    What of it lies in closed months is said before; when all of it does, there is no way.
    """
    if may_undo(viewer, of.team):
        if of.source == Source.UNDOING:
            st.caption(_NOTE)
        elif undone is None:
            here = office()
            closed, some_open = frozen.of_receipt(here.engine, here.stored, of.receipt_id)
            if closed:
                st.info(closed)
            if some_open:
                acts.way(_ACT, "撤销这张回执…")


def look_at(viewer: Viewer, of: Receipt) -> None:
    """Say what the undoing will do, ask why, and do it."""
    here, scope, number = office(), effects.scope_now(), of.receipt_id
    st.subheader("撤销这张回执：先核对", anchor=False)
    try:
        with st.spinner("正在核对……"):
            planned = undo.plan(here.engine, here.stored, viewer, number)
            effect = undo.foreseen(here.engine, scope, viewer, number, clock.now())
    except RefusedError as refusal:
        acts.refused(refusal.sentence)
        return
    shown = acts.seen_before(f"undoing_{number}", planned.sha256)
    parts.tiles(
        [
            Tile("将撤回", f"{len(planned.withdrawn):,}", "条", "不再计入"),
            Tile("将恢复原内容", f"{len(planned.set_back):,}", "条", "以更正前的内容计入"),
            Tile("保持不变", f"{len(planned.left):,}", "条", "后来另有变化，或已封存"),
            Tile("人天合计", effects.change(effect), "人天" if effect.person_days else ""),
        ]
    )
    effects.moved(effect, scope.as_of)
    _entries(viewer, planned)
    st.caption(_NOTE)
    acts.ask(
        f"确认撤销回执 {of.number}",
        _COMMON,
        lambda reason: undo.undo(
            here.engine,
            here.stored,
            viewer,
            number,
            reason=reason,
            now=clock.now(),
            shown=shown,
        ),
    )


def _entries(viewer: Viewer, planned: Undoing) -> None:
    """Every entry of the receipt: what stops counting, what is set back, what stays and why."""
    eyes = Eyes(viewer, reads.roster())
    _paged(
        "withdraws",
        "将撤回",
        [(each.entry_id, each.version) for each in planned.withdrawn],
        lambda pairs: receipt.entries(eyes, pairs),
    )
    _paged(
        "sets_back",
        "将恢复原内容",
        [(each.entry_id, each.version, each.back_to or 0) for each in planned.set_back],
        lambda steps: receipt.corrected(eyes, steps, ("现在", "撤销后")),
    )
    _paged("leaves", "保持不变", planned.left, lambda left: _left(eyes, left))


def _paged(part: str, title: str, listed: Sequence[T], draw: Callable[[Sequence[T]], None]) -> None:
    """A page of some entries under their title; nothing where there are none."""
    if not listed:
        return
    st.subheader(f"{title} {len(listed):,} 条", anchor=False)
    number = paging.asked(part, len(listed), _PAGE)
    draw(listed[_PAGE * (number - 1) : _PAGE * number])
    paging.ways("receipt", part, number, len(listed), _PAGE)


def _left(eyes: Eyes, left: Sequence[Left]) -> None:
    """The entries that stay as they are, who changed them and when."""
    here = office()
    pairs = [(each.entry_id, each.version) for each in left]
    with reading(here.engine) as connection:
        said = versions.named(connection, here.stored.id, pairs)
    shown = [(each.why, said[each.entry_id, each.version]) for each in left]
    parts.listing([receipt.line(eyes, v) | {"为什么": _because(why, v)} for why, v in shown])


def _because(why: Why, version: Version) -> str:
    """Why an entry stays, who did it and when."""
    match why:
        case Why.CHANGED:
            number = receipt_number(version.receipt_id, version.posted_at)
            when = clock.local_text(version.posted_at)
            return f"{why.label}：{when}，{version.posted_by}，回执 {number}"
        case Why.WITHDRAWN if version.withdrawn_at:
            when = clock.local_text(version.withdrawn_at)
            return f"{why.label}：{when}，{version.withdrawn_by}"
        case _:
            return why.label
