"""What a contract comes to in words: nothing that the figures do not say (spec §4, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.reports.words import day_text, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lib.kpi.figures import Figure
    from lib.kpi.scope import Scope


def is_over(scope: Scope) -> bool:
    """Whether the scope's day is the contract's last."""
    return scope.as_of >= scope.contract.end


def verdict(scope: Scope, figure: Figure) -> str:
    """How an obligation stands; of a contract that is over, whether it was met."""
    if not is_over(scope):
        return figure.status(scope.contract.thresholds).label
    return "达标" if figure.delivered >= figure.required else "未达标"


def conclusion(scope: Scope, found: Sequence[Figure]) -> str:
    """How many obligations are met, and what is missing of the others."""
    missing = [figure for figure in found if figure.delivered < figure.required]
    met = len(found) - len(missing)
    ended = "合同期已满" if is_over(scope) else "合同未到期"
    said = (
        f"截至{day_text(scope.as_of)}，{ended}，"
        f"{len(found)} 项量化义务中有 {met} 项完成数达到合同数"
    )
    if not missing:
        return f"{said}，没有未达到的。"
    return f"{said}，{len(missing)} 项未达到：{'；'.join(map(_missing, missing))}。"


def _missing(figure: Figure) -> str:
    name, unit = figure.obligation.name, figure.obligation.unit
    told = (figure.delivered, figure.required, figure.required - figure.delivered)
    delivered, required, missing = map(quantity, told)
    return f"{name}完成 {delivered} {unit}，合同 {required} {unit}，少 {missing} {unit}"
