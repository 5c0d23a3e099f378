"""The figures of a month's settlement: at a glance, line by line, what is paid for."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib.access import sees_acceptance
from lib.contract import Events, PersonDays, Visits
from lib.findings.found import State
from lib.kpi.overview import percent
from lib.kpi.selection import Selection, delivered
from lib.reports.words import quantity
from lib.ui import links, parts, pieces
from lib.ui.links import linked
from lib.ui.parts import Tile
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from fractions import Fraction

    from lib.contract import Obligation
    from lib.kpi.settled import SettledLine
    from lib.ui.links import Link
    from lib.ui.settlement import Shown


def glance(month: Shown) -> None:
    """The month in a few numbers: how far the contract is, the rows, what is in doubt, the sum."""
    done, required = month.settled.overall
    rows = links.to_rows(Selection(month=month.settled.month), month.day)
    states = month.settled.findings
    number = sum(states.values())
    tiles = [
        Tile(
            "全部人天项目，累计",
            percent(done, required),
            f"{quantity(done)} / {quantity(required)} 人天",
            meter=float(done / required) if required else None,
        ),
        Tile("本月记录", linked(f"{month.entries:,}", rows if month.entries else ""), "条"),
        Tile(
            "本月疑点",
            linked(f"{number:,}", _to_findings(month) if number else ""),
            "个",
            f"没有定论 {month.settled.undecided} 个 · 已认定 {states.get(State.CONFIRMED, 0)} 个",
        ),
    ]
    if month.settled.amount is not None:
        doubt = month.settled.amount_in_doubt
        note = f"其中存疑 {_yuan(doubt)} 元，未扣减" if doubt else "按合同文件的单价计"
        tiles.append(Tile("本月计量金额", _yuan(month.settled.amount), "元", note))
    parts.tiles(tiles)


def _to_findings(month: Shown, state: str = "") -> str:
    """Where the findings are; a team lead, who sees the own team's only, is not led from a sum."""
    if not sees_acceptance(month.viewer):
        return ""
    return links.to("findings", month=month.settled.month, state=state)


def _yuan(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount:,.2f}"


def table(month: Shown) -> None:
    """Obligation by obligation: what is contracted, due, delivered, in doubt, checked, payable."""
    obligations = {each.code: each for each in office().contract.obligations}
    priced = any(line.unit_price for line in month.settled.lines)
    rows = [
        _row(month, line, obligations.get(line.code), priced=priced) for line in month.settled.lines
    ]
    if not rows:
        pieces.info("合同文件没有写人天定额，也没有写义务，没有可计付的项目。")
        return
    parts.listing(rows, numbers=[heading for heading in rows[0] if heading != _ITEM])
    pieces.note(
        "存疑：已认定疑点涉及的人天；待核：还没有定论的疑点涉及的人天。"
        "两者只列在旁边，不从完成量和计量中扣减。"
        "可计付：当月完成量中不超过合同量的部分。"
    )


_ITEM = "服务项目"


def _row(
    month: Shown,
    line: SettledLine,
    obligation: Obligation | None,
    *,
    priced: bool,
) -> Mapping[str, str | Link]:
    in_month, to_date = _rows_behind(month, line, obligation)
    checked = line.checked
    samples = (
        links.to("samples", month=month.settled.month) if sees_acceptance(month.viewer) else ""
    )
    results = f"{checked.true}/{checked.looked_at}"
    cells: dict[str, str | Link] = {
        _ITEM: f"{line.name}（{line.unit}）",
        "合同量": quantity(line.required),
        "当月应完成": quantity(line.due),
        "当月完成": linked(quantity(line.delivered), in_month),
        "累计应完成": quantity(line.due_to_date),
        "累计完成": linked(quantity(line.delivered_to_date), to_date),
        "存疑": _in_doubt(month, line.doubt.confirmed, State.CONFIRMED),
        "待核": _in_doubt(month, line.doubt.undecided),
        "抽查属实/已查": linked(results, samples) if checked.drawn else "—",
        "可计付": quantity(line.payable),
    }
    if priced:
        price = f"{line.unit_price:,.2f}" if line.unit_price else "—"
        cells |= {"单价（元）": price, "金额（元）": _yuan(line.amount)}
    return cells


def _in_doubt(month: Shown, days: Fraction, state: str = "") -> str | Link:
    return linked(quantity(days), _to_findings(month, state)) if days else "—"


# Of these the rows of a month come to what was delivered in it. A household reached twice, or a
# case answered later than it was opened, has rows in months in which it does not count.
_BY_MONTH = (PersonDays, Visits, Events)


def _rows_behind(month: Shown, line: SettledLine, obligation: Obligation | None) -> tuple[str, str]:
    """Where the rows are of what was delivered in the month, and to date; empty without any."""
    if obligation is None:
        return "", ""
    wanted = delivered(obligation)
    to_date = links.to_rows(wanted, month.day) if line.delivered_to_date else ""
    if not line.delivered or not isinstance(obligation, _BY_MONTH):
        return "", to_date
    return links.to_rows(replace(wanted, month=month.settled.month), month.day), to_date


def terms(month: Shown) -> None:
    """How the contract pays, in its own words, and what that means for the numbers above."""
    held = month.standing.signature
    words = held.parameters["contract"]["payment"]["terms"] if held else _terms_now()
    pieces.draw('<p class="summary"><b>付款依据</b></p>')
    pieces.draw(f'<p class="summary">合同约定：{escape(words)}。</p>')
    lines = month.settled.lines
    if month.settled.amount is None:
        pieces.note("合同文件没有写单价，这里只列可计付的数量；写上单价后同时列出金额。")
    elif not all(line.unit_price for line in lines):
        pieces.note("金额 = 可计付 × 单价，四舍五入到分；没有写单价的项目不计金额。")
    else:
        pieces.note("金额 = 可计付 × 单价，四舍五入到分。")


def _terms_now() -> str:
    return office().contract.payment.terms


def differences(month: Shown) -> None:
    """Of a signed month: what would come out otherwise if it were computed today."""
    if month.standing.signature is None:
        return
    now = {line.code: line for line in month.now.settled.lines}
    moved = [
        f"{line.name}：签认时累计 {quantity(line.delivered_to_date)} / {quantity(line.required)} "
        f"{line.unit}，现在算得 {_now(now.get(line.code))}"
        for line in month.settled.lines
        if _numbers(now.get(line.code)) != _numbers(line)
    ]
    if moved:
        st.warning(
            "以下数字按今天的名册、日历和合同文件计算，会与签认时不同。本页仍显示签认时的数字。"
        )
        parts.problems(moved)
    elif month.now.settled != month.settled:
        pieces.note("签认之后，本月的疑点或抽查又有处理；本页显示的是签认时的情况。")


def _now(line: SettledLine | None) -> str:
    if line is None:
        return "没有这一项"
    return f"{quantity(line.delivered_to_date)} / {quantity(line.required)} {line.unit}"


def _numbers(line: SettledLine | None) -> object:
    """What of a line follows from the ledger alone."""
    if line is None:
        return None
    return (line.required, line.due, line.delivered, line.due_to_date, line.delivered_to_date)
