"""The pieces of the page of a month's settlement: the months, the figures, the steps to signing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review, sees_acceptance
from lib.actions.close_month import proposed
from lib.contract import Events, PersonDays, Visits
from lib.kpi import settled
from lib.kpi.closing import Stage, next_to_look_at, standings
from lib.kpi.overview import percent
from lib.kpi.scope import Scope
from lib.kpi.selection import Selection, delivered
from lib.kpi.settlement import last_day
from lib.periods import local_text
from lib.store import signatures
from lib.store.engine import reading
from lib.ui import links, parts, reads
from lib.ui.links import linked
from lib.ui.navigation import NotFoundError
from lib.ui.parts import Tile, quantity
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from fractions import Fraction

    from lib.access import Viewer
    from lib.actions.close_month import Proposal
    from lib.contract import Obligation
    from lib.kpi.closing import MonthStanding
    from lib.kpi.settled import Settled, SettledLine
    from lib.ui.links import Link

_STYLE = Path(__file__).with_name("settlement.css")
_PAGE = "settlement"
ABOUT_TO_SIGN = "about_to_sign"  # the month whose form this visit has on screen


def months() -> Sequence[MonthStanding]:
    """Every month of the contract and where it stands at this moment."""
    here = office()
    with reading(here.engine) as connection:
        every = signatures.listed(connection, here.stored.id)
    return standings(here.contract, every, clock.business_today())


def chosen(every: Sequence[MonthStanding]) -> MonthStanding:
    """The month that the address names, else the one to be looked at next.

    A month that its visitor was about to sign when somebody else did comes first.
    NotFoundError where the address names none of the contract's months.
    """
    asked = st.query_params.get("month", "")
    by_month = {str(each.month): each for each in every}
    if asked:
        if asked not in by_month:
            raise NotFoundError
        return by_month[asked]
    before = by_month.get(st.session_state.get(ABOUT_TO_SIGN, ""))
    return before if before and before.signature else next_to_look_at(every)


def strip(every: Sequence[MonthStanding], now: MonthStanding) -> None:
    """The months beside each other, each with where it stands; the chosen one is marked."""
    st.html(_STYLE)
    shown = "".join(_month(each, is_chosen=each == now) for each in every)
    st.html(f'<nav class="months" aria-label="合同各月">{shown}</nav>')


def _month(standing: MonthStanding, *, is_chosen: bool) -> str:
    address = links.to(_PAGE, month=standing.month)
    current = ' aria-current="page"' if is_chosen else ""
    again = ""
    if standing.earlier:
        word = "曾重新打开" if standing.signature else "已重新打开"
        again = f'<span class="again">{word}</span>'
    held = standing.signature
    by = f" {escape(held.signed_by)}" if held else ""
    return (
        f'<a class="{standing.stage}" href="{escape(address)}" target="_self"{current}>'
        f"<b>{standing.month}</b>{standing.stage.label}{by}{again}</a>"
    )


@dataclass(frozen=True)
class Shown:
    """What the page shows of a month: as it was signed, or as it is now; and what it is now.

    `entries` is the number of rows behind it.
    """

    standing: MonthStanding
    settled: Settled
    entries: int
    now: Proposal

    @property
    def day(self) -> date:
        """The day through which entries count."""
        return min(self.settled.as_of, clock.business_today())


def shown(standing: MonthStanding) -> Shown | None:
    """The month as it is to be shown; None when it has not begun."""
    today = clock.business_today()
    if standing.month.first > today:
        st.info(f"{standing.month} 还没有开始，没有可看的数字。")
        return None
    scope = Scope(office().stored, today)
    now: Proposal = reads.of(proposed, last_day(scope, standing.month), standing.month)
    held = standing.signature
    if held:
        return Shown(standing, settled.read(held.figures), held.entries, now)
    return Shown(standing, now.settled, len(now.rows), now)


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
            f"没有定论 {month.settled.undecided} 个 · 已认定 {states.get('confirmed', 0)} 个",
        ),
    ]
    if month.settled.amount is not None:
        doubt = month.settled.amount_in_doubt
        note = f"其中存疑 {_yuan(doubt)} 元，未扣减" if doubt else "按合同文件的单价计"
        tiles.append(Tile("本月计量金额", _yuan(month.settled.amount), "元", note))
    parts.tiles(tiles)


def _to_findings(month: Shown) -> str:
    return links.to("findings", month=month.settled.month)


def _yuan(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount:,.2f}"


def table(viewer: Viewer, month: Shown) -> None:
    """Obligation by obligation: what is contracted, due, delivered, in doubt, checked, payable."""
    obligations = {each.code: each for each in office().contract.obligations}
    priced = any(line.unit_price for line in month.settled.lines)
    rows = [
        _row(viewer, month, line, obligations.get(line.code), priced=priced)
        for line in month.settled.lines
    ]
    parts.listing(rows, numbers=[heading for heading in rows[0] if heading != _ITEM])
    st.caption(
        "存疑：已认定疑点涉及的人天；待核：还没有定论的疑点涉及的人天。"
        "两者只列在旁边，不从完成量和计量中扣减。"
        "可计量：当月完成量中不超过合同量的部分。"
    )


_ITEM = "服务项目"


def _row(
    viewer: Viewer,
    month: Shown,
    line: SettledLine,
    obligation: Obligation | None,
    *,
    priced: bool,
) -> Mapping[str, str | Link]:
    in_month, to_date = _rows_behind(month, line, obligation)
    checked = line.checked
    samples = links.to("samples", month=month.settled.month) if sees_acceptance(viewer) else ""
    results = f"{checked.true}/{checked.true + checked.untrue + checked.unverifiable}"
    cells: dict[str, str | Link] = {
        _ITEM: f"{line.name}（{line.unit}）",
        "合同量": quantity(line.required),
        "当月应完成": quantity(line.due),
        "当月完成": linked(quantity(line.delivered), in_month),
        "累计应完成": quantity(line.due_to_date),
        "累计完成": linked(quantity(line.delivered_to_date), to_date),
        "存疑": _in_doubt(month, line.doubt.confirmed),
        "待核": _in_doubt(month, line.doubt.undecided),
        "抽查属实/已查": linked(results, samples) if checked.drawn else "—",
        "可计量": quantity(line.payable),
    }
    if priced:
        price = f"{line.unit_price:,.2f}" if line.unit_price else "—"
        cells |= {"单价（元）": price, "金额（元）": _yuan(line.amount)}
    return cells


def _in_doubt(month: Shown, days: Fraction) -> str | Link:
    return linked(quantity(days), _to_findings(month)) if days else "—"


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
    st.markdown("**付款依据**")
    st.text(f"合同约定：{words}。")
    lines = month.settled.lines
    if month.settled.amount is None:
        st.caption("合同文件没有写单价，这里只列可计量的数量；写上单价后同时列出金额。")
    elif not all(line.unit_price for line in lines):
        st.caption("金额 = 可计量 × 单价，四舍五入到分；没有写单价的项目不计金额。")
    else:
        st.caption("金额 = 可计量 × 单价，四舍五入到分。")


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
        st.caption("签认之后，本月的疑点或抽查又有处理；本页显示的是签认时的情况。")


def _now(line: SettledLine | None) -> str:
    if line is None:
        return "没有这一项"
    return f"{quantity(line.delivered_to_date)} / {quantity(line.required)} {line.unit}"


def _numbers(line: SettledLine | None) -> object:
    """What of a line follows from the ledger alone."""
    if line is None:
        return None
    return (line.required, line.due, line.delivered, line.due_to_date, line.delivered_to_date)


def steps(viewer: Viewer, month: Shown) -> None:
    """What a reviewer does with a month, in order, and where each step stands."""
    if not may_review(viewer):
        return
    checked = [line.checked for line in month.settled.lines]
    drawn = sum(each.drawn for each in checked)
    looked_at = sum(each.true + each.untrue + each.unverifiable for each in checked)
    undecided, stage = month.settled.undecided, month.standing.stage
    number = month.settled.month
    listed = (
        (
            linked("疑点", links.to("findings", month=number)),
            f"{undecided} 个没有定论" if undecided else "都有了定论",
            not undecided,
        ),
        (
            linked("抽查", links.to("samples", month=number)),
            f"已查 {looked_at} / 抽中 {drawn}" if drawn else "还没有抽",
            bool(drawn) and looked_at == drawn,
        ),
        ("签认", stage.label, stage is Stage.SIGNED),
        (
            linked("报告和档案", links.to("files", month=number)),
            "可以出具" if stage is Stage.SIGNED else "签认后出具",
            False,
        ),
    )
    items = "".join(
        f'<li class="{"finished" if is_done else "open"}">{links.content(name)}'
        f"<small>{'✓ ' if is_done else ''}{escape(where)}</small></li>"
        for name, where, is_done in listed
    )
    st.html(f'<ol class="steps">{items}</ol>')


def history(standing: MonthStanding) -> None:
    """The signatures that held before the month was opened again, for good."""
    if not standing.earlier:
        return
    st.subheader("以往的签认", anchor=False)
    parts.listing(
        [
            {
                "签认": f"{local_text(each.signed_at)}，{each.signed_by}",
                "记录": f"{each.entries:,} 条",
                "校验值": each.hash[:12],
                "重新打开": f"{local_text(each.reopened_at)}，{each.reopened_by}"
                if each.reopened_at
                else "—",
                "原因": each.reason or "—",
            }
            for each in standing.earlier
        ]
    )
