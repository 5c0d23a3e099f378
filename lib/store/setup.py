"""Opening a contract in a store: schema, registration and calendar brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.store import calendar, contracts, migrations
from lib.store.engine import reading, writing

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from lib.contract import Contract
    from lib.store.contracts import StoredContract


def prepare(engine: Engine, contract: Contract) -> StoredContract:
    """Migrate the store, register the contract, fill its calendar: all safe to repeat."""
    migrations.upgrade(engine)
    with writing(engine) as connection:
        stored = contracts.register(connection, contract)
        calendar.fill(connection, contract.period)
    return stored


def opened(engine: Engine, contract: Contract) -> StoredContract:
    """The contract in a store that is up to date; StoreError says what to run otherwise."""
    migrations.require_newest(engine)
    with reading(engine) as connection:
        return contracts.find(connection, contract)
