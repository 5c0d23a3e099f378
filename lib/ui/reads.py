"""Cached reads, keyed by the store's revision: never stale, and they never expire needlessly."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.actions import frozen as frozen_months
from lib.kpi import overview as kpi_overview
from lib.kpi.names import as_seen_by
from lib.kpi.scope import Scope
from lib.store import rosters, signatures
from lib.store.engine import reading
from lib.ui.resources import office, revision

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.actions.frozen import Frozen
    from lib.kpi.names import Names
    from lib.kpi.overview import Overview
    from lib.rosters import Roster
    from lib.store.signatures import Signature

T = TypeVar("T")
ANY_DAY = date.min  # of what is the same as of every day


def overview(as_of: date) -> Overview:
    """The contract as of a day; the same for every viewer, since it names nobody."""
    return of(kpi_overview.overview, as_of)


def roster() -> Roster:
    """The rosters, names in full: whoever shows one asks `access` first."""
    return of(_roster, ANY_DAY)


def _roster(connection: Connection, scope: Scope) -> Roster:
    return rosters.load(connection, scope.contract_id)


def frozen() -> Frozen:
    """The closed months; what an act is refused for, it asks for itself."""
    return of(_frozen, ANY_DAY)


def _frozen(connection: Connection, scope: Scope) -> Frozen:
    return frozen_months.frozen(connection, scope.stored)


def signed() -> Sequence[Signature]:
    """Every signature that was ever given to a month, those that hold no more included."""
    return of(_signed, ANY_DAY)


def _signed(connection: Connection, scope: Scope) -> Sequence[Signature]:
    return signatures.listed(connection, scope.contract_id)


def names(viewer: Viewer, as_of: date) -> Names:
    """Whose names this viewer sees in full: codes, no name in it, kept for each viewer apart."""
    return of(as_seen_by, as_of, viewer)


def of(read: Callable[..., T], as_of: date, *rest: Any) -> T:  # noqa: ANN401 - what `read` takes
    """What `read(connection, scope, *rest)` finds as of a day, kept until the ledger changes.

    It is kept for every viewer alike, and never changed: `rest` says all it depends on, who is
    looking included. It asks for nothing else that is kept: that is for `made`.
    """
    return _kept(read, (as_of, *rest), lambda: _asked(read, as_of, rest))


def made(make: Callable[..., T], *given: Any) -> T:  # noqa: ANN401 - what `make` takes
    """What `make(*given)` makes of what is kept, kept as long, for every viewer alike.

    No connection is held meanwhile: whoever holds one and asks for another, while all others do the
    same, waits for ever.
    """
    return _kept(make, given, lambda: make(*given))


def _kept(by: Callable[..., T], given: tuple[Any, ...], find: Callable[[], T]) -> T:
    here, now = office(), revision()
    key = by.__module__, by.__qualname__, given
    with nullcontext() if here.kept.has(now, key) else _said("正在汇总……"):
        return here.kept.found(now, key, find)


def _said(what: str) -> AbstractContextManager[None]:
    """What somebody waits for, where somebody does: not while the server gets ready."""
    return st.spinner(what) if get_script_run_ctx(suppress_warning=True) else nullcontext()


def _asked(read: Callable[..., T], as_of: date, rest: tuple[Any, ...]) -> T:
    here = office()
    with reading(here.engine) as connection:
        return read(connection, Scope(here.stored, as_of), *rest)
