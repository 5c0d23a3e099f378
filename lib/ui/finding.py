"""One finding: its rule, what it does to the figures, its rows, and what was said of it."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review
from lib.findings import RULES
from lib.findings.found import State
from lib.kpi.cells import Eyes
from lib.kpi.rows import numbered
from lib.logs import LOG_KINDS
from lib.periods import months_of
from lib.store.engine import reading
from lib.ui import finding_forms, finding_parts, finding_reads, links, paging, parts, reads
from lib.ui.links import Link
from lib.ui.navigation import NotFoundError
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from lib.access import Viewer
    from lib.findings.found import Finding
    from lib.kpi.rows import LedgerRow
    from lib.ui.parts import Cell

_PAGE = 20
_BESIDE = "不从完成数中扣除，列在旁边"
_WORDS = {
    State.OPEN: "列为待核",
    State.EXPLAINED: "列为待核",
    State.CONFIRMED: "列为存疑",
    State.DISMISSED: "不再存疑",
}


def asked(viewer: Viewer) -> Finding:
    """The finding that the address names; NotFoundError when there is none for the viewer."""
    rule, subject, month = (st.query_params.get(p, "") for p in ("rule", "subject", "month"))
    known = {"", *map(str, months_of(office().contract.period))}
    if month not in known or rule not in RULES:
        raise NotFoundError
    found = finding_reads.seen_by(viewer, month, rule)
    this = next((each for each in found if each.subject == subject), None)
    if this is None:
        raise NotFoundError
    return this


def draw(viewer: Viewer, finding: Finding) -> None:
    """Everything about it, and the forms for whoever may say something."""
    _summary(finding)
    _rows(viewer, finding)
    _history(viewer, finding)
    finding_forms.done()  # where the press was
    finding_forms.offered(viewer, finding)
    _ways(viewer, finding)


def _summary(finding: Finding) -> None:
    """What is odd about it, how it stands, and what it does to the figures."""
    chip = finding_parts.chip(finding.state)
    st.html(f'<p class="summary"><b>{escape(finding.rule.name)}</b> {chip}</p>')
    if finding.has_changed:
        st.warning("上次处理以后，这个疑点的记录有变化，须重新处理。")
    parts.facts(
        [
            ("什么情况", finding.rule.meaning),
            ("界线", finding.rule.threshold(office().contract.thresholds)),
            ("记录", f"{finding_parts.named(finding)}（编号 {finding.subject}）"),
            ("对数字的影响", _effect(finding)),
        ]
    )


def _effect(finding: Finding) -> str:
    """The person-days of its rows, item by item, and how they stand beside the figures."""
    days = finding_reads.person_days_of(finding)
    items = [(item.name, days[item.code]) for item in office().contract.item if item.code in days]
    if not items:
        return "不涉及人天"
    return f"{_listed(items)}，{_WORDS[finding.state]}；{_BESIDE}"


def _listed(items: Sequence[tuple[str, Fraction]]) -> str:
    return "、".join(f"{name} {parts.quantity(days, 2)} 人天" for name, days in items)


def _rows(viewer: Viewer, finding: Finding) -> None:
    """A page of its rows under their offices' headings, kind by kind; the day opens the entry."""
    here, eyes = office(), Eyes(viewer, reads.roster())
    st.subheader(f"记录 {len(finding.rows):,} 条", anchor=False)
    number = paging.asked("page", len(finding.rows), _PAGE)
    page = finding.rows[_PAGE * (number - 1) : _PAGE * number]
    with reading(here.engine) as connection:
        rows = numbered(connection, here.stored.id, (row.entry_id for row in page))
    shown = sorted((rows[row.entry_id] for row in page), key=lambda row: row.kind)
    for kind, of_kind in groupby(shown, key=lambda row: row.kind):
        parts.listing(_filled([_line(eyes, row) for row in of_kind], LOG_KINDS[kind].sheet))
    paging.ways("finding", "page", number, len(finding.rows), _PAGE)


def _line(eyes: Eyes, row: LedgerRow) -> dict[str, Cell]:
    """A row's cells by heading, and when it was posted by whom."""
    cells = {name: _shown(value) for name, value in eyes.cells(row).items()}
    day = next(iter(cells))
    return {
        day: Link(str(row.day), links.to("entry", id=row.entry_id)),
        **{name: text for name, text in cells.items() if name != day},
        "过账": f"{clock.local_text(row.posted_at)} {row.posted_by}",
    }


def _filled(lines: Sequence[Mapping[str, Cell]], sheet: str) -> Sequence[Mapping[str, Cell]]:
    """The lines without the columns in which nothing stands, their kind in front."""
    filled = [name for name in lines[0] if any(line[name] != "" for line in lines)]
    return [{"项目": sheet, **{name: line[name] for name in filled}} for line in lines]


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _history(viewer: Viewer, finding: Finding) -> None:
    """What was said of it, the oldest first."""
    st.subheader("经过", anchor=False)
    if not finding.acts:
        st.caption("还没有人说明或处理。")
        return
    eyes = Eyes(viewer, reads.roster())
    parts.listing(
        [
            {
                "时间": clock.local_text(act.at),
                "经办": act.by,
                "结果": State(act.state).label,
                "内容": eyes.said(act.note),
                "针对": "现在的记录" if act.basis == finding.basis else "当时的记录，此后有变化",
            }
            for act in finding.acts
        ]
    )


def _ways(viewer: Viewer, finding: Finding) -> None:
    """To the next one of its rule that waits for the viewer, and back to the list."""
    ways = [("回到清单", links.to("findings", month=finding.month, rule=finding.rule.code))]
    following = _next(viewer, finding)
    if following:
        ways.insert(0, ("下一个同类疑点", finding_parts.way(following)))
    parts.ways(*ways)


def _next(viewer: Viewer, finding: Finding) -> Finding | None:
    """The next one of the rule and month that waits to be decided, or for others explained."""
    waiting = {State.OPEN, State.EXPLAINED} if may_review(viewer) else {State.OPEN}
    alike = finding_reads.seen_by(viewer, finding.month, finding.rule.code)
    place = next(n for n, each in enumerate(alike) if each.subject == finding.subject)
    around = [*alike[place + 1 :], *alike[:place]]
    return next((each for each in around if each.state in waiting), None)
