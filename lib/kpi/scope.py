"""What a figure is taken over: one contract, as of one day; and the rows that count there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_

from lib.store.schema import entry, entry_version

if TYPE_CHECKING:
    from datetime import date

    from lib.contract import Condition, Contract
    from lib.store.contracts import StoredContract


@dataclass(frozen=True)
class Scope:
    """One contract as of the end of one day."""

    stored: StoredContract
    as_of: date

    @property
    def contract(self) -> Contract:
        """The contract's terms."""
        return self.stored.terms

    @property
    def contract_id(self) -> int:
        """The id that its rows carry."""
        return self.stored.id

    def at(self, as_of: date) -> Scope:
        """The same contract as of another day."""
        return replace(self, as_of=as_of)


def counted(scope: Scope) -> ColumnElement[bool]:
    """Effective entries dated from the contract's start to the as-of day."""
    return and_(
        entry.c.contract_id == scope.contract_id,
        entry.c.effective,
        entry.c.day.between(scope.contract.start, scope.as_of),
    )


def of_kind(scope: Scope, kind: str) -> ColumnElement[bool]:
    """Counted entries of one kind."""
    return and_(counted(scope), entry.c.kind == kind)


def meeting(scope: Scope, condition: Condition) -> ColumnElement[bool]:
    """Counted entries of a kind whose field holds a value."""
    held = entry_version.c.details[condition.field].as_string()
    return and_(of_kind(scope, condition.kind), held == condition.value)
