"""Which form the address of quick entry asks for, and what stands in it at first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from lib.access import may_record
from lib.kpi import recent
from lib.logs import LOG_KINDS, kinds_of
from lib.logs.cells import written
from lib.logs.columns import DAY, PEOPLE, SUBJECTS
from lib.logs.references import NameOf, Reference
from lib.problems import Fault
from lib.store import ledger
from lib.store.engine import reading
from lib.ui import choices, links, reads
from lib.ui.navigation import NotFoundError
from lib.ui.resources import office

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from lib.access import Viewer
    from lib.fields import Field
    from lib.kpi.rows import LedgerRow
    from lib.kpi.scope import Scope
    from lib.logs.kind import LogKind
    from lib.rosters import Roster
    from lib.store.ledger import Held
    from lib.ui.form import Written

_BEFORE = "quick_entry_before"


@dataclass(frozen=True)
class Asked:
    """A kind's form, of which the address gives some subjects; or an entry's, to be corrected."""

    kind: LogKind
    given: Mapping[str, str] = field(default_factory=dict)
    entry: Held | None = None

    @property
    def slot(self) -> str:
        """Where its draft is kept: the very words of the address."""
        if self.entry:
            return urlencode({"entry": self.entry.entry_id})
        return urlencode({"kind": self.kind.slug, **self.given})

    @property
    def columns(self) -> Sequence[Field]:
        """What is asked; a name that follows from a code is not."""
        return [column for column in self.kind.fields if not isinstance(column.type, NameOf)]

    @property
    def locked(self) -> frozenset[str]:
        """What decides which entry it is cannot be corrected."""
        return frozenset(self.kind.key_fields if self.entry else ())

    @property
    def fixed(self) -> Mapping[str, Written]:
        """What the locked columns hold, whatever a browser says."""
        held = written(self.kind, self.entry) if self.entry else {}
        return {slug: cell for slug, cell in held.items() if slug in self.locked}


def asked(viewer: Viewer, roster: Roster) -> Asked:
    """What the address asks for; NotFoundError where it names what is not there, or another's."""
    if "entry" in st.query_params:
        return _entry(viewer, roster)
    kind = _kind(viewer)
    return Asked(kind, _given(kind, roster))


def _entry(viewer: Viewer, roster: Roster) -> Asked:
    here = office()
    number = links.number_in(st.query_params["entry"]) or 0
    with reading(here.engine) as connection:
        found = ledger.held_entry(connection, here.stored.id, number)
    known = found and found.kind in here.contract.kinds
    if found is None or not known or not may_record(viewer, found.people, roster):
        raise NotFoundError
    return Asked(LOG_KINDS[found.kind], entry=found)


def _kind(viewer: Viewer) -> LogKind:
    """The kind to be entered: the address's, else the one of last time; another can be chosen."""
    names = {kind.slug: kind.sheet for kind in kinds_of(office().contract)}
    if st.query_params.get("kind", next(iter(names))) not in names:
        raise NotFoundError
    last = reads.of(_last_entered, reads.ANY_DAY, viewer.name)
    first = {last.kind: names[last.kind]} if last and last.kind in names else {}
    return LOG_KINDS[choices.one_of("kind", "记哪一项", first | names)]


def _given(kind: LogKind, roster: Roster) -> Mapping[str, str]:
    """The subjects that the address names, by their codes."""
    columns = [kind.by_slug[slug] for slug in SUBJECTS if slug in kind.by_slug]
    return {
        column.slug: _code(column, st.query_params[column.slug], roster)
        for column in columns
        if column.slug in st.query_params
    }


def _code(column: Field, text: str, roster: Roster) -> str:
    value = column.read(text)
    if isinstance(column.type, Reference) and value and not isinstance(value, Fault):
        value = column.type.resolve(value, roster, None)
    if value is None or isinstance(value, Fault):
        raise NotFoundError
    return str(value)


def beginning(viewer: Viewer, asked: Asked, today: date) -> Mapping[str, Written]:
    """What stands in the form at first, by slug: the entry; or the day, and what goes on."""
    if asked.entry:
        return written(asked.kind, asked.entry)
    day = str(office().contract.as_of(None, today))
    return {DAY.slug: day, **_going_on(viewer, asked.kind, today), **asked.given}


def go_on_from(kind: LogKind, cells: Mapping[str, Written]) -> None:
    """Let the next form of this visit begin where this one ended."""
    st.session_state[_BEFORE] = (kind.slug, cells)


def _going_on(viewer: Viewer, kind: LogKind, today: date) -> Mapping[str, Written]:
    """What is carried on from the entry before: from one of another day only who was there."""
    slug, cells = st.session_state.get(_BEFORE) or _before(viewer)
    if not slug:
        return {}
    carried = [each for each in kind.carried if each in LOG_KINDS[slug].carried]
    if _BEFORE not in st.session_state and cells[DAY.slug] != str(today):
        carried = [PEOPLE.slug]
    return {each: cells[each] for each in carried if each in cells}


def _before(viewer: Viewer) -> tuple[str, Mapping[str, Written]]:
    """The kind and the cells of the viewer's last entry on a form; the kind is "" without one."""
    last = reads.of(_last_entered, reads.ANY_DAY, viewer.name)
    return (last.kind, written(LOG_KINDS[last.kind], last)) if last else ("", {})


def _last_entered(connection: Connection, scope: Scope, account: str) -> LedgerRow | None:
    return recent.last_entered(connection, scope.contract_id, account)
