"""Cached reads, keyed by the store's revision: never stale, and they never expire needlessly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from lib.kpi import overview as kpi_overview
from lib.kpi.names import as_seen_by
from lib.kpi.scope import Scope
from lib.store import rosters
from lib.store.engine import reading
from lib.ui.resources import office, revision

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from lib.access import Viewer
    from lib.kpi.names import Names
    from lib.kpi.overview import Overview
    from lib.rosters import Roster

T = TypeVar("T")


def overview(as_of: date) -> Overview:
    """The contract as of a day; the same for every viewer, since it names nobody."""
    return of(kpi_overview.overview, as_of)


def roster() -> Roster:
    """The rosters, names in full: whoever shows one asks `access` first."""
    here = office()
    with reading(here.engine) as connection:
        return rosters.load(connection, here.stored.id)


def names(viewer: Viewer, as_of: date) -> Names:
    """Whose names this viewer sees in full: codes, no name in it, kept for each viewer apart."""
    return of(as_seen_by, as_of, viewer)


def of(read: Callable[..., T], as_of: date, *rest: Any) -> T:  # noqa: ANN401 - what `read` takes
    """What `read(connection, scope, *rest)` finds as of a day, kept until the ledger changes.

    It is kept for every viewer alike: `rest` says all it depends on, who is looking included.
    """
    name = f"{read.__module__}.{read.__qualname__}"
    found: T = _of(name, as_of, rest, _read=read, revision=revision())
    return found


@st.cache_data(show_spinner="正在汇总……", max_entries=256)
def _of(
    name: str,  # noqa: ARG001 - part of the cache's key
    as_of: date,
    rest: tuple[Any, ...],
    *,
    _read: Callable[..., Any],
    revision: int,  # noqa: ARG001 - part of the cache's key
) -> Any:  # noqa: ANN401 - whatever `_read` finds
    here = office()
    with reading(here.engine) as connection:
        return _read(connection, Scope(here.stored, as_of), *rest)
