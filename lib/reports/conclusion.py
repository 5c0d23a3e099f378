"""What a contract comes to in words: nothing that the figures do not say (spec §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.reports.words import cut, day_text, quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lib.kpi.figures import Figure
    from lib.kpi.obligations import Obligations


def state(found: Obligations) -> str:
    """As of which day something is told, and whether the contract is over by then."""
    ended = "合同期已满" if found.is_over else "合同未到期"
    return f"截至{day_text(found.as_of)}，{ended}"


def conclusion(found: Obligations) -> Iterator[str]:
    """How many clauses are met and what is missing of the others, what is in doubt, what signed."""
    figures = [clause.figure for clause in found.judged if clause.figure]
    missing = [figure for figure in figures if figure.delivered < figure.required]
    met = len(figures) - len(missing)
    said = f"{state(found)}，{len(figures)} 项量化义务中有 {met} 项完成数达到合同数"
    if missing:
        yield f"{said}，{len(missing)} 项未达到：{'；'.join(map(_missing, missing))}。"
    else:
        yield f"{said}，没有未达到的。"
    odd, doubt = found.findings, found.findings.doubt
    yield (
        f"疑点已认定 {odd.confirmed} 项，尚未认定或排除 {odd.undecided} 项；"
        f"存疑 {quantity(doubt.confirmed)} 人天，待核 {quantity(doubt.undecided)} 人天，"
        "均未从完成数中扣除。"
    )
    yield f"服务已开始 {found.months} 个月，已签认 {found.signed} 个月。"


def _missing(figure: Figure) -> str:
    name, unit = figure.obligation.name, figure.obligation.unit
    done = cut(figure.delivered)
    delivered, required, missing = map(quantity, (done, figure.required, figure.required - done))
    return f"{name}完成 {delivered} {unit}，合同 {required} {unit}，少 {missing} {unit}"
