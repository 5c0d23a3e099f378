"""The control of the as-of day, which stands in the address so that a link to it can be sent.

It is HTML: links to months' ends, which work without a script too, and the browser's own field for
a day. `as_of.js` has the page drawn for another day without loading it anew.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from lib.periods import Month
from lib.ui.links import Link

if TYPE_CHECKING:
    from lib.periods import Period

_PART = "as_of"


def asked() -> date | None:
    """The day that the address names; None where it names none."""
    try:
        return date.fromisoformat(st.query_params.get(_PART, ""))
    except ValueError:
        return None


def control(day: date, days: Period) -> str:
    """The control as HTML: the day shown, of those that can be."""
    around = Month.of(day)
    return (
        f'<div class="as-of" role="group" aria-label="截至日期">'
        f"{_end_of(around.previous, '上月', days)}"
        f'<label title="按这一天计算各项数字"><span aria-hidden="true">{day}</span>'
        f'<input type="date" required value="{day}" min="{days.first}" max="{days.last}"'
        ' aria-label="截至日期"></label>'
        f"{_end_of(around.next, '下月', days)}</div>"
    )


def _end_of(month: Month, label: str, days: Period) -> str:
    """A link to a month's last day, or the last that there is of it; a word where there is none."""
    first, last = max(month.first, days.first), min(month.last, days.last or month.last)
    if first > last:
        return f'<span class="none">{label}</span>'
    address = f"?{urlencode({**st.query_params.to_dict(), _PART: str(last)})}"
    return Link(label, address, f"看到 {month} 月末").markup
