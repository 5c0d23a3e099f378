"""Samples in a report: each drawn of what, what was found, and what that says of the whole."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from lib.kpi import samples
from lib.logs import LOG_KINDS
from lib.reports.document import Column, Note, Paragraph, Table, numbers
from lib.reports.words import NONE, day_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.kpi.samples import Sample
    from lib.kpi.sampling import Interval
    from lib.kpi.scope import Scope
    from lib.reports.document import Block

_ESTIMATED = (
    "估计属实率按各层记录数加权，括号内为按抽样置信度计算的置信区间（威尔逊法）；"
    "无法核实的记录不参与估计。同一抽样码和同样的记录总能抽出同样的样本，可以重新抽出核对。"
)


def blocks(connection: Connection, scope: Scope, first: date, last: date) -> Iterator[Block]:
    """The paragraphs and the table of a chapter on the samples drawn of these days."""
    every = samples.listed(connection, scope.contract_id)
    found = sorted(
        (each for each in every if each.first <= last and each.last >= first),
        key=lambda each: each.sample_id,
    )
    if not found:
        yield Paragraph("没有抽查记录。")
        return
    yield Paragraph(f"共抽查 {len(found)} 次。")
    for each in found:
        yield Paragraph(_drawn(each))
    yield _listed(found)
    yield Note(_ESTIMATED)


def _drawn(sample: Sample) -> str:
    """How a sample was drawn, so that it can be drawn again."""
    kinds = "、".join(LOG_KINDS[kind].sheet for kind in sample.kinds)
    return (
        f"第 {sample.sample_id} 次：{day_text(sample.first)}至{day_text(sample.last)}的{kinds}，"
        f"共 {sample.population:,} 条，抽取 {len(sample.items):,} 条；"
        f"置信度 {float(sample.confidence):.0%}，误差 ±{float(sample.margin):.0%}，"
        f"抽样码 {sample.seed}。"
    )


def _listed(found: Sequence[Sample]) -> Table:
    heads = numbers(2, "次序", "总体", "抽取", "属实", "不符", "无法\n核实", "未核实")
    rows = [_row(each) for each in found]
    return Table("抽查结果", [*heads, Column("估计属实率", 6, is_number=True)], rows)


def _row(sample: Sample) -> list[str]:
    checked = sample.checked()
    told = (
        sample.sample_id,
        sample.population,
        checked.drawn,
        checked.true,
        checked.untrue,
        checked.unverifiable,
        checked.drawn - checked.looked_at,
    )
    estimate = sample.estimate()
    rate = f"{float(estimate.rate):.1%}{_between(estimate.interval)}" if estimate else NONE
    return [*(f"{number:,}" for number in told), rate]


def _between(interval: Interval) -> str:
    """An interval, rounded outwards."""
    low, high = floor(interval.low * 1000) / 1000, ceil(interval.high * 1000) / 1000
    return f"（{low:.1%}–{high:.1%}）"
