"""Charts, as Altair specifications with Chinese words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from fractions import Fraction

    from lib.kpi.burn_up import BurnUp

_DELIVERED, _DUE, _CONTRACTED = "累计完成", "应达", "合同总量"
_AMOUNT = "数量"
_HEIGHT = 230


def burn_up(series: BurnUp) -> alt.LayerChart | alt.FacetChart:
    """Delivered against due, over the contract's days."""
    frame = pd.concat(
        [
            _line(series.days[: len(series.delivered)], series.delivered, _DELIVERED),
            _line(series.days, series.due, _DUE),
        ]
    )
    colour = alt.Color(
        field="名称",
        type="nominal",
        title=None,
        scale=alt.Scale(domain=[_DELIVERED, _DUE], range=["#1f5f99", "#55606e"]),
        legend=alt.Legend(orient="top", symbolType="stroke", symbolSize=500),
    )
    lines = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X(field="日期", type="temporal", title=None, axis=_months()),
            y=alt.Y(field=_AMOUNT, type="quantitative", title=None),
            color=colour,
            strokeDash=alt.StrokeDash(
                field="名称",
                type="nominal",
                legend=None,
                scale=alt.Scale(domain=[_DELIVERED, _DUE], range=[[1, 0], [5, 4]]),
            ),
            tooltip=[
                alt.Tooltip(field="日期", type="temporal", format="%Y-%m-%d"),
                alt.Tooltip(field="名称", type="nominal"),
                alt.Tooltip(field=_AMOUNT, type="quantitative", title=series.unit, format=",.1f"),
            ],
        )
    )
    words = f"{_CONTRACTED} {float(series.required):,.0f} {series.unit}"
    total = alt.Chart(pd.DataFrame({_AMOUNT: [float(series.required)], "名称": [words]})).encode(
        y=alt.Y(field=_AMOUNT, type="quantitative", title=None)
    )
    rule = total.mark_rule(color="#8a95a3")
    label = total.mark_text(align="left", dy=-7, color="#55606e").encode(
        x=alt.value(4), text=alt.Text(field="名称", type="nominal")
    )
    return alt.layer(rule, label, lines).properties(height=_HEIGHT)


def _line(days: Sequence[date], values: Sequence[Fraction], name: str) -> pd.DataFrame:
    numbers = [float(value) for value in values]
    return pd.DataFrame({"日期": pd.to_datetime(list(days)), _AMOUNT: numbers, "名称": name})


def _months() -> alt.Axis:
    return alt.Axis(format="%-m月", tickCount="month", labelOverlap=True, grid=False)
