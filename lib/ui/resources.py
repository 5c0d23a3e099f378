"""The store and the contract that this process serves, opened once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from lib import clock, contract, settings
from lib.access import operator
from lib.actions import accounts
from lib.actions.begin import begin
from lib.errors import RefusedError
from lib.logs import require_known_kinds
from lib.store import contracts, setup
from lib.store.blobs import open_blobs
from lib.store.engine import open_store, reading
from lib.store.heads import keep_in
from lib.ui import moment
from lib.ui.file_desk import FileDesk
from lib.ui.kept import Kept
from lib.ui.looks import Looks
from lib.ui.upload_desk import Desk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Engine

    from lib.actions.accounts import Arrival
    from lib.contract import Contract
    from lib.kpi.all_contracts import Stand
    from lib.store.blobs import Blobs
    from lib.store.contracts import Standing, StoredContract

_ARRIVED = "arrived"


@dataclass(frozen=True)
class Office:
    """The store, the contract in it that is served here, and what was found of it so far.

    What was found of all contracts is kept apart: it changes with any of them. How they `stood`
    by a day stays until then, for those that did not change.
    """

    engine: Engine
    stored: StoredContract
    looks: Looks = field(default_factory=Looks)
    kept_log: Kept = field(default_factory=Kept)  # of the audit log, by its newest line
    kept: Kept = field(default_factory=Kept)
    kept_of_all: Kept = field(default_factory=Kept)
    stood: dict[date, Sequence[Stand]] = field(default_factory=dict)

    @property
    def contract(self) -> Contract:
        """The contract's terms."""
        return self.stored.terms


@st.cache_resource(show_spinner=False)
def office() -> Office:
    """Open store and contract; a wrong file or an old schema stops here, with its sentence."""
    path = settings.contract_path()
    terms = contract.load(path)
    require_known_kinds(terms, str(path))
    engine = keep_in(open_store(settings.database_url()), settings.audit_heads())
    here = Office(engine, setup.opened(engine, terms))
    begin(engine, here.stored, operator("系统", f"服务器 {settings.machine()}"), clock.now())
    return here


@st.cache_resource(show_spinner=False)
def blobs() -> Blobs:
    """Where photos and scans lie, opened when the first is asked for."""
    return open_blobs(settings.evidence_url())


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """The uploads that this process works on."""
    here = office()
    return Desk(here.engine, here.stored, clock.now)


@st.cache_resource(show_spinner=False)
def file_desk() -> FileDesk:
    """The files that this process makes."""
    here = office()
    return FileDesk(here.engine, here.stored, blobs, clock.now)


def sweep() -> None:
    """Drop what was made long enough ago."""
    file_desk().sweep()


def close(seconds: float) -> None:
    """Let what this process works on end, or break it off after so long; let go of the store."""
    try:
        here = office()
    except RefusedError:  # it was never opened
        return
    with ThreadPoolExecutor() as threads:
        for each in (desk(), file_desk()):
            threads.submit(each.stop, seconds)
    here.engine.dispose()


def revision() -> int:
    """What cached figures are keyed by: it grows with every act that may change one."""
    return standing().revision


def is_demonstration() -> bool:
    """Whether the data served here is made up, at this moment."""
    return standing().is_demonstration


def let_in(token: str) -> int | None:
    """The live session of a browser's token at one of its words; the run knows of it then."""
    here = office()
    found = here.looks.look(lambda: accounts.arrived(here.engine, here.stored, token, clock.now()))
    return found.session_id if found else None


def arrived(session_id: int) -> Arrival | None:
    """Who is signed in with a session, and how the contract stands; None when it has ended."""
    return moment.once(_ARRIVED, lambda: _arrived(session_id))


def _arrived(session_id: int) -> Arrival | None:
    here = office()
    return here.looks.taken(session_id) or accounts.arrived_in(
        here.engine, here.stored, session_id, clock.now()
    )


def standing() -> Standing:
    """Revision and nature of the data at this moment."""
    arrival = moment.known(_ARRIVED)
    return arrival.standing if arrival else moment.once("standing", _standing)


def _standing() -> Standing:
    here = office()
    with reading(here.engine) as connection:
        return contracts.standing(connection, here.stored.id)
