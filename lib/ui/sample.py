"""One sample on a page: how far it is, what it says, its items, and how to draw it again."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.access import may_review, sees_full_names
from lib.kpi import sample_words, samples
from lib.kpi.cells import Eyes
from lib.kpi.redrawn import redrawn
from lib.kpi.samples import Result
from lib.kpi.scope import Scope
from lib.logs import LOG_KINDS
from lib.reports.sample_sheet import drawn_versions, told
from lib.store.engine import reading
from lib.ui import choices, links, paging, parts, reads, sample_item, sample_paper
from lib.ui.links import Link, linked
from lib.ui.navigation import NotFoundError
from lib.ui.resources import office
from lib.ui.routes import SAMPLE_SHEET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lib.access import Viewer
    from lib.kpi.samples import Item, Sample
    from lib.kpi.versions import Version

_STYLE = Path(__file__).with_name("sample.css")
_ROWS_A_PAGE = 50
_CHANGED_SHOWN = 50
_VIEWS = {"": "逐条核查", "paper": "打印", "again": "怎样重抽"}
_OPEN, _EVERY = "open", "every"


def asked() -> tuple[Sample, Item | None]:
    """The sample that the address names, and the item of it, if it names one.

    NotFoundError for what is not there.
    """
    sample = _sample()
    return sample, _item(sample)


def page(viewer: Viewer, sample: Sample, item: Item | None) -> None:
    """The sample, or one item of it."""
    st.html(_STYLE)
    if item:
        sample_item.page(viewer, sample, item)
        return
    _headed(sample)
    _standing(sample)
    _ways(viewer, sample)
    match choices.pills("view", "看什么", _VIEWS):
        case "paper":
            sample_paper.sheet(viewer, sample)
        case "again":
            _again(sample)
        case _:
            _kinds(sample)
            _items(viewer, sample)


def _sample() -> Sample:
    here = office()
    number = links.number_in(st.query_params.get("id", ""))
    with reading(here.engine) as connection:
        found = samples.one(connection, here.stored.id, number) if number else None
    if found is None:
        raise NotFoundError
    return found


def _item(sample: Sample) -> Item | None:
    named = st.query_params.get("item", "")
    if not named:
        return None
    number = links.number_in(named)
    found = next((item for item in sample.items if item.item_id == number), None)
    if found is None:
        raise NotFoundError
    return found


def _headed(sample: Sample) -> None:
    """What was drawn from what, when and by whom."""
    words = (
        f"{sample_words.days(sample.first, sample.last)} · "
        f"{sample_words.kinds(sample.kinds, office().contract.kinds)} · "
        f"从 {sample.population:,} 条中抽 {len(sample.items):,} 条"
        f"（{sample_words.sureness(sample)}）· 抽样码 {sample.seed} · "
        f"{clock.local_text(sample.drawn_at)} {sample.drawn_by} 抽取"
    )
    st.html(f'<p class="summary">{escape(words)}</p>')


def _standing(sample: Sample) -> None:
    """How far the checking is, and what it says so far."""
    checked = sample.checked()
    sentences = "".join(f"<p>{escape(each)}</p>" for each in sample_words.conclusion(sample))
    if sentences:
        st.html(f'<div class="said" role="status">{sentences}</div>')
    part = checked.looked_at / checked.drawn
    progress = f"/ {checked.drawn:,} 条"
    parts.tiles(
        [
            parts.Tile("已核查", f"{checked.looked_at:,}", progress, meter=part),
            *(parts.Tile(each.label, _found(sample, each), "条") for each in Result),
            *_rate(sample),
        ]
    )


def _found(sample: Sample, result: Result) -> str | Link:
    """How many were found to be so, which leads to them."""
    number = getattr(sample.checked(), result)
    address = links.to("sample", id=sample.sample_id, found=result)
    return linked(f"{number:,}", address if number else "")


def _rate(sample: Sample) -> Sequence[parts.Tile]:
    """The true rate with its interval, as soon as there is one."""
    said = sample.estimate()
    if said is None:
        return ()
    confidence = sample_words.percent(sample.confidence)
    note = f"{confidence} 置信区间 {sample_words.between(said)}"
    return (parts.Tile("估计属实率", sample_words.share(said.rate), note=note),)


def _ways(viewer: Viewer, sample: Sample) -> None:
    """To the next item, and to the sheet to take along."""
    file = SAMPLE_SHEET.removeprefix("/")
    named = [("下载抽查表（.xlsx）", links.to(file, id=sample.sample_id))]
    if sees_full_names(viewer):
        full = links.to(file, id=sample.sample_id, names="full")
        named.append(("下载全名抽查表（留痕）", full))
    following = sample_item.next_open(sample)
    if following and may_review(viewer):
        begun = "接着核查" if sample.checked().looked_at else "开始核查"
        address = sample_item.address(sample, following)
        named.insert(0, (f"{begun}：第 {following.position} 条", address))
    parts.ways(*named)


def _kinds(sample: Sample) -> None:
    """What was found by item."""
    st.subheader("各项目", anchor=False)
    parts.listing([_kind(sample, kind) for kind in sample.kinds if sample.population_of(kind)])


def _kind(sample: Sample, kind: str) -> Mapping[str, str | int]:
    checked, said = sample.checked(kind), sample.estimate(kind)
    return {
        "项目": LOG_KINDS[kind].sheet,
        "记录": sample.population_of(kind),
        "抽取": checked.drawn,
        "已核查": checked.looked_at,
        **{result.label: getattr(checked, result) for result in Result},
        "估计属实率": sample_words.share(said.rate) if said else "—",
        "置信区间": sample_words.between(said) if said else "—",
    }


def _items(viewer: Viewer, sample: Sample) -> None:
    """The items in the order of trips, a page of them, with what was found."""
    st.subheader("抽中的记录", anchor=False)
    options = {_OPEN: "未核查", _EVERY: "全部"} | {str(each): each.label for each in Result}
    which = choices.pills("found", "哪些", options)
    chosen = [item for item in sample.items if _is_chosen(item, which)]
    if not chosen:
        st.info("这里没有记录。")
        return
    number = paging.asked("page", len(chosen), _ROWS_A_PAGE)
    shown = chosen[_ROWS_A_PAGE * (number - 1) : _ROWS_A_PAGE * number]
    here, eyes = office(), Eyes(viewer, reads.roster())
    with reading(here.engine) as connection:
        versions = drawn_versions(connection, here.stored.id, shown)
    parts.listing(
        [_line(sample, item, versions[item.entry_id, item.version], eyes) for item in shown]
    )
    paging.ways("sample", "page", number, len(chosen), _ROWS_A_PAGE)


def _is_chosen(item: Item, which: str) -> bool:
    if which == _OPEN:
        return item.last is None
    return which == _EVERY or (item.last is not None and item.last.result == which)


def _line(sample: Sample, item: Item, version: Version, eyes: Eyes) -> Mapping[str, str | Link]:
    last = item.last
    result = f"{last.result.label}（{last.by}）" if last else "未核查"
    return {
        "序号": Link(f"第 {item.position} 条", sample_item.address(sample, item)),
        "村（社区）": eyes.place(version) or "—",
        "项目": LOG_KINDS[item.kind].sheet,
        "日期": str(item.day),
        "服务人员": eyes.people(version),
        "内容": told(version, eyes),
        "结果": result + (f"，照片 {item.pictures}" if item.pictures else ""),
    }


def _again(sample: Sample) -> None:
    """How anyone can draw the sample again, and whether today's ledger still gives the same."""
    here = office()
    with reading(here.engine) as connection:
        found = redrawn(connection, Scope(here.stored, sample.last), sample)
    if found.is_same_frame and found.is_same:
        st.success("按今天的台账重抽，抽中的记录与当时完全相同。")
    else:
        _changed(found.changed)
    st.markdown(
        "下载的抽查表附有“抽样框”：每条可抽记录的记录键和抽签值，用任何工具都能照下面重抽。"
    )
    parts.facts(sample_words.method(sample))


def _changed(entries: Sequence[int]) -> None:
    if not entries:
        st.error("台账与抽取时不同，但没有登记过的变更。请到“核验”查看。")
        return
    st.warning(
        f"抽取以后，这段时间有 {len(entries)} 条记录新增、更正、撤回或重新计入，"
        "按今天的台账重抽会不同；抽查仍以抽取当时的内容为准。"
    )
    shown = entries[:_CHANGED_SHOWN]
    named = [(f"记录 {number}", links.to("entry", id=number)) for number in shown]
    parts.ways(*named)
