"""What is noted when a contract begins to be served: that heads are kept, and its terms."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lib.access import may_administer, require
from lib.kpi.verification import HEADS_KEPT
from lib.store import audit, contracts, grants, heads
from lib.store.chain import canonical
from lib.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from lib.access import Viewer
    from lib.contract import Contract
    from lib.store.contracts import StoredContract

_LOG = logging.getLogger("lib.audit")
ENTERED, CHANGED = "enter_contract", "change_terms"


def begin(engine: Engine, stored: StoredContract, viewer: Viewer, now: datetime) -> None:
    """Note the contract's terms where they are not those on record, and that heads are kept.

    The terms decide what is paid; they stand in a file, so a change is only seen once it is served.
    Nothing is written while all is as it was. StoreError where it cannot be.
    """
    require(may_administer(viewer), "启用合同")
    with reading(engine) as connection:
        settled = _terms_stand(connection, stored) and _heads_stand(engine, connection, stored)
    if not settled:
        _note_heads(engine, stored, viewer, now)
        _note_terms(engine, stored, viewer, now)
    heads.follow(engine, stored)
    with reading(engine) as connection:
        for remark in grants.remarks(connection):
            _LOG.warning("%s", remark)


def _terms_stand(connection: Connection, stored: StoredContract) -> bool:
    """Whether the terms are those on record, and those kept for who looks at all contracts."""
    recorded = on_record(connection, stored) == terms_of(stored.terms)
    return recorded and contracts.is_registered(connection, stored)


def _note_terms(engine: Engine, stored: StoredContract, viewer: Viewer, now: datetime) -> None:
    with contracts.acting(engine, stored) as connection:
        held, terms = on_record(connection, stored), terms_of(stored.terms)
        if not contracts.is_registered(connection, stored):
            contracts.register_again(connection, stored)
        if held == terms:
            return
        before, after = changed(held, terms), changed(terms, held)
        audit.record(
            connection,
            stored.id,
            at=now,
            viewer=viewer,
            act=CHANGED if held else ENTERED,
            subject=f"contract {stored.terms.code}",
            before=before if held else None,
            after=after,
        )
        contracts.touch(connection, stored.id)


def terms_of(terms: Contract) -> Mapping[str, str]:
    """The terms one by one: what each is called in the file, codes in place of numbers, and says.

    What is not agreed has no line.
    """
    return dict(_flat("", terms.model_dump(mode="json")))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any part of the file
    match value:
        case dict():
            for key, part in value.items():
                yield from _flat(f"{name}.{key}" if name else key, part)
        case list() if value and all(isinstance(part, dict) and "code" in part for part in value):
            for part in value:
                yield from _flat(f"{name}.{part['code']}", part)
        case None:
            return
        case str():
            yield name, value
        case _:
            yield name, canonical(value)


def changed(these: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Those of the terms that are not the same among the others."""
    return {name: value for name, value in these.items() if others.get(name) != value}


def on_record(connection: Connection, stored: StoredContract) -> Mapping[str, str]:
    """The terms as the audit log has them: as entered, and each change after that."""
    terms: dict[str, str] = {}
    for before, after in audit.changes(connection, stored.id, (ENTERED, CHANGED)):
        for name in before or {}:
            terms.pop(name, None)
        terms |= after or {}
    return terms


def _heads_stand(engine: Engine, connection: Connection, stored: StoredContract) -> bool:
    return heads.place(engine) is None or audit.last(connection, stored.id, HEADS_KEPT) is not None


def _note_heads(engine: Engine, stored: StoredContract, viewer: Viewer, now: datetime) -> None:
    """Say in the log that heads are kept from here on, once those of its lines so far are."""
    path = heads.place(engine)
    if path is None or heads.fault(engine):
        return
    with contracts.acting(engine, stored) as connection:
        if audit.last(connection, stored.id, HEADS_KEPT):
            return
        heads.begin(connection, path, stored, now)
        audit.record(connection, stored.id, at=now, viewer=viewer, act=HEADS_KEPT, subject="audit")
