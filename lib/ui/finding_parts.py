"""How findings look in lists: the state as a chip, the rows in short, what was said last."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lib import clock
from lib.findings.found import State
from lib.kpi.cells import Eyes
from lib.kpi.rows import numbered
from lib.logs import LOG_KINDS
from lib.store.engine import reading
from lib.ui import links, reads
from lib.ui.links import Link
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lib.access import Viewer
    from lib.findings.found import Finding
    from lib.kpi.rows import LedgerRow
    from lib.store.findings import Act

_CHIPS = {
    State.OPEN: ("watch", "▲"),
    State.EXPLAINED: ("on_track", "●"),
    State.CONFIRMED: ("behind", "✕"),
    State.DISMISSED: ("not_due", "○"),
}
_SHORT = 3  # rows of a finding in a list
_TOLD = 40  # characters of what a row says


def chip(state: State) -> str:
    """A state as symbol, word and colour."""
    colour, symbol = _CHIPS[state]
    return f'<span class="chip {colour}">{symbol} {state.label}</span>'


def way(finding: Finding) -> str:
    """The address of a finding's page, as it is by the end of its month."""
    return links.to("finding", rule=finding.rule.code, subject=finding.subject, month=finding.month)


def named(finding: Finding) -> str:
    """A finding in a few words: its days and how many entries are in it."""
    first, last = finding.rows[0].day, finding.rows[-1].day
    days = f"{first}" if first == last else f"{first} 至 {last}"
    return f"{days}，{len(finding.rows)} 条记录"


def said(act: Act, eyes: Eyes) -> str:
    """What was said when, by whom and why."""
    at, state = clock.local_text(act.at), State(act.state).label
    return f"{at}，{act.by}，{state}：{eyes.said(act.note)}"


class Cards:
    """Findings of a page, each to be drawn in short, as one viewer may see them."""

    def __init__(
        self,
        viewer: Viewer,
        shown: Sequence[Finding],
        closed: Collection[str],
        *,
        with_rule: bool,
    ) -> None:
        """Read the first few rows of each; `with_rule`: say of which rule each is."""
        self._eyes = Eyes(viewer, reads.roster())
        self._rows = _first_rows(shown)
        self._closed = closed
        self._with_rule = with_rule

    def is_closed(self, finding: Finding) -> bool:
        """Whether what is said of it stays, because its month is signed."""
        return finding.month in self._closed

    def markup(self, finding: Finding) -> str:
        """One finding as HTML: where it opens, its state, its first rows, what was said last."""
        name = Link(named(finding), way(finding)).markup
        sealed = ' <span class="note">已封存</span>' if self.is_closed(finding) else ""
        shown = [self._rows[row.entry_id] for row in finding.rows[:_SHORT]]
        lines = "".join(f"<li>{self._line(row)}</li>" for row in shown)
        rest = len(finding.rows) - len(shown)
        more = f"<li>另有 {rest} 条</li>" if rest else ""
        rule = f"<b>{escape(finding.rule.name)}</b> " if self._with_rule else ""
        code = f'<span class="note">编号 {escape(finding.subject)}</span>'
        return (
            f'<div class="found">{rule}{name} {chip(finding.state)}{sealed} {code}'
            f"<ul>{lines}{more}</ul>{self._last(finding)}</div>"
        )

    def _line(self, row: LedgerRow) -> str:
        """Day, kind, people, place and the beginning of what an entry says."""
        eyes = self._eyes
        told = eyes.told(row)
        told = told if len(told) <= _TOLD else f"{told[:_TOLD]}…"
        words = (
            str(row.day),
            LOG_KINDS[row.kind].sheet,
            eyes.people(row),
            eyes.place(row),
            told,
        )
        return escape(" · ".join(filter(None, words)))

    def _last(self, finding: Finding) -> str:
        """What was said last, as HTML; when the rows are others since, that too."""
        if finding.last is None:
            return ""
        changed = "（此后记录有变化，须重新处理）" if finding.has_changed else ""
        return f'<div class="note">{escape(said(finding.last, self._eyes))}{changed}</div>'


def _first_rows(shown: Sequence[Finding]) -> Mapping[int, LedgerRow]:
    here = office()
    numbers = [row.entry_id for each in shown for row in each.rows[:_SHORT]]
    with reading(here.engine) as connection:
        return numbered(connection, here.stored.id, numbers)
