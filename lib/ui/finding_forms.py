"""The forms in which something is said of findings: one at a time, or several of a rule at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review
from lib.actions import decide_finding
from lib.actions.decide_finding import DECISIONS, Looked, seal
from lib.actions.reasons import LIMIT
from lib.errors import RefusedError
from lib.findings import whose
from lib.ui import acts, finding_reads, reads
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lib.access import Viewer
    from lib.findings.found import Finding, State
    from lib.ui.finding_parts import Cards

_SAID = "findings_said"  # how often something was said on this visit: forms begin anew with each
_DONE = "findings_done"
_COMMON = ("说明属实", "已电话核实", "已现场核实", "说明不充分", "与事实不符")


def done() -> None:
    """Say once what came of the last press."""
    sentence = st.session_state.pop(_DONE, "")
    if sentence:
        st.success(sentence)


def offered(viewer: Viewer, finding: Finding) -> None:
    """What the viewer can say of the finding, if anything."""
    looked = _looked(finding)
    is_own = bool(whose.among([finding], finding_reads.own_entries(viewer)))
    if finding.month in reads.frozen().closings:
        st.info(f"{finding.month} 已签认封存，这个疑点的结论不能再改。")
    elif may_review(viewer):
        _decide(viewer, finding, looked)
    elif is_own and finding.state not in DECISIONS:
        _explain(viewer, looked)


def _looked(finding: Finding) -> Looked:
    """The finding as it was on the page when its user pressed."""
    rule, subject, month = finding.rule.code, finding.subject, finding.month
    shown = acts.seen_before(f"finding_{rule}_{subject}_{month}", seal(finding))
    return Looked(rule, subject, month, shown)


def _explain(viewer: Viewer, looked: Looked) -> None:
    """The form for a team lead."""
    here = office()
    with st.form(_key("explain")):
        note = st.text_area("写明情况（不要写人名）", max_chars=LIMIT, key=_key("note"))
        pressed = st.form_submit_button("提交说明", type="primary")
    st.caption("说明后仍可补充，直到验收人员作出结论。记录错了的，请打开那条记录更正或撤回。")
    if pressed:
        _do(
            lambda: decide_finding.explain(
                here.engine,
                here.stored,
                viewer,
                looked,
                note=note,
                today=clock.business_today(),
                now=clock.now(),
            ),
            "已提交说明，等验收人员作出结论。",
        )


def _decide(viewer: Viewer, finding: Finding, looked: Looked) -> None:
    """The form for a reviewer; what is decided already can be decided otherwise."""
    possible = [state for state in DECISIONS if state is not finding.state]
    with st.form(_key("decide")):
        note = _reason()
        pressed = _presses({state: DECISIONS[state] for state in possible})
    if finding.state in DECISIONS:
        st.caption("结论可以改；原来的结论留在经过里。")
    if pressed:
        _decided(viewer, [looked], pressed, note)


def decide_together(viewer: Viewer, page: Sequence[Finding], cards: Cards) -> None:
    """Findings, each with a tick box, and one note for all that are ticked."""
    looked = [_looked(each) for each in page]
    open_to = [not cards.is_closed(each) for each in page]
    if not any(open_to):
        st.html("".join(cards.markup(each) for each in page))
        return
    with st.form(_key("together")):
        every = st.checkbox(f"选中本页全部 {sum(open_to)} 个", key=_key("every"))
        ticked = [
            _card(finding, cards, tickable=tickable) or (every and tickable)
            for finding, tickable in zip(page, open_to, strict=True)
        ]
        note = _reason()
        pressed = _presses({state: f"一并{word}" for state, word in DECISIONS.items()})
    if pressed:
        wanted = [each for each, is_ticked in zip(looked, ticked, strict=True) if is_ticked]
        _decided(viewer, wanted, pressed, note)


def _card(finding: Finding, cards: Cards, *, tickable: bool) -> bool:
    """A finding beside its tick box; whether it is ticked."""
    with st.container(horizontal=True, gap="small", key=_key(f"ticked_{finding.subject}")):
        ticked = st.checkbox(
            f"{finding.rows[0].day} {finding.subject}",
            key=_key(f"tick_{finding.subject}"),
            disabled=not tickable,
            label_visibility="collapsed",
            width="content",
        )
        st.html(cards.markup(finding))
    return ticked


def _reason() -> str:
    """The note of a decision, common ones offered."""
    chosen = st.pills("理由", _COMMON, key=_key("common"), wrap=True)
    written = st.text_input("补充说明，或另写理由（不要写人名）", max_chars=LIMIT, key=_key("note"))
    return "：".join(filter(None, (chosen, written.strip())))


def _presses(labels: Mapping[State, str]) -> State | None:
    """A button for each decision beside the others; the one that was pressed."""
    with st.container(horizontal=True):
        pressed = [
            state
            for state, label in labels.items()
            if st.form_submit_button(label, type="primary", key=_key(f"press_{state}"))
        ]
    return next(iter(pressed), None)


def _decided(viewer: Viewer, looked: Sequence[Looked], state: State, note: str) -> None:
    here = office()
    _do(
        lambda: decide_finding.decide(
            here.engine,
            here.stored,
            viewer,
            looked,
            state,
            note=note,
            today=clock.business_today(),
            now=clock.now(),
        ),
        f"已{DECISIONS[state]} {len(looked)} 个疑点。",
    )


def _do(act: Callable[[], None], sentence: str) -> None:
    """Do it and show the page as it is then; what is refused is said, and nothing is lost."""
    try:
        act()
    except RefusedError as refusal:
        st.error(refusal.sentence)
        return
    st.session_state[_SAID] = _said() + 1
    st.session_state[_DONE] = sentence
    st.rerun()


def _said() -> int:
    return int(st.session_state.get(_SAID, 0))


def _key(name: str) -> str:
    """The key of a form's part on this visit."""
    return f"{name}_{_said()}"
