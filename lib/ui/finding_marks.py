"""Where findings show on other pages: an entry's own, and sentences on what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.access import Role, may_review
from lib.findings import whose
from lib.findings.found import State
from lib.ui import finding_parts, finding_reads, links, parts, reads
from lib.ui.findings import ALL, UNDECIDED
from lib.ui.links import Link

if TYPE_CHECKING:
    from lib.access import Viewer
    from lib.findings.found import Finding


def of_entry(viewer: Viewer, entry_id: int) -> None:
    """The findings that an entry is in, each a link, for those who may see them."""
    found = whose.among(finding_reads.seen_by(viewer), frozenset({entry_id}))
    if found:
        st.subheader("涉及的疑点", anchor=False)
        st.html("".join(_mark(each) for each in found))


def _mark(finding: Finding) -> str:
    """A finding's rule, which leads to it, and its state."""
    way = Link(finding.rule.name, finding_parts.way(finding)).markup
    return f'<div class="found">{way} {finding_parts.chip(finding.state)}</div>'


def attention(viewer: Viewer) -> tuple[Link, ...]:
    """What waits for the viewer in the months that have ended and are not signed.

    A reviewer decides the findings of the month to be signed first, a team lead explains the own
    team's of all of them; nobody else is told.
    """
    months = [str(month) for month in finding_reads.awaited()]
    if not months:
        return ()
    if may_review(viewer):
        found = finding_reads.seen_by(viewer, months[0])
        number = sum(each.state in {State.OPEN, State.EXPLAINED} for each in found)
        words = f"{months[0]} 待签认，还有 {number} 个疑点未定"
        return _told(number, words, month=months[0], state=UNDECIDED)
    if viewer.role is Role.TEAM_LEAD:
        found = finding_reads.seen_by(viewer)
        number = sum(each.state is State.OPEN and each.month in months for each in found)
        words = f"已结束的月份还有 {number} 个疑点待本组说明"
        return _told(number, words, month=ALL, state=State.OPEN)
    return ()


def _told(number: int, words: str, **asked: str) -> tuple[Link, ...]:
    """The sentence, which leads to the list, where there is anything to tell."""
    return (Link(words, links.to("findings", **asked)),) if number else ()


def to_explain(viewer: Viewer) -> None:
    """How many findings of months not signed yet a team lead still has to explain, if any."""
    if viewer.role is not Role.TEAM_LEAD:
        return
    closed = reads.frozen().closings
    number = sum(
        each.state is State.OPEN and each.month not in closed
        for each in finding_reads.seen_by(viewer)
    )
    if number:
        address = links.to("findings", month=ALL, state=State.OPEN)
        parts.ways((f"有 {number} 个疑点待说明", address))
