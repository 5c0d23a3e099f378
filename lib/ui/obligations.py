"""The pieces of the page of clauses: the answer, the table, the rosters, the indicators apart."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib.access import sees_acceptance
from lib.findings.found import State
from lib.kpi import obligations as kpi
from lib.kpi.figures import Status
from lib.kpi.selection import Selection, delivered
from lib.ui import finding_reads, links, matrix, navigation, parts, pieces, reads
from lib.ui.links import Link, content, linked
from lib.ui.matrix import Cell, Row
from lib.ui.parts import Tile, chip, quantity
from lib.ui.resources import office
from lib.ui.tallied import way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.kpi.obligations import CaseIndicators, Clause, Findings, Obligations, PlaceMonths
    from lib.kpi.samples import Checked
    from lib.kpi.scope import Scope

_STYLE = Path(__file__).with_name("obligations.css")
_NONE = "—"
_UNDECIDED = "undecided"  # the list's word for what is neither confirmed nor dismissed
_RULE = "完成数由日志逐条计算，点数字看记录；已撤回的、日期在合同期以外的记录一律不算。"
_HEADINGS = (
    ("term", "条款"),
    ("how", "怎么算"),
    ("number", "要求"),
    ("number", "应达"),
    ("number", "完成"),
    ("verdict", "判定"),
    ("source", "依据"),
    ("doubt", "疑点"),
    ("checked", "抽查"),
)


def page(viewer: Viewer, day: date) -> None:
    """The whole page as of a day."""
    st.html(_STYLE)
    pieces.kept(_page, viewer, day, st.query_params.get("clause", ""))


def _page(viewer: Viewer, day: date, asked: str) -> None:
    found = reads.of(_obligations, day)
    _answer(found)
    parts.tiles(_tiles(found, viewer))
    _table(found, viewer, asked)
    _rosters(found)
    _indicators(found, viewer)


def _obligations(connection: Connection, scope: Scope) -> Obligations:
    """The table, of the findings that others have asked for already."""
    return kpi.obligations(connection, scope, finding_reads.as_of(scope.as_of))


def _answer(found: Obligations) -> None:
    """How many clauses are all right, and which are not."""
    worst = _worst(found.judged)
    word = _words(found.judged, worst)
    parts.headline(worst, _sentence(found), f"截至 {found.as_of}", word)


def _worst(judged: Sequence[Clause]) -> Status:
    standing = {clause.standing for clause in judged}
    order = (Status.BEHIND, Status.WATCH, Status.ON_TRACK, Status.DONE)
    return next((status for status in order if status in standing), Status.NOT_DUE)


def _words(judged: Sequence[Clause], worst: Status) -> str:
    """The word for the worst of them; another once the contract is over."""
    return next((clause.verdict for clause in judged if clause.standing is worst), "只记录")


def _sentence(found: Obligations) -> str:
    judged = found.judged
    if not judged:
        return "本合同没有要判定的条款，所列项目只记录。"
    fine = sum(clause.is_fine for clause in judged)
    good = "达标" if judged[0].is_over else "已完成、正常或未到期"
    counts = f"{len(judged)} 条要判定的条款，{fine} 条{good}"
    logs = [] if any(clause.evidence.entries for clause in found.clauses) else ["还没有日志入账"]
    return "；".join([*logs, counts, *_troubled(judged)]) + "。"


def _troubled(judged: Sequence[Clause]) -> Iterator[str]:
    """The clauses that are not all right, by how they stand."""
    for status in (Status.BEHIND, Status.WATCH):
        clauses = [clause for clause in judged if clause.standing is status]
        if clauses:
            named = "、".join(clause.name for clause in clauses)
            yield f"{clauses[0].verdict} {len(clauses)} 条：{named}"


def _missing(clause: Clause) -> str:
    """What is missing, in the clause's unit; empty where nothing is."""
    if clause.figure is None or clause.missing is None:
        return ""
    word = "差" if clause.is_over else "比应达少"
    return f"{word} {quantity(clause.missing)} {clause.figure.obligation.unit}"


def _tiles(found: Obligations, viewer: Viewer) -> Sequence[Tile]:
    fine = sum(clause.is_fine for clause in found.judged)
    share = fine / len(found.judged) if found.judged else None
    months = Tile(
        "月度确认",
        f"{found.signed}",
        f"/ {found.months} 个月已签认",
        meter=found.signed / found.months,
        address=links.to("settlement"),
    )
    return [
        Tile(
            "达标" if found.is_over else "按进度",
            f"{fine}",
            f"/ {len(found.judged)} 条",
            meter=share,
        ),
        months,
        *_findings_tiles(found.findings, viewer),
        _checked_tile(found.checked, viewer),
    ]


def _findings_tiles(found: Findings, viewer: Viewer) -> Sequence[Tile]:
    open_days, sure_days = quantity(found.doubt.undecided), quantity(found.doubt.confirmed)
    return [
        Tile(
            "待核疑点",
            f"{found.undecided:,}",
            f"个，{open_days} 人天",
            address=_to_findings(viewer, state=_UNDECIDED),
        ),
        Tile(
            "存疑",
            f"{found.confirmed:,}",
            f"个，{sure_days} 人天",
            "已认定；人天并列，不从完成数中扣",
            address=_to_findings(viewer, state=State.CONFIRMED),
        ),
    ]


def _to_findings(viewer: Viewer, **asked: str) -> str:
    """The address of findings of all months; none for whoever sees those of the own team only."""
    return links.to("findings", month="all", **asked) if sees_acceptance(viewer) else ""


def _checked_tile(checked: Checked, viewer: Viewer) -> Tile:
    said = _said(checked)
    note = f"抽中 {checked.drawn} 条" if checked.drawn else "还没有抽查"
    address = links.to("samples") if sees_acceptance(viewer) else ""
    return Tile("抽查属实", f"{checked.true:,}", f"/ {said:,} 条已核", note, address=address)


def _said(checked: Checked) -> int:
    """How many of the sampled entries have a result."""
    return checked.true + checked.untrue + checked.unverifiable


def _table(found: Obligations, viewer: Viewer, asked: str) -> None:
    """The clauses in the contract's order; one alone where the address names it."""
    shown = [
        (number, clause)
        for number, clause in enumerate(found.clauses, 1)
        if asked in {"", clause.code}
    ]
    if not shown or asked:
        parts.ways(("看全部条款", links.to("obligations", as_of=found.as_of)))
    if not shown:
        pieces.info("合同里没有这一条。")
        return
    pieces.heading("逐条对照")
    pieces.draw(f'<p class="summary">{_RULE}</p>')
    head = "".join(
        f'<th class="{kind}" role="columnheader">{word}</th>' for kind, word in _HEADINGS
    )
    rows = "".join(_row(number, clause, found.as_of, viewer) for number, clause in shown)
    pieces.draw(
        '<table class="clauses" role="table"><thead role="rowgroup">'
        f'<tr role="row">{head}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def _row(number: int, clause: Clause, day: date, viewer: Viewer) -> str:
    cells = (
        _term(number, clause, day),
        _how(clause),
        *_amounts(clause, day),
        _verdict(clause),
        _lines(_evidence(clause, day, viewer)),
        _lines(_doubts(clause, viewer)),
        _lines(_checks(clause.checked, viewer)),
    )
    inside = "".join(
        f'<td class="{kind}" role="cell" data-heading="{word}">{cell}</td>'
        for (kind, word), cell in zip(_HEADINGS, cells, strict=True)
    )
    return f'<tr class="clause" role="row">{inside}</tr>'


def _term(number: int, clause: Clause, day: date) -> str:
    """Its number and name, a way to the page that looks at it, and the contract's own words."""
    subject = links.to_subject(clause.figure.obligation, day) if clause.figure else ""
    words = f"<q>{escape(clause.words)}</q>" if clause.words else "<i>合同文件没有写原文</i>"
    return f"<b>{number}. {content(linked(clause.name, subject))}</b>{words}"


def _how(clause: Clause) -> str:
    measured = clause.measured
    said = [("完成", measured.counts), ("要求", measured.against), ("不算", measured.left_out)]
    return "".join(f"<p><b>{word}</b>{escape(text)}</p>" for word, text in said if text)


def _amounts(clause: Clause, day: date) -> tuple[str, str, str]:
    """Required, due and delivered; of what is only recorded, the entries."""
    figure = clause.figure
    if figure is None:
        entries = clause.evidence.entries
        return _NONE, _NONE, content(way(f"{entries:,} 条", entries, clause.rows, day))
    rows = links.to_rows(delivered(figure.obligation), day) if figure.delivered else ""
    done = linked(quantity(figure.delivered), rows)
    required = f"{quantity(figure.required)} {escape(figure.obligation.unit)}"
    return required, quantity(figure.due), content(done)


def _verdict(clause: Clause) -> str:
    missing = _missing(clause)
    small = f"<small>{escape(missing)}</small>" if missing else ""
    return f"{chip(clause.standing or Status.NOT_DUE, clause.verdict)}{small}"


def _evidence(clause: Clause, day: date, viewer: Viewer) -> Iterator[str | Link]:
    """The entries, those with pictures, and the receipts by which they came."""
    behind = clause.evidence
    yield way(f"记录 {behind.entries:,} 条", behind.entries, clause.rows, day)
    sees_all = navigation.may_open(viewer, "logs/history") and viewer.team is None
    history = links.to("history", kind=clause.kind, as_of=day)
    yield linked(f"回执 {behind.receipts:,} 张", history if sees_all and behind.receipts else "")
    pictured = kpi.pictured(clause.rows)
    yield way(f"有照片 {behind.pictured:,} 条", behind.pictured, pictured, day)


def _doubts(clause: Clause, viewer: Viewer) -> Iterator[str | Link]:
    found = clause.findings
    if not found.undecided and not found.confirmed:
        yield "无"
    for word, state, number, days in (
        ("待核", _UNDECIDED, found.undecided, found.doubt.undecided),
        ("存疑", State.CONFIRMED, found.confirmed, found.doubt.confirmed),
    ):
        if number:
            beside = f"，{quantity(days)} 人天" if days else ""
            listed = _to_findings(viewer, kind=clause.kind, state=state)
            yield linked(f"{word} {number:,} 个{beside}", listed)


def _checks(checked: Checked, viewer: Viewer) -> Iterator[str | Link]:
    samples = links.to("samples") if sees_acceptance(viewer) else ""
    if not checked.drawn:
        yield "未抽"
        return
    yield linked(f"已核 {_said(checked):,} / 抽中 {checked.drawn:,} 条", samples)
    yield f"属实 {checked.true:,} 条"
    if checked.untrue:
        yield f"不符 {checked.untrue:,} 条"
    if checked.unverifiable:
        yield f"无法核实 {checked.unverifiable:,} 条"


def _lines(shown: Iterator[str | Link]) -> str:
    return "".join(f"<p>{content(each)}</p>" for each in shown)


def _rosters(found: Obligations) -> None:
    """What the contract says the rosters hold, beside what they hold."""
    pieces.heading("名册数字")
    parts.listing(
        [
            {
                "名册": each.name,
                "合同": f"{each.contracted:,}",
                "名册实有": f"{each.listed:,}",
                "判定": "一致"
                if each.contracted == each.listed
                else f"不一致，相差 {abs(each.contracted - each.listed):,}；要求以合同为准",
            }
            for each in found.roster
        ]
    )


def _indicators(found: Obligations, viewer: Viewer) -> None:
    """What only helps to manage, apart and labelled so."""
    if not found.places and not found.cases:
        return
    pieces.heading("管理指标")
    pieces.draw('<p class="summary">管理指标，不是合同义务，不参与上面的判定。</p>')
    for places in found.places:
        _place_months(places, found.as_of)
    if found.cases:
        parts.listing([line for each in found.cases for line in _wanted(each, found, viewer)])


def _place_months(places: PlaceMonths, day: date) -> None:
    """Localities visited, by month; the contract names no monthly frequency."""
    obligation = places.obligation
    cells = [
        Cell(
            way(f"{number}", number, Selection(figure=obligation.code, month=month), day),
            matrix.shade(number / places.localities) if places.localities else 0,
        )
        for month, number in places.months.items()
    ]
    name = f"{obligation.name}（名册 {places.localities} {obligation.unit}）"
    matrix.matrix(obligation.name, "月份", list(places.months), [Row(name, cells)])


def _wanted(
    found: CaseIndicators, whole: Obligations, viewer: Viewer
) -> Iterator[dict[str, str | Link]]:
    """What the national rule wants (最低生活保障审核确认办法, 2021) of cases."""
    limits, unit, times = office().contract.thresholds, found.obligation.unit, found.times
    days, people = limits.inquiry_within_working_days, limits.people_at_home_survey
    late = Selection(figure=found.obligation.code, state="late")
    source = "最低生活保障审核确认办法（2021）"
    yield {
        "指标": f"受理后 {days} 个工作日内调查",
        "出处": source,
        "现状": f"已调查 {times.answered:,} {unit}中按时 {times.within:,} {unit}",
        "未达": way(f"超期待调查 {found.late:,} {unit}", found.late, late, whole.as_of),
    }
    alone = _to_findings(viewer, rule=kpi.FEW_PEOPLE)
    yield {
        "指标": f"入户调查 {people} 人以上",
        "出处": source,
        "现状": f"调查记录 {found.entries:,} 条",
        "未达": linked(f"人数不够 {found.few_people:,} 条", alone if found.few_people else ""),
    }
