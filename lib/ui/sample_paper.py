"""A sample on paper: place by place, what to check, and room for what is found."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.kpi import sample_words
from lib.kpi.cells import Eyes
from lib.kpi.samples import Result
from lib.logs import LOG_KINDS
from lib.reports.sample_sheet import drawn_versions, told
from lib.store.engine import reading
from lib.ui import reads, worklist
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lib.access import Viewer
    from lib.kpi.samples import Item, Sample
    from lib.kpi.versions import Version

    Versions = Mapping[tuple[int, int], Version]

_HEADINGS = (("number", "序"), ("what", "记录"), ("", "内容"), ("found", "结果"), ("note", "备注"))


def sheet(viewer: Viewer, sample: Sample) -> None:
    """The sheet: a table for each place, in the order of trips."""
    worklist.style()
    st.caption("用浏览器的“打印”即可打印成 A4 纸，或存为 PDF 文件；每村一表，可带着走。")
    here, eyes = office(), Eyes(viewer, reads.roster(), masked=True)
    with reading(here.engine) as connection:
        versions = drawn_versions(connection, here.stored.id, sample.items)
    made = clock.local_text(clock.now())
    heading = (
        f"{here.contract.name} · 抽查表 {sample_words.days(sample.first, sample.last)} · "
        f"抽样码 {sample.seed} · 共 {len(sample.items)} 条，制表 {made}"
        "　核查人：＿＿＿＿＿＿　日期：＿＿＿＿＿＿"
    )
    tables = "".join(
        _place(code, list(items), versions, eyes)
        for code, items in groupby(sample.items, key=lambda item: _place_of(item, versions))
    )
    st.html(f'<div class="paper sampled"><p class="summary">{escape(heading)}</p>{tables}</div>')


def _place_of(item: Item, versions: Versions) -> str:
    return versions[item.entry_id, item.version].locality or ""


def _place(code: str, items: Iterable[Item], versions: Versions, eyes: Eyes) -> str:
    place = eyes.roster.localities.get(code)
    name = f"{place.name}（{place.subdistrict}）" if place else "没有写村（社区）的"
    widths = "".join(f'<col class="{kind}"/>' for kind, _ in _HEADINGS)
    headings = "".join(f"<th>{word}</th>" for _, word in _HEADINGS)
    lines = "".join(_line(item, versions[item.entry_id, item.version], eyes) for item in items)
    return (
        f"<table><colgroup>{widths}</colgroup>"
        f'<thead><tr><th colspan="{len(_HEADINGS)}"><b>{escape(name)}</b></th></tr>'
        f"<tr>{headings}</tr></thead><tbody>{lines}</tbody></table>"
    )


def _line(item: Item, version: Version, eyes: Eyes) -> str:
    told_first = (LOG_KINDS[item.kind].sheet, str(item.day), eyes.people(version))
    what = "<br>".join(map(escape, told_first))
    boxes = "<br>".join(
        f"{'☑' if item.last and item.last.result is each else '☐'} {each.label}" for each in Result
    )
    note = escape(eyes.said(item.last.note)) if item.last else ""
    return (
        f"<tr><td>{item.position}</td><td>{what}</td><td>{escape(told(version, eyes))}</td>"
        f"<td>{boxes}</td><td>{note}</td></tr>"
    )
