"""Cached reads, keyed by the store's revision: never stale, and they never expire needlessly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.kpi import overview as kpi_overview
from lib.kpi.scope import Scope
from lib.store.engine import reading
from lib.ui.resources import office, revision

if TYPE_CHECKING:
    from datetime import date

    from lib.kpi.overview import Overview


def overview(as_of: date) -> Overview:
    """The contract as of a day; the same for every viewer, since it names nobody."""
    return _overview(as_of, revision=revision())


@st.cache_data(show_spinner="正在汇总……", max_entries=64)
def _overview(as_of: date, *, revision: int) -> Overview:  # noqa: ARG001 - the cache's key
    here = office()
    with reading(here.engine) as connection:
        return kpi_overview.overview(connection, Scope(here.stored, as_of))
