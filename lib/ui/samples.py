"""Samples on a page: those that were drawn; drawing one, what would be drawn said beforehand."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review
from lib.actions import draw_sample
from lib.errors import RefusedError
from lib.kpi import sample_words, samples
from lib.kpi.frame import Design
from lib.kpi.selection import Selection
from lib.logs import LOG_KINDS
from lib.periods import Month, months_of
from lib.ui import links, navigation, parts, pieces, reads
from lib.ui.links import Link
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.kpi.frame import Frame
    from lib.kpi.samples import Sample
    from lib.kpi.scope import Scope

_OTHER_DAYS = "自选日期"
_PLAIN = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no sign that is taken for another
_SEED, _WHEN, _DRAW = "sample_seed", "sample_when", "sample_draw"


def page(viewer: Viewer) -> None:
    """The samples, the newest first; to reviewers the way to another one."""
    pieces.kept(_so_far)
    if may_review(viewer):
        st.subheader("抽一次", anchor=False)
        _form(viewer)


def _so_far() -> None:
    """What a sample is for, and those that were drawn."""
    pieces.note(
        "从一段时间的记录里随机抽一部分到现场核对，由此推断全部记录有多少属实、误差多大；"
        "谁都可以按抽样码重抽一遍，结果一样。"
    )
    found = reads.of(_listed, reads.ANY_DAY)
    if found:
        parts.listing([_line(each) for each in found])
    else:
        pieces.info("还没有抽过。")


def _listed(connection: Connection, scope: Scope) -> Sequence[Sample]:
    return samples.listed(connection, scope.contract_id)


def _line(sample: Sample) -> Mapping[str, str | int | Link]:
    said, checked = sample.estimate(), sample.checked()
    words = sample_words.days(sample.first, sample.last)
    return {
        "抽查": Link(words, links.to("sample", id=sample.sample_id)),
        "项目": sample_words.kinds(sample.kinds, office().contract.kinds),
        "记录": sample.population,
        "抽取": checked.drawn,
        "已核查": checked.looked_at,
        "不符": checked.untrue,
        "属实率": f"{sample_words.share(said.rate)}（{sample_words.between(said)}）"
        if said
        else "—",
        "抽取时间": f"{clock.local_text(sample.drawn_at)} {sample.drawn_by}",
    }


def _form(viewer: Viewer) -> None:
    """What to draw from and how sure to be; what would be drawn; the press that draws."""
    design = _asked()
    if design is None:
        return
    seed = _seed()
    try:
        here, today = office(), clock.business_today()
        found = reads.made(_foreseen, today, viewer, design)
        pieces.kept(_summed, today, viewer, design)
        if st.button(f"抽取 {_drawn(found):,} 条", type="primary", key=_DRAW):
            number = draw_sample.draw(
                here.engine, here.stored, viewer, design, seed, today=today, now=clock.now()
            )
            navigation.go("acceptance/sample", id=str(number))
        pieces.kept(_spread, today, viewer, design)
    except RefusedError as refusal:
        st.warning(refusal.sentence)


def _foreseen(today: date, viewer: Viewer, design: Design) -> Frame:
    here = office()
    return draw_sample.preview(here.engine, here.stored, viewer, design, today)


def _asked() -> Design | None:
    """What the form asks for; None while a day is missing."""
    terms = office().contract
    when, which, sure, margin = st.columns([1.3, 1.7, 1, 1])
    with when:
        days = _days()
    with which:
        chosen = st.multiselect(
            "项目",
            list(terms.kinds),
            format_func=lambda kind: LOG_KINDS[kind].sheet,
            placeholder="全部项目",
        )
    with sure:
        confidence = st.number_input("置信度（%）", 50.0, 99.9, 95.0, 1.0, format="%g")
    with margin:
        error = st.number_input("误差（±%）", 0.1, 50.0, 5.0, 1.0, format="%g")
    if days is None:
        return None
    kinds = tuple(kind for kind in terms.kinds if kind in chosen or not chosen)
    return Design(*days, kinds, _part(confidence), _part(error))


def _part(percent: float) -> Decimal:
    return Decimal(str(percent)) / 100


def _days() -> tuple[date, date] | None:
    """A month of the contract that is over, or any days of it."""
    terms, today = office().contract, clock.business_today()
    over = [each for each in months_of(terms.period) if min(each.last, terms.end) < today]
    options = [*map(str, over), _OTHER_DAYS]
    # Chosen once: another default would undo what was chosen, when somebody draws meanwhile.
    if _WHEN not in st.session_state:
        st.session_state[_WHEN] = _next(over)
    chosen = st.selectbox("时段", options, key=_WHEN)
    if chosen != _OTHER_DAYS:
        month = Month.parse(chosen)
        return max(month.first, terms.start), min(month.last, terms.end)
    days = st.date_input(
        "从哪天到哪天",
        value=(terms.start, min(terms.end, max(today, terms.start))),
        min_value=terms.start,
        max_value=terms.end,
        format="YYYY-MM-DD",
    )
    match days:
        case (date() as first, date() as last):
            return first, last
        case _:
            st.info("请再选结束日。")
            return None


def _next(over: Sequence[Month]) -> str:
    """The first month that is neither closed nor sampled; the last one that is over otherwise."""
    drawn = {str(Month.of(each.first)) for each in reads.of(_listed, reads.ANY_DAY)}
    done = drawn.union(reads.frozen().closings)
    waiting = [str(month) for month in over if str(month) not in done]
    return next(iter([*waiting, *map(str, reversed(over))]), _OTHER_DAYS)


def _seed() -> str:
    """The seed: one made here, unless another is written."""
    if not st.session_state.get(_SEED):
        st.session_state[_SEED] = "-".join(_signs(4) for _ in range(2))
    return st.text_input(
        "抽样码",
        key=_SEED,
        max_chars=32,
        width=260,
        help="由它决定抽中哪些。可以用系统给的，也可以当众另定一个；记下它，谁都能重抽",
    )


def _signs(number: int) -> str:
    return "".join(secrets.choice(_PLAIN) for _ in range(number))


def _drawn(found: Frame) -> int:
    return sum(drawn for _, drawn in found.strata.values())


def _summed(today: date, viewer: Viewer, design: Design) -> None:
    """How many of how many."""
    found = reads.made(_foreseen, today, viewer, design)
    number, total = _drawn(found), len(found.members)
    words = f"从 {total:,} 条中抽 {number:,} 条：{sample_words.sureness(found.design)}。"
    if number > found.size:
        words += f"按公式 {found.size:,} 条即可，因每个项目在每个村至少抽 1 条而略多。"
    pieces.draw(f'<p class="summary"><b>{escape(words)}</b></p>')


def _spread(today: date, viewer: Viewer, design: Design) -> None:
    """How they spread over the items."""
    found = reads.made(_foreseen, today, viewer, design)
    held: Counter[str] = Counter()
    drawn: Counter[str] = Counter()
    for name, (population, taken) in found.strata.items():
        kind = name.partition("|")[0]
        held[kind] += population
        drawn[kind] += taken
    parts.listing(
        [
            {
                "项目": LOG_KINDS[kind].sheet,
                "记录": _rows(found.design, kind, held[kind]),
                "抽取": str(drawn[kind]),
            }
            for kind in found.design.kinds
            if kind in held
        ]
    )


def _rows(design: Design, kind: str, number: int) -> str | Link:
    """How many entries of a kind there are, which leads to them where an address can say which."""
    month = Month.of(design.first)
    if month != Month.of(design.last) or not _is_whole(design, month):
        return str(number)
    wanted = Selection(kind=kind, month=str(month))
    return Link(str(number), links.to_rows(wanted, design.last))


def _is_whole(design: Design, month: Month) -> bool:
    terms = office().contract
    days = max(month.first, terms.start), min(month.last, terms.end)
    return (design.first, design.last) == days
