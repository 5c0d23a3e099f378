"""What an act will change of the figures, drawn before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib import clock
from lib.kpi.scope import Scope
from lib.ui import parts
from lib.ui.resources import office

if TYPE_CHECKING:
    from datetime import date

    from lib.kpi.effects import Effect
    from lib.kpi.figures import Figure


def scope_now() -> Scope:
    """The contract as of today, or of its end."""
    here = office()
    return Scope(here.stored, here.contract.as_of(None, clock.business_today()))


def words(effect: Effect) -> str:
    """How many person-days come or go."""
    return f"{change(effect)} 人天" if effect.person_days else "人天合计不变"


def change(effect: Effect) -> str:
    """The same as a number to glance at."""
    if not effect.person_days:
        return "不变"
    more = "多" if effect.person_days > 0 else "少"
    return f"{more} {parts.quantity(abs(effect.person_days))}"


def moved(effect: Effect, as_of: date) -> None:
    """Each figure that moves, before and after."""
    if effect.moved:
        rows = [(before.obligation, before, after) for before, after in effect.moved]
        parts.listing(
            [
                {"变化的数字": about.name, "现在": _text(before), "之后": _text(after)}
                for about, before, after in rows
            ]
        )
    st.caption(f"按截至 {as_of} 计算" + ("。" if effect.moved else "，各项义务的数字都不变。"))


def _text(figure: Figure) -> str:
    done, whole = parts.quantity(figure.delivered), parts.quantity(figure.required)
    return f"{done} / {whole} {figure.obligation.unit}"
