"""What is said of a finding: explained by a lead, confirmed or dismissed by a reviewer (spec §5).

It is said of the finding as it was looked at. Nothing is taken off a figure by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.access import may_explain, may_review, require
from lib.actions import reasons
from lib.errors import NotPermittedError, RefusedError
from lib.findings import RULES, whose
from lib.findings.found import State, findings
from lib.kpi.scope import Scope
from lib.periods import local_text, months_of
from lib.store import audit, contracts, rosters, signatures
from lib.store import findings as store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.findings.found import Finding
    from lib.store.contracts import StoredContract

DECISIONS = {State.CONFIRMED: "认定", State.DISMISSED: "排除"}
_NOT_OWN = (
    "这里没有您可以说明的疑点：它不含本组的记录，或者记录已更正、撤回。请回到清单看现在的情况。"
)
_GONE = "疑点已经不在了：它的记录有更正或撤回。请回到清单看现在的情况。"


@dataclass(frozen=True)
class Looked:
    """A finding of a month, by its rule's code and its subject, and its `seal` when looked at.

    Without a seal it is whatever it is by now.
    """

    rule: str
    subject: str
    month: str
    seal: str | None = None


def seal(finding: Finding) -> str:
    """What changes as soon as somebody says something of a finding, or its rows change."""
    last = finding.about[-1].act_id if finding.about else 0
    return f"{last} {finding.basis}"


def explain(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    looked: Looked,
    *,
    note: str,
    today: date,
    now: datetime,
) -> None:
    """Explain a finding in which there is a row of the viewer's own team.

    RefusedError without a note, when it is decided, in a closed month, or not as it was looked at;
    one that does not exist and one of other teams are answered alike (spec §8).
    """
    words = reasons.given("说明疑点", note)
    with contracts.acting(engine, stored) as connection:
        found = _of_month(connection, stored, looked, today).get(looked.subject)
        roster = rosters.load(connection, stored.id)
        people = whose.people(connection, stored.id, found) if found else ()
        if found is None or not may_explain(viewer, people, roster):
            raise NotPermittedError(_NOT_OWN)
        _require_unchanged(connection, stored, found, looked)
        if found.state in DECISIONS:
            raise RefusedError(f"{_named(found)}已有结论，不能再补充说明：{_last(found)}。")
        _say(connection, stored, viewer, found, State.EXPLAINED, words, now)
        contracts.touch(connection, stored.id)


def decide(
    engine: Engine,
    stored: StoredContract,
    viewer: Viewer,
    looked: Sequence[Looked],
    state: State,
    *,
    note: str,
    today: date,
    now: datetime,
) -> None:
    """Confirm or dismiss findings with one note: all of them, or none.

    A later decision stands in place of an earlier one. RefusedError without a note or a finding,
    when one of them is decided so already, in a closed month, gone, or not as it was looked at.
    """
    require(may_review(viewer), "认定或排除疑点")
    words = reasons.given(f"{DECISIONS[state]}疑点", note)
    if not looked:
        raise RefusedError("还没有选中疑点，请先勾选。")
    with contracts.acting(engine, stored) as connection:
        lists = {(each.rule, each.month): each for each in looked}
        found = {key: _of_month(connection, stored, each, today) for key, each in lists.items()}
        for each in {(each.rule, each.subject, each.month): each for each in looked}.values():
            there = found[each.rule, each.month].get(each.subject)
            finding = _decidable(connection, stored, there, each, state)
            _say(connection, stored, viewer, finding, state, words, now)
        contracts.touch(connection, stored.id)


def _of_month(
    connection: Connection, stored: StoredContract, looked: Looked, today: date
) -> Mapping[str, Finding]:
    """What a rule finds in a month by its end, by subject; nothing without such a rule or month."""
    months = {str(month): month for month in months_of(stored.terms.period)}
    if looked.rule not in RULES or looked.month not in months:
        return {}
    scope = Scope(stored, min(months[looked.month].last, stored.terms.as_of(None, today)))
    found = findings(connection, scope, month=looked.month, rules=[RULES[looked.rule]])
    return {each.subject: each for each in found}


def _decidable(
    connection: Connection,
    stored: StoredContract,
    finding: Finding | None,
    looked: Looked,
    state: State,
) -> Finding:
    """The finding, when it is as it was looked at and can be decided so; RefusedError otherwise."""
    if finding is None:
        raise RefusedError(_GONE)
    _require_unchanged(connection, stored, finding, looked)
    if finding.state is state:
        raise RefusedError(f"{_named(finding)}已是这个结论：{_last(finding)}。")
    return finding


def _require_unchanged(
    connection: Connection, stored: StoredContract, finding: Finding, looked: Looked
) -> None:
    """RefusedError in a closed month, or when it is no longer as it was looked at."""
    if finding.month in signatures.closed_months(connection, stored.id):
        raise RefusedError(
            f"{finding.month} 已签认封存，其中的疑点不能再说明或改变结论；"
            "确需更改，请验收人员说明原因后重新打开该月。"
        )
    if looked.seal in (None, seal(finding)):
        return
    if not looked.seal.endswith(f" {finding.basis}"):
        raise RefusedError(f"{_named(finding)}的记录刚有变化，请看过现在的记录再决定。")
    raise RefusedError(f"{_named(finding)}刚有人处理：{_last(finding)}。请看过再决定。")


def _say(
    connection: Connection,
    stored: StoredContract,
    viewer: Viewer,
    finding: Finding,
    state: State,
    note: str,
    now: datetime,
) -> None:
    """Add the act, and its line to the audit log, which says what became of it and not why."""
    facts = {
        "state": str(state),
        "note": note,
        "basis": finding.basis,
        "at": now,
        "by": viewer.name,
    }
    number = store.add(connection, stored.id, finding.rule.code, finding.subject, facts)
    audit.record(
        connection,
        stored.id,
        at=now,
        viewer=viewer,
        act="say_of_finding",
        subject=f"finding {finding.rule.code} {finding.subject}",
        before={"state": str(finding.state)},
        after={"state": str(state), "act": number, "basis": finding.basis},
    )


def _named(finding: Finding) -> str:
    """Which finding is meant, in words that name nobody."""
    return f"{finding.rows[0].day} 的疑点"


def _last(finding: Finding) -> str:
    """What was said last of these rows, when and by whom."""
    act = finding.about[-1]
    return f"{State(act.state).label}，{local_text(act.at)}，{act.by}"
