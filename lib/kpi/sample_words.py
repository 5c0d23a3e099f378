"""What a sample is and what it says, in the words officials read; the same on pages and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.logs import LOG_KINDS
from lib.periods import Month

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal
    from fractions import Fraction

    from lib.kpi.frame import Design
    from lib.kpi.samples import Sample
    from lib.kpi.sampling import Estimate

_NEARLY_ALL = 0.9995  # what is rounded to 100.0 %, and is not all


def days(first: date, last: date) -> str:
    """The days as a month where they are one, else from when to when."""
    month = Month.of(first)
    if (first, last) == (month.first, month.last):
        return str(month)
    return f"{first} 至 {last}" if first != last else str(first)


def kinds(chosen: Sequence[str], every: Sequence[str]) -> str:
    """The log kinds by their sheets' names; all of the contract's as that."""
    if set(chosen) == set(every):
        return "全部项目"
    return "、".join(LOG_KINDS[kind].sheet for kind in chosen)


def percent(value: Decimal) -> str:
    """A decimal that was asked for, as it was: 0.95 is 95%."""
    return f"{(value * 100).normalize():f}%"


def share(value: Fraction | float) -> str:
    """A share that was found, to a tenth of a percent; 100.0% is said of all alone."""
    return "99.9%" if _NEARLY_ALL <= value < 1 else f"{float(value):.1%}"


def sureness(design: Design | Sample) -> str:
    """How sure the answer shall be."""
    return f"置信度 {percent(design.confidence)}，误差 ±{percent(design.margin)}"


def between(found: Estimate) -> str:
    """The interval of the true rate."""
    return f"{share(found.interval.low)}–{share(found.interval.high)}"


def conclusion(sample: Sample) -> Sequence[str]:
    """What the sample says of its period, a sentence each; nothing before anything was decided."""
    found, checked = sample.estimate(), sample.checked()
    said = []
    if found:
        least, most = found.untrue_between
        so_far = "据此" if checked.looked_at == checked.drawn else "按已核查的部分"
        said.append(
            f"{so_far}估计 {days(sample.first, sample.last)} 的 {sample.population:,} 条中"
            f"约 {found.untrue_about:,} 条不实"
            f"（{percent(sample.confidence)} 置信区间 {least:,}–{most:,} 条）。"
        )
    worst = sample.estimate(doubtful_untrue=True)
    if checked.unverifiable and worst:
        said.append(
            f"{checked.unverifiable} 条无法核实，没有算进属实率；"
            f"若都按不符算，属实率为 {share(worst.rate)}。"
        )
    return said


def method(sample: Sample) -> Sequence[tuple[str, str]]:
    """All that is needed to draw the sample again, with nothing but SHA-256 and sorting."""
    return [
        ("抽样码", sample.seed),
        (
            "分层",
            (
                f"按“项目 × 村（社区）”分 {len(sample.strata)} 层（没有村的记录按项目），"
                "按各层条数比例抽，最大余数法取整，每层至少 1 条"
            ),
        ),
        (
            "抽签",
            (
                "每条记录的抽签值 = SHA-256(抽样码|项目代码|记录键)，UTF-8 编码、小写十六进制；"
                "每层取抽签值最小的若干条"
            ),
        ),
        (
            "样本量",
            (
                "n₀ = z²×0.25÷误差²，n = n₀÷(1+(n₀−1)÷总条数)，进位取整"
                "（Cochran 1977，有限总体修正）；各层至少 1 条，因此实际抽取可能略多"
            ),
        ),
        (
            "属实率",
            (
                "各层属实率按该层条数加权；区间用 Wilson 1927，样本量用 Kish 1965 的有效样本量；"
                "无法核实的不计入"
            ),
        ),
        ("抽样框校验值", sample.frame_hash),
        (
            "校验值算法",
            "全部可抽记录的 [项目代码, 记录键, 内容校验值] 排序后写成紧凑 JSON，再取 SHA-256",
        ),
    ]
