"""One drawn entry at a time, made for a phone on the spot: what it says, photos, what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review
from lib.actions import frozen, reasons, record_result
from lib.errors import RefusedError
from lib.kpi.cells import Eyes
from lib.kpi.samples import Result
from lib.logs import LOG_KINDS
from lib.periods import Month
from lib.reports.sample_sheet import drawn_versions
from lib.store.engine import reading
from lib.store.evidence import Subject
from lib.ui import acts, evidence, links, parts, reads
from lib.ui.resources import office

if TYPE_CHECKING:
    from lib.access import Viewer
    from lib.kpi.samples import Item, Sample
    from lib.kpi.versions import Version

_SAID = "sample_said"


def address(sample: Sample, item: Item) -> str:
    """The address of one item."""
    return links.to("sample", id=sample.sample_id, item=item.item_id)


def next_open(sample: Sample, after: int = 0) -> Item | None:
    """The first item without a result behind a position, or else before it."""
    waiting = [item for item in sample.items if item.last is None and item.position != after]
    return min(waiting, key=lambda item: (item.position < after, item.position), default=None)


def page(viewer: Viewer, sample: Sample, item: Item) -> None:
    """The item, and to reviewers recording what was found."""
    here, eyes = office(), Eyes(viewer, reads.roster())
    with reading(here.engine) as connection:
        versions = drawn_versions(connection, here.stored.id, [item])
        month = str(Month.of(item.day))
        is_closed = month in frozen.frozen(connection, here.stored).closings
        rests = is_closed and frozen.was_drawn_first(
            connection, here.stored, sample.sample_id, month
        )
    version = versions[item.entry_id, item.version]
    _told_before()
    _around(sample, item)
    kind = LOG_KINDS[item.kind]
    st.subheader(f"{item.position} / {len(sample.items)} · {kind.sheet}", anchor=False)
    parts.facts(_facts(version, eyes))
    _since(item)
    _pictures(viewer, item)
    _found(item, eyes)
    if rests:
        st.info(f"{month} 已签认封存，抽查结果不能再改。")
    elif may_review(viewer):
        _record(viewer, sample, item)
    parts.ways(("看这条记录的来源和历次内容", links.to("entry", id=item.entry_id)))


def _facts(version: Version, eyes: Eyes) -> list[tuple[str, str]]:
    """The filled cells under the office's headings, the subdistrict with the place."""
    place = eyes.roster.localities.get(version.locality or "")
    where = [("街道", place.subdistrict)] if place else []
    cells = eyes.cells(version).items()
    return where + [(name, str(value)) for name, value in cells if value not in (None, "")]


def _since(item: Item) -> None:
    """What became of the entry since it was drawn."""
    if item.counts_as is None:
        st.warning("抽取以后这条已撤回，上面是抽中时的内容。")
    elif item.counts_as != item.version:
        st.warning("抽取以后这条有更正，上面是抽中时的内容。")


def _pictures(viewer: Viewer, item: Item) -> None:
    """Photos and scans; folded while there are none, so that a phone has room for the buttons."""
    subject, whose = Subject("item", item.item_id), "验收人员"
    if not may_review(viewer):
        evidence.pictures_of(viewer, subject, whose)
        return
    with st.expander("拍照、附照片", expanded=bool(item.pictures)):
        evidence.pictures_of(viewer, subject, whose)


def _around(sample: Sample, item: Item) -> None:
    """To the list, and to the neighbours."""
    named = [("回到清单", links.to("sample", id=sample.sample_id))]
    for word, position in (("上一条", item.position - 1), ("下一条", item.position + 1)):
        if 1 <= position <= len(sample.items):
            named.append((word, address(sample, sample.items[position - 1])))
    parts.ways(*named)


def _found(item: Item, eyes: Eyes) -> None:
    """Every result, the newest first."""
    if not item.results:
        return
    st.subheader("核查结果", anchor=False)
    parts.listing(
        [
            {
                "结果": each.result.label + ("" if each == item.last else "（已更正）"),
                "备注": eyes.said(each.note) or "—",
                "记录": f"{clock.local_text(each.at)} {each.by}",
            }
            for each in reversed(item.results)
        ]
    )


def _record(viewer: Viewer, sample: Sample, item: Item) -> None:
    """A button for each result, and room for a note."""
    number = item.last.number if item.last else 0
    shown = int(acts.seen_before(f"item {item.item_id}", str(number)))
    turn = st.session_state.setdefault(_turn(item), 0)  # an empty note again after each result
    st.subheader("更正结果" if number else "记下结果", anchor=False)
    with st.container(key="result"), st.form(f"result {item.item_id} {turn}", border=False):
        note = st.text_input(
            "备注（不要写人名；不符和无法核实必填）",
            max_chars=reasons.LIMIT,
            placeholder="例如：本人说当天没有人来",
        )
        with st.container(horizontal=True):
            pressed = [
                each for each in Result if st.form_submit_button(each.label, width="stretch")
            ]
    if pressed:
        _keep(viewer, sample, item, pressed[0], note, shown)


def _keep(
    viewer: Viewer, sample: Sample, item: Item, result: Result, note: str, shown: int
) -> None:
    """Record a result, and lead on to the next open item; what is refused is said here."""
    here = office()
    try:
        record_result.record(
            here.engine,
            here.stored,
            viewer,
            item.item_id,
            result,
            note=note,
            shown=shown,
            now=clock.now(),
        )
    except RefusedError as refusal:
        st.error(refusal.sentence)
        return
    st.session_state[_turn(item)] += 1
    st.session_state[_SAID] = f"第 {item.position} 条已记：{result.label}。"
    following = None if item.last else next_open(sample, item.position)
    if following:
        st.query_params["item"] = str(following.item_id)
    elif not item.last:
        st.query_params.pop("item", None)
    st.rerun()


def _turn(item: Item) -> str:
    """Where the session counts the results that it recorded of an item."""
    return f"sample_item {item.item_id} turn"


def _told_before() -> None:
    """What was recorded on the run before."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.success(said)
