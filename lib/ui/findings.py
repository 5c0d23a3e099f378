"""The list of findings: how many stand how, what is in doubt, rule by rule, then each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review, sees_acceptance, sees_full_names
from lib.actions.decide_finding import DECISIONS
from lib.findings import RULES
from lib.findings.found import State
from lib.logs import LOG_KINDS
from lib.periods import Month, months_of
from lib.ui import choices, finding_forms, finding_reads, links, paging, parts, pieces, reads
from lib.ui.effects import scope_now
from lib.ui.finding_parts import Cards
from lib.ui.links import Link, linked
from lib.ui.parts import Tile
from lib.ui.resources import office
from lib.ui.routes import FINDING_LIST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lib.access import Viewer
    from lib.findings.found import Finding
    from lib.findings.rule import Rule
    from lib.ui.parts import Cell

ALL = "all"
UNDECIDED = "undecided"  # open or explained: nobody has confirmed or dismissed it
_PAGE = 20


@dataclass(frozen=True)
class Shown:
    """What is looked at: a month (empty: all); one rule, state and log kind (empty: whichever).

    `today` is the day as of which all is found.
    """

    viewer: Viewer
    month: str
    rule: str
    state: str
    kind: str
    today: date

    @cached_property
    def of_month(self) -> Sequence[Finding]:
        """What is found in the month that the viewer may see: with a kind, what touches it."""
        return [
            each
            for each in finding_reads.seen_by(self.viewer, self.month)
            if self.kind in {"", *(row.kind for row in each.rows)}
        ]

    @cached_property
    def listed(self) -> Sequence[Finding]:
        """The findings asked for; for a team lead those to be explained come first."""
        found = [
            each
            for each in self.of_month
            if self.rule in ("", each.rule.code) and _is(each.state, self.state)
        ]
        if sees_acceptance(self.viewer):
            return found
        return sorted(found, key=lambda each: each.state is not State.OPEN)

    def to(self, **other: str) -> str:
        """The address of this list with other choices."""
        asked = {"month": self.month or ALL, "rule": self.rule, "state": self.state}
        asked["kind"] = self.kind
        return links.to("findings", **asked | other)


def _is(state: State, asked: str) -> bool:
    """Whether a finding that stands so is asked for."""
    if asked == UNDECIDED:
        return state not in DECISIONS
    return asked in ("", state)


def chosen(viewer: Viewer) -> Shown:
    """What the address asks for; by default the newest month that waits to be signed."""
    rules = {code: rule.name for code, rule in RULES.items()}
    states = {UNDECIDED: "未定", **{str(state): state.label for state in State}}
    sheets = {kind: LOG_KINDS[kind].sheet for kind in office().contract.kinds}
    with st.container(horizontal=True, vertical_alignment="center"):
        month = choices.one_of("month", "月份", _months())
        rule = choices.one_of("rule", "类型", {"": "全部类型", **rules})
        kind = choices.one_of("kind", "日志种类", {"": "全部种类", **sheets})
        state = choices.pills("state", "状态", {"": "全部", **states})
    month = "" if month == ALL else month
    return Shown(viewer, month, rule, state, kind, scope_now().as_of)


def _months() -> Mapping[str, str]:
    """The months that have begun: the default, all of them, each one, the newest first."""
    today = clock.business_today()
    begun = [str(m) for m in months_of(office().contract.period) if m.first <= today]
    first = [str(month) for month in finding_reads.awaited()[-1:]]
    words = {month: month for month in (*first, *reversed(begun))}
    every = {ALL: "全部月份"}
    return {month: month for month in first} | every | words


def summary(shown: Shown) -> None:
    """How many stand how, and how many person-days that is about."""
    counts = Counter(each.state for each in shown.of_month)
    doubts = finding_reads.in_doubt(shown.month, shown.of_month)
    waiting = sum((each.undecided for each in doubts.values()), Fraction(0))
    confirmed = sum((each.confirmed for each in doubts.values()), Fraction(0))
    parts.tiles(
        [
            *(
                Tile(
                    state.label, f"{counts[state]:,}", "个", address=shown.to(rule="", state=state)
                )
                for state in State
            ),
            Tile("待核", parts.quantity(waiting, 2), "人天", "未定疑点所涉"),
            Tile("存疑", parts.quantity(confirmed, 2), "人天", "已认定疑点所涉"),
        ]
    )
    st.html(f'<p class="summary">{_next_step(shown.viewer)}</p>')
    if doubts:
        with st.expander("各项目的待核和存疑人天"):
            st.caption("不从完成数中扣除，列在旁边；同一条记录在几个疑点里只算一次。")
            parts.listing(
                [
                    {
                        "项目": item.name,
                        "待核（人天）": parts.quantity(doubts[item.code].undecided, 2),
                        "存疑（人天）": parts.quantity(doubts[item.code].confirmed, 2),
                    }
                    for item in office().contract.item
                    if item.code in doubts
                ]
            )


def _next_step(viewer: Viewer) -> str:
    """What is to be done here, by whoever looks."""
    if may_review(viewer):
        return (
            "逐个打开，看过记录和说明后认定或排除；选定一种类型后，可以在清单里勾选几个，一并处理。"
        )
    if not sees_acceptance(viewer):
        return "这里只列有本组记录的疑点。请逐个打开“待说明”的，写明情况；记录错了的请更正或撤回。"
    return "疑点由组长说明，由验收人员认定或排除；这里供查看。"


def rules(shown: Shown) -> None:
    """The rules, as one element."""
    pieces.kept(_rules, shown)


def _rules(shown: Shown) -> None:
    """Rule by rule what is odd, where it begins, how many stand how; or the one rule chosen."""
    if shown.rule:
        _rule(RULES[shown.rule])
        return
    counts = Counter((each.rule.code, each.state) for each in shown.of_month)
    found = {code for code, _ in counts}
    if found:
        lines = [_line(shown, rule, counts) for code, rule in RULES.items() if code in found]
        parts.listing(lines)
    nothing = "、".join(rule.name for code, rule in RULES.items() if code not in found)
    if nothing:
        pieces.note(f"没有发现：{nothing}。")


def _rule(rule: Rule) -> None:
    """What one rule is about."""
    threshold = rule.threshold(office().contract.thresholds)
    parts.facts([("类型", rule.name), ("什么情况", rule.meaning), ("界线", threshold)])


def _line(shown: Shown, rule: Rule, counts: Counter[tuple[str, State]]) -> Mapping[str, Cell]:
    """A rule's cells by heading; its name and each number lead to the findings."""
    numbers = {
        state.label: linked(
            f"{counts[rule.code, state]}",
            shown.to(rule=rule.code, state=state) if counts[rule.code, state] else "",
        )
        for state in State
    }
    return {
        "类型": Link(rule.name, shown.to(rule=rule.code)),
        "什么情况": rule.meaning,
        "界线": rule.threshold(office().contract.thresholds),
        **numbers,
    }


def listing(shown: Shown) -> None:
    """A page of the findings asked for; of one rule a reviewer can decide several at once."""
    found = shown.listed
    month = f"{shown.month} 的" if shown.month else "各月"
    st.subheader(f"{month}疑点 {len(found):,} 个", anchor=False)
    _download(shown)
    if not found:
        st.info("没有符合条件的疑点。")
        return
    number = paging.asked("page", len(found), _PAGE)
    if shown.rule and may_review(shown.viewer):
        page = _page(shown, number)
        finding_forms.decide_together(shown.viewer, page, _cards(shown, page))
        paging.ways("findings", "page", number, len(found), _PAGE)
    else:
        with pieces.together():
            pieces.kept(_listed, shown, number)
            paging.ways("findings", "page", number, len(found), _PAGE)


def _page(shown: Shown, number: int) -> Sequence[Finding]:
    return shown.listed[_PAGE * (number - 1) : _PAGE * number]


def _cards(shown: Shown, page: Sequence[Finding]) -> Cards:
    return Cards(shown.viewer, page, reads.frozen().closings, with_rule=not shown.rule)


def _listed(shown: Shown, number: int) -> None:
    page = _page(shown, number)
    cards = _cards(shown, page)
    pieces.draw(f"<div>{''.join(cards.markup(each) for each in page)}</div>")


def _download(shown: Shown) -> None:
    """The list of the month as a workbook."""
    file = FINDING_LIST.removeprefix("/")
    ways = [("下载疑点清单（.xlsx）", links.to(file, month=shown.month))]
    if sees_full_names(shown.viewer):
        full = links.to(file, month=shown.month, names="full")
        ways.append(("下载全名清单（留痕）", full))
    if shown.month and Month.parse(shown.month) in months_of(office().contract.period):
        ways.append((f"{shown.month} 的月度确认", links.to("settlement", month=shown.month)))
    parts.ways(*ways)
