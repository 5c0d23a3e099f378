"""The receipts as a list: whose, of which month and log kind, what each did, whether undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.kpi import receipts
from lib.kpi.receipts import OPERATORS, Asked
from lib.kpi.rows import Page
from lib.logs import LOG_KINDS
from lib.logs.entry import Source
from lib.periods import Month
from lib.store.engine import reading
from lib.ui import choices, frame, links, paging, parts, pieces, reads
from lib.ui.links import Link
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.kpi.scope import Scope
    from lib.store.ledger import Receipt
    from lib.ui.parts import Cell

_PAGE = 30
_WHOSE = {"": "全组", "own": "本人"}
_NONE = "—"


def listing(viewer: Viewer) -> None:
    """The receipts that the viewer may see, narrowed by the choices in the address."""
    asked = _asked(viewer)
    number = reads.of(_number, reads.ANY_DAY, asked)
    if not number:
        st.info("还没有过账记录。")
        return
    page = Page(_PAGE, paging.asked("page", number, _PAGE))
    with pieces.together():
        pieces.kept(_listed, asked, page, number)
        paging.ways("history", "page", page.number, number, page.size)


def _number(connection: Connection, scope: Scope, asked: Asked) -> int:
    return receipts.number_of(connection, scope.contract_id, asked)


def _listed(asked: Asked, page: Page, number: int) -> None:
    here = office()
    with reading(here.engine) as connection:
        shown = receipts.listed(connection, here.stored.id, asked, page)
        sides = receipts.other_sides(connection, here.stored.id, shown)
    pieces.draw(f'<p class="summary">共 <b>{number:,}</b> 张回执，点回执号看它改动了哪些记录</p>')
    parts.listing([_line(each, sides.get(each.receipt_id)) for each in shown])


def _asked(viewer: Viewer) -> Asked:
    """Of whom, of which month and log kind; a team lead has only the own team's."""
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = _of_team(viewer) if viewer.team else Asked(team=_team())
        words = {str(month): str(month) for month in reads.of(_months, reads.ANY_DAY, asked)}
        month = choices.one_of("month", "月份", {"": "全部月份", **words})
        sheets = {kind: LOG_KINDS[kind].sheet for kind in office().contract.kinds}
        kind = choices.one_of("kind", "日志种类", {"": "全部种类", **sheets})
    until = frame.day_asked() if kind else None
    return replace(asked, month=Month.parse(month) if month else None, kind=kind, until=until)


def _months(connection: Connection, scope: Scope, asked: Asked) -> Sequence[Month]:
    return receipts.months(connection, scope.contract_id, asked)


def _of_team(viewer: Viewer) -> Asked:
    mine = choices.pills("whose", "谁的", _WHOSE)
    return Asked(viewer.team or "", viewer.name if mine else "")


def _team() -> str:
    """One of the teams that receipts are of, or all."""
    teams = reads.of(_teams, reads.ANY_DAY)
    words = {team: "命令行导入" if team == OPERATORS else team for team in teams}
    return choices.one_of("team", "小组", {"": "全部小组", **words})


def _teams(connection: Connection, scope: Scope) -> Sequence[str]:
    return receipts.teams(connection, scope.contract_id)


def _line(receipt: Receipt, other: Receipt | None) -> Mapping[str, Cell]:
    """A receipt's cells by heading; `other` undoes it, or is undone by it."""
    return {
        "回执号": Link(receipt.number, links.to("receipt", id=receipt.receipt_id)),
        "时间": clock.local_text(receipt.posted_at),
        "来源": Source(receipt.source).label,
        "文件": receipt.file_name,
        "经办": who(receipt),
        "撤销": side(receipt, other) if other else _NONE,
        "原因": receipt.reason or _NONE,
        "新增": receipt.added,
        "更正": receipt.corrected,
        "未变": receipt.unchanged,
        "退回": receipt.refused,
        "撤回": receipt.withdrawn,
    }


def who(receipt: Receipt) -> str:
    """Who answers for a receipt, and of which team."""
    return f"{receipt.posted_by}（{receipt.team}）" if receipt.team else receipt.posted_by


def side(receipt: Receipt, other: Receipt) -> Link:
    """The receipt that undoes this one, or the one that it undoes."""
    word = "撤销了" if receipt.undoes else "已撤销，见"
    return Link(f"{word} {other.number}", links.to("receipt", id=other.receipt_id))
