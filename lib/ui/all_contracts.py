"""The pieces of the page of all contracts: how many stand how, and a row for each."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import oversees_all, require
from lib.kpi import all_contracts
from lib.kpi.all_contracts import Stand, counted, headline, worst
from lib.kpi.figures import Status, added
from lib.kpi.overview import percent
from lib.store import contracts
from lib.store.engine import reading
from lib.ui import choices, links, paging, parts
from lib.ui.links import Link
from lib.ui.parts import Tile, quantity
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lib.access import Viewer

_STYLE = Path(__file__).with_name("all_contracts.css")
_ROWS_A_PAGE = 50
_NAMED = 2  # items in a row
_DAYS = 8  # by which it is kept how all contracts stood
_NONE = "—"
_HEADINGS = ("人天完成", "应达", "合同", "完成率")
_ACT = "查看各合同"
_UNKNOWN = "条款未登记，请运行 migrate"


def days(viewer: Viewer) -> tuple[date, date]:
    """The first day of any contract, and the last one of any, or today."""
    require(oversees_all(viewer), _ACT)
    with reading(office().engine) as connection:
        first, last = contracts.span(connection)
    last = min(last, clock.business_today())
    return min(first, last), last


def stands(viewer: Viewer, day: date) -> Sequence[Stand]:
    """How all contracts stand as of a day, the one furthest behind first.

    Kept until any contract of the store changes; access is asked each time.
    """
    require(oversees_all(viewer), _ACT)
    here = office()
    with reading(here.engine) as connection:
        revision = contracts.revision_of_all(connection)
    return here.kept_of_all.found(revision, day, lambda: _found(day))


def _found(day: date) -> Sequence[Stand]:
    """The same, made of how they stood by that day before where nothing changed since."""
    here = office()
    with reading(here.engine) as connection:
        found = all_contracts.stands(connection, day, here.stood.get(day, ()))
    if len(here.stood) >= _DAYS:
        here.stood.clear()
    here.stood[day] = found
    return found


def summary(every: Sequence[Stand], day: date) -> None:
    """One sentence, and what all of them come to together."""
    among = counted(every)
    left_out = len(every) - len(among)
    note = f"截至 {day}，各合同最晚算到其期末"
    note += f" · 合计不含 {left_out} 个演示合同" if left_out else ""
    parts.headline(worst(among), headline(among), note)
    wholes = [each.whole for each in among if each.whole]
    delivered, due, required = (
        added([getattr(whole, part) for whole in wholes])
        for part in ("delivered", "due", "required")
    )
    behind = sum(len(each.behind) for each in among)
    posted = max((each.last_posted_at for each in among if each.last_posted_at), default=None)
    parts.tiles(
        [
            Tile(
                "人天合计",
                percent(delivered, required),
                f"应达 {percent(due, required)}",
                f"完成 {quantity(delivered)} / 合同 {quantity(required)} 人天",
                float(delivered / required) if required else None,
            ),
            Tile("滞后的服务项目", str(behind), "项", _spread(among)),
            Tile("本月记录", f"{sum(each.entries for each in among):,}", "条", f"{day:%Y-%m}"),
            Tile("最近一次过账", clock.local_text(posted)[:10] if posted else _NONE),
        ]
    )


def _spread(among: Sequence[Stand]) -> str:
    """In how many contracts an item is behind."""
    number = sum(bool(each.behind) for each in among)
    return f"在 {number} 个合同中" if number else ""


def chosen(every: Sequence[Stand]) -> Sequence[Stand]:
    """Those asked for by status and by a part of the name."""
    st.html(_STYLE)
    search, by = st.columns([1, 2])
    text = search.text_input(
        "查找", placeholder="查找合同名称", max_chars=40, label_visibility="collapsed"
    ).strip()
    with by:
        options = {"": f"全部 {len(every)}"}
        for status in Status:
            number = sum(each.status is status and each.whole is not None for each in every)
            if number:
                options[status] = f"{status.label} {number}"
        wanted = choices.pills("status", "按状态", options)
    return [
        each
        for each in every
        if text in each.contract.name and (not wanted or (each.whole and each.status == wanted))
    ]


def table(shown: Sequence[Stand], day: date) -> None:
    """A row for each, a page of them."""
    if not shown:
        st.info("没有这样的合同。")
        return
    page = paging.asked("page", len(shown), _ROWS_A_PAGE)
    head = (
        '<div class="row head" role="row"><span role="columnheader">合同</span>'
        '<span role="columnheader">状态</span><span class="legend" role="columnheader">'
        '<i class="f"></i>完成<i class="d"></i>应达</span>'
        + "".join(f'<span class="number" role="columnheader">{word}</span>' for word in _HEADINGS)
        + '<span role="columnheader">滞后的服务项目</span>'
        + "".join(
            f'<span class="number" role="columnheader">{word}</span>'
            for word in ("本月记录", "做到哪天", "最近过账")
        )
        + "</div>"
    )
    rows = "".join(
        _row(each, day) for each in shown[_ROWS_A_PAGE * (page - 1) : _ROWS_A_PAGE * page]
    )
    st.html(f'<div class="contracts" role="table" aria-label="各合同">{head}{rows}</div>')
    paging.ways("contracts", "page", page, len(shown), _ROWS_A_PAGE)


def _row(stand: Stand, day: date) -> str:
    return f'<div class="row" role="row">{_name(stand, day)}{_standing(stand)}</div>'


def _name(stand: Stand, day: date) -> str:
    """Name and period; one's own contract leads to its overview, others are served elsewhere."""
    listed = stand.contract
    own = listed.id == office().stored.id
    address = links.to(links.OVERVIEW, as_of=min(day, listed.end))
    name = Link(listed.name, address).markup if own else escape(listed.name)
    made_up = ' <span class="made-up">演示</span>' if listed.is_demonstration else ""
    return (
        f'<span class="name" role="cell"><b>{name}</b>{made_up}'
        f"<small>{listed.start} 至 {listed.end}</small></span>"
    )


def _standing(stand: Stand) -> str:
    if not stand.registered:
        return f'<span class="unknown" role="cell">{_UNKNOWN}</span>'
    texts, chip, bar = [_NONE] * len(_HEADINGS), "", ""
    if whole := stand.whole:
        rate = percent(whole.delivered, whole.required)
        texts = [*map(quantity, (whole.delivered, whole.due, whole.required)), rate]
        chip, bar = parts.chip(stand.status), parts.bar(whole, stand.status)
    numbers = "".join(_number(*each) for each in zip(_HEADINGS, texts, strict=True))
    return (
        f'<span class="status" role="cell">{chip}</span>'
        f'<span class="graph" role="cell">{bar}</span>{numbers}{_behind(stand)}{_fresh(stand)}'
    )


def _behind(stand: Stand) -> str:
    """The first items that are; where there is a mouse, all of them."""
    none = "" if stand.behind else " none"
    words = "、".join(stand.behind[:_NAMED]) or _NONE
    if len(stand.behind) > _NAMED:
        words += f" 等 {len(stand.behind)} 项"
    return (
        f'<span class="behind{none}" role="cell" title="{escape("、".join(stand.behind))}">'
        f'<span class="label">滞后</span>{escape(words)}</span>'
    )


def _fresh(stand: Stand) -> str:
    """How many entries of the month, the last day worked, the last posting."""
    last, posted = stand.last_entry_on, stand.last_posted_at
    return (
        _number("本月", f"{stand.entries:,} 条")
        + _number("做到", f"{last:%y-%m-%d}" if last else _NONE)
        + _number("过账", clock.local_text(posted)[2:10] if posted else _NONE)
    )


def _number(label: str, text: str) -> str:
    return (
        f'<span class="number" role="cell"><span class="label">{label}</span>{escape(text)}</span>'
    )
