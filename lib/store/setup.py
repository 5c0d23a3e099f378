"""Opening a contract in a store: schema, registration and calendar brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.errors import StoreError
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
        if calendar.fill(connection, contract.period):
            contracts.touch_all(connection)  # they share the calendar
    return stored


def opened(engine: Engine, contract: Contract) -> StoredContract:
    """The contract in a store that can be used; StoreError says what to do otherwise."""
    migrations.require_newest(engine)
    with reading(engine) as connection:
        stored = contracts.find(connection, contract)
        if contracts.is_half_filled(connection, stored.id):
            raise StoreError(
                "演示数据没有填完：或正在填入，请稍候；或曾被中断，请换一个空的数据库重新填入"
                "（默认的数据库是 data/store.db，可以删除）。"
            )
    return stored
