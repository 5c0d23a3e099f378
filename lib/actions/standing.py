"""How contracts stand, put down so that a restored store can be compared with it."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from lib.contract import Contract
from lib.kpi import verification
from lib.kpi.measures import measures
from lib.kpi.recomputed import signed_terms
from lib.kpi.scope import Scope
from lib.kpi.verification import Part
from lib.store import audit, contracts, signatures
from lib.store.backup.manifest import Checked, Standing
from lib.store.contracts import StoredContract

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection


def standings(connection: Connection, terms: Contract, today: date) -> list[Standing]:
    """How every contract of the store stands; figures are those of the one whose terms are given.

    Of the others the signed months' figures are kept in the store, with the terms of then.
    """
    return [
        _standing(connection, each, terms if each[1] == terms.code else None, today)
        for each in contracts.listed(connection)
    ]


def again(connection: Connection, then: Sequence[Standing]) -> list[Standing]:
    """How every contract stands now, under the terms and as of the days of an earlier standing."""
    before = {each.code: each for each in then}
    found = []
    for each in contracts.listed(connection):
        earlier = before.get(each[1])
        given = earlier.terms if earlier else None
        terms = Contract.model_validate_json(json.dumps(given)) if given else None
        as_of = date.fromisoformat(earlier.as_of) if earlier and terms else date.max
        found.append(_standing(connection, each, terms, as_of))
    return found


def _standing(
    connection: Connection, row: tuple[int, str, str], terms: Contract | None, today: date
) -> Standing:
    contract_id, code, name = row
    number, last_hash = audit.tail(connection, contract_id)
    checks = verification.of_store(connection, contract_id, lambda *_: None)
    scope = Scope(StoredContract(terms, contract_id), terms.as_of(None, today)) if terms else None
    return Standing(
        contract_id=contract_id,
        code=code,
        name=name,
        lines=number,
        last_hash=last_hash,
        checks=tuple(
            Checked(
                part=each.part, month=each.month, number=each.number, difference=each.difference
            )
            for each in checks
        ),
        terms=terms.model_dump(mode="json") if terms else None,
        as_of=scope.as_of.isoformat() if scope else "",
        figures=json.loads(json.dumps(measures(connection, scope))) if scope else None,
    )


def figures_differ(connection: Connection, standing: Standing) -> Iterator[str]:
    """What the signed months' figures come to otherwise than they were signed, in words.

    The connection may write: nothing of that is kept. Where rows differ, figures are not compared.
    """
    if standing.differences:
        return
    for month, held in signatures.closed(connection, standing.contract_id).items():
        stored = StoredContract(signed_terms(held), standing.contract_id)
        found = verification.figures_checked(connection, stored, held)
        if found.difference:
            yield f"{standing.code} {month} {Part.FIGURES.label}：{found.difference}"
